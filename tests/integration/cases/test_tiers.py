"""Which tier answers, over the running services: 上报 from below, and one lead with several departments beside it."""

from __future__ import annotations

import pytest

from chassis.security.principal import Principal
from tests.integration.cases.town import CITY, COMMUNITY_CODE, GRID, GRID_CODE, HOME, NEXT_COMMUNITY, Town
from tests.servers.waiting import wait_for

MICRO_CODE = f"{GRID_CODE}001"
MICRO_GRID = f"{GRID}{MICRO_CODE}/"
CLIMBS = pytest.mark.domain("小事不出小区、难事不出网格、大事不出社区")
RESPONSE = pytest.mark.domain("网格发现、社区呼叫、分级响应、协同处置")


def micro_worker(town: Town) -> Principal:
    return town.who("grid_worker", subject="micro-1", area=MICRO_GRID)


def with_micro_grid(town: Town) -> Town:
    town.ask_org("tenant_admin", "open_grid", code=MICRO_CODE, name="第一微网格", level="micro", above=GRID_CODE)
    wait_for(lambda: town.stored("places", path=MICRO_GRID))
    return town


def found_at(town: Town, path: str, by: str | Principal) -> str:
    """A matter that staff of the grid found, and that nobody has to verify."""
    return str(town.report(by, place={"path": path, **HOME})["id"])


@CLIMBS
@pytest.mark.domain("The case: escalation (上报)")
@pytest.mark.parametrize("tier", ["", "estate", "micro_grid"])
def test_a_matter_of_an_estate_or_micro_grid_climbs_every_tier_to_the_city(town: Town, tier: str) -> None:
    with_micro_grid(town)
    case = found_at(town, MICRO_GRID, micro_worker(town))
    town.ask("community", "register", case=case, nobody=True, **({"tier": tier} if tier else {}))
    assert town.ask("street", "get_case", case=case)["tier"] == (tier or "micro_grid")
    leader = town.who("grid_worker", subject="leader-1", roles=frozenset({"grid_leader"}))
    next_door = town.who("grid_worker", area=NEXT_COMMUNITY)
    assert town.refused(next_door, "escalate", case=case, reason="too_big") == "not_found"
    climb: list[tuple[str | Principal, str]] = [
        (micro_worker(town), "grid"), (leader, "community"), ("community", "street"), ("street", "county"),
        ("centre", "city"),
    ]  # fmt: skip
    for by, above in climb:
        town.ask(by, "escalate", case=case, reason="too_big")
        assert town.ask("hotline", "get_case", case=case)["tier"] == above
        assert town.refused(by, "escalate", case=case, reason="again") == "case.at_wrong_tier", above
    top = town.who("centre", area=CITY, unit="1503")
    assert town.refused(top, "escalate", case=case, reason="too_big") == "case.no_tier_above"
    climbed = [step["act"] for step in town.ask("street", "case_history", case=case)["items"]].count("escalate")
    assert climbed == len(climb)


@CLIMBS
def test_a_small_matter_stays_in_its_community(town: Town) -> None:
    with_micro_grid(town)
    case = found_at(town, MICRO_GRID, micro_worker(town))
    town.ask("community", "register", case=case, nobody=True)
    assert town.ask("community", "take_on", case=case, handler="community-1")["state"] == "IN_PROGRESS"
    read = town.ask("community", "get_case", case=case)
    assert (read["tier"], read["lead"]) == ("micro_grid", COMMUNITY_CODE)


@RESPONSE
def test_the_grid_finds_the_community_calls_and_several_departments_work_under_one_lead(town: Town) -> None:
    case = found_at(town, GRID, "grid_worker")
    town.ask("community", "register", case=case, nobody=True)
    assert town.refused("community", "whistle", case=case, lead="housing") == "case.not_in_whistle_table"
    town.ask("community", "whistle", case=case, lead="urban", called=["water"])
    town.ask("urban", "report_in", case=case, handler="urban-1")
    assert town.ask("water", "get_case", case=case)["lead"] == "urban"
    tasks = {
        unit: town.ask("urban", "assign_sub_task", case=case, unit=unit, title="配合")["said"]
        for unit in ("water", "housing")
    }
    done = {"case": case, "outcome": "solved", "note": "已修好"}
    for unit, number in tasks.items():
        assert town.refused("urban", "resolve", **done) == "case.sub_tasks_open"
        town.ask(unit, "accept_sub_task", case=case, number=number, handler=f"{unit}-1")
        town.ask(unit, "finish_sub_task", case=case, number=number, note="已配合")
    assert town.refused("water", "resolve", **done) == "case.not_yours"
    assert town.ask("urban", "resolve", **done)["state"] == "INSPECTING"


@RESPONSE
@pytest.mark.parametrize(("priority", "tier"), [("P1", "county"), ("P3", "street")])
def test_category_and_severity_decide_which_tier_answers(town: Town, priority: str, tier: str) -> None:
    case = found_at(town, GRID, "grid_worker")
    town.ask("street", "register", case=case, nobody=True, priority=priority)
    assert town.ask("street", "get_case", case=case)["tier"] == tier
    if tier == "county":
        assert town.refused("street", "dispatch", case=case, lead="urban") == "case.at_wrong_tier"
    answering = "centre" if tier == "county" else "street"
    assert town.ask(answering, "dispatch", case=case, lead="urban")["state"] == "DISPATCHED"
