"""Responsibility lists, whistle table, powers and sponsors, through the running service."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chassis.errors import RemoteProblem
from tests.integration.org.city import City
from tests.integration.org.client import OrgClient
from tests.integration.org.people import COMMUNITY_PATH, COUNTY_PATH, GRID_PATH, STREET_PATH, add_user
from tests.servers.site import Site
from tests.unit.org.places import COMMUNITY, GRID

LIST = pytest.mark.domain("网格职责清单, 三张清单 (职责任务/公共服务/属地管理)")
WHISTLE = pytest.mark.domain("社区一吹哨、部门齐报到 (天全), 每月报到")
POWERS = pytest.mark.domain("街道六项权力")
SPONSORS = pytest.mark.domain("领导包联, 网格监督员")


@pytest.fixture
def city(city: City) -> City:
    city.open_grid(GRID, COMMUNITY)
    for slug in ("urban-management", "enforcement"):
        city.ask("open_unit", unit=slug, name=slug, kind="department", path=COUNTY_PATH)
    return city


def entry(**changed: Any) -> dict[str, Any]:
    given = {
        "kind": "duties",
        "category": "litter",
        "tier": "street",
        "lead": "urban-management",
        "legal_basis": "条例",
    }
    return {**given, **changed}


@LIST
def test_the_list_says_who_leads_and_a_second_lead_is_refused(city: City) -> None:
    made = city.ask("make_list_entry", key="e", **entry(supporting=["enforcement"]))
    assert city.ask("make_list_entry", key="e", **entry(supporting=["enforcement"])) == made
    assert city.ask("responsible", category="litter", tier="street")["lead"] == "urban-management"
    with pytest.raises(RemoteProblem) as refused:
        city.ask("make_list_entry", **entry(kind="territorial", lead="enforcement"))
    assert refused.value.wire["data"] == {"entry": made["id"], "lead": "urban-management"}

    city.ask("end_list_entry", entry=made["id"])
    city.ask("make_list_entry", **entry(kind="territorial", lead="enforcement"))
    assert city.ask("responsible", category="litter", tier="street")["lead"] == "enforcement"
    assert [each["lead"] for each in city.ask("list_entries", category="litter")["items"]] == [
        "urban-management",
        "enforcement",
    ]


@LIST
def test_a_repeated_entry_gets_its_first_answer_though_its_lead_is_closed_by_now(city: City) -> None:
    city.ask("open_unit", unit="gas", name="燃气公司", kind="department", path=COUNTY_PATH)
    made = city.ask("make_list_entry", key="gas", **entry(category="gas", lead="gas"))
    city.ask("close_unit", unit="gas")
    assert city.ask("make_list_entry", key="gas", **entry(category="gas", lead="gas")) == made
    with pytest.raises(RemoteProblem) as refused:
        city.ask("make_list_entry", **entry(category="gas", lead="gas", tier="county"))
    assert refused.value.wire["code"] == "unit.closed"


@LIST
def test_of_concurrent_entries_one_is_in_force(city: City, org_site: Site) -> None:
    def make(number: int) -> bool:
        client = OrgClient(org_site)
        try:
            client.ask(city.admin, "make_list_entry", key=f"k{number}", **entry())
        except RemoteProblem:
            return False
        finally:
            client.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(make, range(8))) == 1


@LIST
def test_an_entry_names_existing_units(city: City) -> None:
    for lead in ("nobody", {"$ne": None}):
        with pytest.raises(RemoteProblem) as refused:
            city.ask("make_list_entry", **entry(lead=lead))
        assert refused.value.wire["status"] == 422
    assert city.ask("make_list_entry", **entry(lead="150302003"))["lead"] == "150302003"


@LIST
def test_a_matter_without_an_entry_has_its_own_error_code(city: City) -> None:
    with pytest.raises(RemoteProblem) as refused:
        city.ask("responsible", category="litter", tier="county")
    assert refused.value.wire["code"] == "list_entry.none"


@WHISTLE
def test_a_community_may_call_the_units_that_the_table_names_for_the_matter_and_place(city: City) -> None:
    rule = {"caller": "community", "units": ["enforcement"], "categories": ["litter"], "area": STREET_PATH}
    made = city.ask("make_whistle_rule", **rule)
    community = city.someone("community", area=COMMUNITY_PATH)

    def callable_units(category: str, place: str = GRID_PATH) -> list[str]:
        units: list[str] = city.ask("callable_units", by=community, category=category, place=place)["units"]
        return units

    assert callable_units("litter") == ["enforcement"]
    assert callable_units("wages") == []
    assert callable_units("litter", "/1503/150303/") == []
    assert city.ask("callable_units", by=city.someone("resident"), category="litter", place=GRID_PATH)["units"] == []
    assert [each["id"] for each in city.ask("list_whistle_rules")["items"]] == [made["id"]]
    city.ask("withdraw_whistle_rule", rule=made["id"])
    assert callable_units("litter") == []


@POWERS
def test_a_street_holds_its_powers_and_a_community_is_refused(city: City) -> None:
    street, community = city.someone("street", area=STREET_PATH), city.someone("community", area=COMMUNITY_PATH)
    assert city.ask("require_power", by=street, power="dispatch_enforcement") == {"tier": "street"}
    with pytest.raises(RemoteProblem) as refused:
        city.ask("require_power", by=community, power="dispatch_enforcement")
    assert refused.value.wire["code"] == "power.not_held"


@POWERS
def test_the_tenant_sets_its_own_powers_and_moves_the_given_ones(city: City) -> None:
    own = {"power": "own_1", "tiers": ["street"], "name": "decides on funds", "name_zh": "资金使用决定权"}
    city.ask("set_power", **own)
    city.ask("set_power", power="propose_appraisal", tiers=["community", "street"])
    powers = city.ask("list_powers")["items"]
    assert {power["id"]: power["version"] for power in powers if power["version"]} == {
        "own_1": 1,
        "propose_appraisal": 1,
    }
    matrix = {power["id"]: power["tiers"] for power in powers}
    assert len(matrix) == 6
    assert matrix["own_1"] == ["street"]
    assert matrix["propose_appraisal"] == ["community", "street"]
    community = city.someone("community", area=COMMUNITY_PATH)
    assert city.ask("require_power", by=community, power="propose_appraisal") == {"tier": "community"}
    with pytest.raises(RemoteProblem) as refused:
        city.ask("set_power", by=city.someone("street"), **own)
    assert refused.value.wire["status"] == 403


@SPONSORS
def test_a_repeated_naming_gets_its_first_answer_though_the_unit_is_closed_by_now(city: City) -> None:
    first = city.ask("name_overseer", key="o", area=GRID_PATH, unit="enforcement")
    city.ask("close_unit", unit="enforcement")
    assert city.ask("name_overseer", key="o", area=GRID_PATH, unit="enforcement") == first


@SPONSORS
def test_a_leader_sponsors_a_street_and_a_department_oversees_a_grid(city: City) -> None:
    leader = add_user(city, "leader")
    city.ask("name_sponsor", area=STREET_PATH, subject=leader)
    city.ask("name_overseer", area=GRID_PATH, unit="enforcement")
    city.ask("name_overseer", area=GRID_PATH, unit="urban-management")
    [sponsor] = city.ask("list_sponsorships", kind="sponsor")["items"]
    [overseer] = city.ask("list_sponsorships", kind="overseer")["items"]
    assert (sponsor["area"], sponsor["subject"]) == (STREET_PATH, leader)
    assert (overseer["area"], overseer["unit"]) == (GRID_PATH, "urban-management")
    city.ask("end_sponsorship", kind="overseer", area=GRID_PATH)
    assert city.ask("list_sponsorships", kind="overseer")["items"] == []
    assert len(city.events("org.sponsorship.changed.v1")) == 4


@SPONSORS
def test_nobody_oversees_a_street(city: City) -> None:
    with pytest.raises(RemoteProblem) as refused:
        city.ask("name_overseer", area=STREET_PATH, unit="enforcement")
    assert refused.value.wire["data"]["fields"][0]["field"] == "area"
