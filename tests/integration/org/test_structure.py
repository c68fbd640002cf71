"""Tenants, divisions, the party tree and emergency mode, through the running service."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.errors import RemoteProblem
from tests.integration.org.city import DIVISIONS, City, rows
from tests.integration.org.client import OrgClient
from tests.servers.site import Site
from tests.servers.waiting import wait_for
from tests.unit.org.places import COMMUNITY, GRID, STREET


def code_of(refusal: pytest.ExceptionInfo[RemoteProblem]) -> str:
    return str(refusal.value.to_wire()["code"])


def test_a_tenants_first_event_is_in_its_log(city: City) -> None:
    [opened] = wait_for(lambda: city.events("org.tenant.changed.v1"))
    assert opened["data"]["id"] == city.tenant
    assert opened["data"]["path"] == "/1503/"
    assert opened["sequence"] == 1


def test_a_new_tenant_gets_the_root_of_its_tree(client: OrgClient) -> None:
    city = City(client, "rooted")
    city.ask("open_tenant", by=city.someone("operator", area=""), root="1503", tier="city", settings={"name": "乌海"})
    [root] = wait_for(lambda: city.ask("list_divisions")["items"])
    assert (root["path"], root["name"]) == ("/1503/", "乌海")


def test_a_tenant_is_opened_once(city: City) -> None:
    operator = city.someone("operator", area="")
    with pytest.raises(RemoteProblem) as refusal:
        city.ask("open_tenant", by=operator, root="1503", tier="city", settings={"name": "另一个"})
    assert code_of(refusal) == "taken"
    assert city.ask("get_tenant")["name"] == "乌海市"


def test_the_same_key_has_the_same_answer(client: OrgClient) -> None:
    city = City(client, "same-key")
    opening = {
        "by": city.someone("operator", area=""),
        "root": "1503",
        "tier": "city",
        "settings": {"name": "乌海市"},
        "key": "k1",
    }
    assert city.ask("open_tenant", **opening) == city.ask("open_tenant", **opening)


def test_changed_settings_reach_the_log_and_keep_to_if_match(city: City) -> None:
    version = city.ask("get_tenant")["version"]
    limits = {"case": {"P3": "5wd"}}
    changed = city.ask("change_settings", patch={"limits": limits}, if_match=version)
    assert changed["limits"]["case"]["P3"] == "5wd"
    assert changed["changed"] == [{"setting": "limits.case.P3", "previous": "7d", "current": "5wd"}]
    assert city.ask("get_tenant") == {name: value for name, value in changed.items() if name != "changed"}
    assert wait_for(lambda: city.events("org.tenant.changed.v1")[1:])[0]["data"]["limits"] == limits
    with pytest.raises(RemoteProblem) as refusal:
        city.ask("change_settings", patch={"name": "别的"}, if_match=version)
    assert code_of(refusal) == "stale"
    with pytest.raises(RemoteProblem) as refusal:
        city.ask("change_settings", patch={"name": "别的"})
    assert code_of(refusal) == "version_missing"


def test_an_inventory_with_grids_and_a_hazard_that_is_declared_stay_in_the_settings(city: City, org_site: Site) -> None:
    def change(**patch: Any) -> Any:
        return city.ask("change_settings", patch=patch, if_match=city.ask("get_tenant")["version"])

    change(inventories=[{"code": "fire", "name": "消防"}, {"code": "party", "name": "党建"}])
    city.open_grid(f"fire.{COMMUNITY}001", COMMUNITY, inventory="fire")
    until = org_site.now + timedelta(days=1)
    declaration = {"hazard": "flood", "area": "/1503/", "order": "防汛指挥部令", "until": until.isoformat()}
    city.ask("declare_emergency", by=city.someone("centre"), **declaration)
    hazards = [each for each in city.ask("get_tenant")["emergency"]["hazards"] if each["code"] not in ("flood", "fire")]
    with pytest.raises(RemoteProblem) as refusal:
        change(inventories=[], emergency={"hazards": hazards})
    fields = [field["field"] for field in refusal.value.to_wire()["data"]["fields"]]
    assert fields == ["inventories.fire", "emergency.hazards.flood"]


def test_a_misspelt_setting_is_named(city: City) -> None:
    with pytest.raises(RemoteProblem) as refusal:
        city.ask("change_settings", patch={"calender": {}}, if_match=city.ask("get_tenant")["version"])
    [field] = refusal.value.to_wire()["data"]["fields"]
    assert field["field"] == "calender"


def test_an_import_reports_invalid_rows_and_imports_the_others(city: City) -> None:
    broken = rows(
        ("150302004", "150302", "street", "新华西街道"),
        ("15030x", "1503", "county", "坏行"),
        ("510000", "51", "county", "外地"),
        ("150302004001", "150302004", "community", "新华社区居委会"),
    )
    answer = city.ask("import_divisions", rows=broken)
    assert (answer["made"], answer["known"]) == (2, 0)
    assert [rejected["line"] for rejected in answer["rejected"]] == [3, 4]
    assert [rejected["reason"]["zh-CN"] for rejected in answer["rejected"]] == [
        "code：统计用区划代码须为 2、4、6、9 或 12 位数字",
        "parent：“51”不是本地的区划代码",
    ]
    assert city.ask("get_division", division="150302004001")["path"] == "/1503/150302/150302004/150302004001/"


def test_a_repeated_import_counts_known_rows_and_publishes_nothing_twice(city: City) -> None:
    repeated = city.ask("import_divisions", rows=rows(*DIVISIONS))
    assert (repeated["made"], repeated["changed"], repeated["known"]) == (0, 0, len(DIVISIONS))
    assert repeated["rejected"] == []
    events = wait_for(lambda: city.events("org.division.changed.v1"))
    assert sorted(event["subject"] for event in events) == sorted(code for code, *_ in DIVISIONS)


@pytest.mark.parametrize("known", [False, True])
def test_of_two_rows_of_one_code_the_second_is_refused_unless_it_says_the_same(city: City, known: bool) -> None:
    code = "150302011" if known else "150302012"
    if known:
        city.ask("import_divisions", rows=rows((code, "150302", "street", "旧名街道")))
    twice = rows(*((code, "150302", "street", name) for name in ("甲街道", "乙街道", "甲街道")))
    for again in (False, True):
        answer = city.ask("import_divisions", rows=twice, key=f"twice-{known}")
        results = [(each["line"], each["result"]) for each in answer["rows"]]
        first = "changed" if known else "known" if again else "made"
        assert results == [(twice[0]["line"], first), (twice[2]["line"], "known")]
        assert [each["line"] for each in answer["rejected"]] == [twice[1]["line"]]
        assert f"line {twice[0]['line']} " in answer["rejected"][0]["reason"]["en"]
        assert city.ask("get_division", division=code)["name"] == "甲街道"


@pytest.mark.parametrize("name", ["多\n行", "\u202e倒", "\u200b", "a\x00"])
def test_a_name_that_cannot_be_shown_is_refused_with_words(city: City, name: str) -> None:
    answer = city.ask("import_divisions", rows=rows(("150302013", "150302", "street", name)))
    [rejected] = answer["rejected"]
    assert rejected["reason"]["zh-CN"].startswith("name：")


def test_a_tenant_sees_only_its_own_divisions(city: City, new_city: Callable[[], City]) -> None:
    other = new_city()
    other.ask("import_divisions", rows=rows(("150302009", "150302", "street", "只在另一个租户")))
    with pytest.raises(RemoteProblem) as refusal:
        city.ask("get_division", division="150302009")
    assert code_of(refusal) == "not_found"
    assert [row["code"] for row in city.ask("list_divisions", parent="150302")["items"]] == [STREET]


def test_a_list_continues_after_the_previous_page(city: City) -> None:
    first = city.ask("list_divisions", parent="1503", limit=1)
    assert [row["code"] for row in first["items"]] == ["150302"]
    second = city.ask("list_divisions", parent="1503", limit=1, after=first["next"])
    assert [row["code"] for row in second["items"]] == ["150303"]
    assert "next" not in second


def test_only_an_administrator_of_the_area_changes_the_structure(city: City) -> None:
    plan = {"code": GRID, "name": "网格", "level": "base", "above": COMMUNITY}
    with pytest.raises(RemoteProblem) as refusal:
        city.ask("open_grid", by=city.someone("street", "centre"), **plan)
    assert code_of(refusal) == "org.not_administrator"
    elsewhere = city.someone("tenant_admin", area="/1503/150303/")
    with pytest.raises(RemoteProblem) as refusal:
        city.ask("open_grid", by=elsewhere, **plan)
    assert code_of(refusal) == "not_found"


def test_query_operators_are_refused_in_place_of_a_code(city: City) -> None:
    with pytest.raises(RemoteProblem) as refusal:
        city.ask("get_division", division={"$ne": ""})
    assert code_of(refusal) == "invalid"


@pytest.mark.domain("街道党工委—社区党委—网格党支部—楼栋党小组")
def test_the_party_tree_is_linked_to_the_administrative_tree(city: City) -> None:
    city.open_grid(GRID, COMMUNITY)
    estate = city.ask("open_estate", name="阳光小区", division=COMMUNITY, grids=[GRID], key="e")
    building = city.ask("open_building", name="1号楼", estate=estate["id"], grids=[GRID], key="b")
    parent = ""
    line = [("working_committee", STREET), ("committee", COMMUNITY), ("branch", GRID), ("group", building["id"])]
    for kind, place in line:
        plan = {"kind": kind, "name": f"新海{kind}", "place": place} | ({"parent": parent} if parent else {})
        opened = city.ask("open_party_organisation", **plan, key=kind)
        assert opened["parent"] == parent
        parent = opened["id"]
    assert opened["building"] == building["id"]
    [top] = city.ask("list_party_organisations")["items"]
    with pytest.raises(RemoteProblem) as refusal:
        city.ask("close_party_organisation", organisation=top["id"])
    assert code_of(refusal) == "party_organisation.has_children"


@pytest.mark.domain("五防两保, 平战结合")
def test_an_emergency_ends_by_itself(site: Site) -> None:
    site.start("org")
    client = OrgClient(site)
    city = City.opened(client, "wuhai")
    until = datetime.now(UTC) + timedelta(days=2)
    declaration = {"hazard": "flood", "area": "/1503/150302/", "order": "防汛指挥部令 2026-3", "until": until}
    centre = city.someone("centre", area="/1503/150302/")
    with pytest.raises(RemoteProblem) as refusal:
        city.ask("declare_emergency", **declaration)
    assert code_of(refusal) == "emergency.not_centre"
    declared = city.ask("declare_emergency", by=centre, **declaration, key="d")
    assert [each["id"] for each in city.ask("list_emergencies")["items"]] == [declared["id"]]
    site.advance(timedelta(days=2, seconds=1))
    ended = wait_for(lambda: [e for e in city.events("org.emergency.changed.v1") if e["data"]["state"] == "ended"])
    assert [event["data"]["ended"] for event in ended] == [ended[0]["data"]["until"]]
    assert city.ask("list_emergencies")["items"] == []
    client.close()
