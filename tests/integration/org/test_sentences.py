"""Whole sentences of org as a person reads them, in both languages: names and local times, no codes and no UTC."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.errors import RemoteProblem
from tests.integration.org.city import City, rows
from tests.integration.org.people import COMMUNITY_PATH, COUNTY_PATH, GRID_PATH, add_user
from tests.servers.site import Site
from tests.unit.org.places import COMMUNITY, GRID

LAMP = "component.utility.street-lamp"
ENTRY = {"kind": "duties", "category": LAMP, "tier": "street", "lead": "water", "legal_basis": "《城市照明管理规定》"}


def told(city: City, method: str, **args: Any) -> tuple[str, str]:
    """What the refusal says in English and Chinese; of a form, what is wrong with its first field."""
    with pytest.raises(RemoteProblem) as refused:
        city.ask(method, **args)
    wire = refused.value.wire
    for fault in wire["data"].get("fields", []):
        return fault["reason"]["en"], fault["reason"]["zh-CN"]
    return wire["en"], wire["zh"]


@pytest.fixture
def city(city: City) -> City:
    city.open_grid(GRID, COMMUNITY, name="第一网格")
    city.ask("open_unit", unit="water", name="区水务局", kind="department", path=COUNTY_PATH)
    return city


def test_lists_and_powers_name_units_matters_and_tiers(city: City) -> None:
    en, zh = told(city, "responsible", category=LAMP, tier="street")
    assert en.startswith("No entry of the responsibility lists is in force for Street lamp at the street tier at that")
    assert zh == "职责清单中没有当时有效的条目：路灯（街道），请先添加。"
    city.ask("make_list_entry", **ENTRY)
    assert told(city, "make_list_entry", **ENTRY) == (
        "An entry with the lead 区水务局 is already in force for this category and tier in that period; end it first.",
        "同一类别、同一层级在该时段已有由区水务局牵头的条目，请先终止该条目。",
    )
    assert told(city, "make_list_entry", **{**ENTRY, "lead": "gas"})[1] == "“gas”不是本地的部门或区划"
    community = city.someone("community", area=COMMUNITY_PATH)
    assert told(city, "require_power", by=community, power="dispatch_enforcement") == (
        "The community tier does not hold the power “dispatches enforcement”; ask one that does: street.",
        "社区层级无“综合执法指挥调度权”，请报有权层级办理：街道。",
    )


def test_posts_and_places_are_named(city: City) -> None:
    post = {"title": "街道干部", "duties": ["办理"]}
    assert told(city, "open_post", kind="street_officer", unit=COMMUNITY, area=COMMUNITY_PATH, **post) == (
        "the post of street officer must be at the tier street, not community",
        "街道干部岗位须设在街道，不能设在社区",
    )
    leader = {"kind": "building_leader", "title": "楼栋长", "unit": COMMUNITY, "area": GRID_PATH, "duties": ["巡查"]}
    held = city.ask("open_post", **leader)["id"]
    terms = {"subject": add_user(city, "zhao"), "post": held, "duty": "巡查", "area": COMMUNITY_PATH}
    assert told(city, "assign", **terms) == (
        "must be in the area of the post, 第一网格",
        "须在岗位区域（第一网格）内",
    )
    city.ask("close_post", post=held)
    assert told(city, "assign", **{**terms, "area": GRID_PATH})[1] == "岗位“楼栋长”已撤销，请选择在用的岗位。"


def test_a_rejected_row_of_an_import_is_explained_by_names(city: City) -> None:
    moved = rows((COMMUNITY, "150302", "community", "新海社区居委会"))
    [rejected] = city.ask("import_divisions", rows=moved)["rejected"]
    assert rejected["reason"] == {
        "en": "parent: 新海社区居委会 is a community of 新华街道 and cannot be moved",
        "zh-CN": "parent：新海社区居委会是新华街道下的社区，不能移动",
    }


def test_a_moment_is_said_on_the_clocks_of_the_city(city: City, org_site: Site) -> None:
    centre = city.someone("centre", area=COUNTY_PATH)
    until = (org_site.now + timedelta(days=1)).isoformat()
    declared = city.ask(
        "declare_emergency", by=centre, hazard="flood", area=COUNTY_PATH, order="防汛指挥部令", until=until
    )
    ended = city.ask("end_emergency", by=centre, emergency=declared["id"])["ended"]
    local = datetime.fromisoformat(ended) + timedelta(hours=8)
    en, zh = told(city, "end_emergency", by=centre, emergency=declared["id"])
    assert en == f"This emergency ended at {local.day} {local:%b}, {local:%H:%M}; declare a new one if it goes on."
    assert zh == f"该应急状态已于{local.month}月{local.day}日 {local:%H:%M} 结束，如需继续请重新启动。".replace(
        " 结束", "结束"
    )
