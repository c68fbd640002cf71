"""Merging grids (多网合一) over the running services: what lay in the old grids, and what they had to do."""

from __future__ import annotations

import pytest

from chassis.security.principal import Principal
from tests.integration.cases.town import COMMUNITY, COMMUNITY_CODE, HOME, Town
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("多网合一 (名山)")

NAMES = ("zongzhi", "chengguan", "minzheng", "yingji")
OLD = [f"{name}.{COMMUNITY_CODE}00{number}" for number, name in enumerate(NAMES, start=2)]
PATHS = [f"{COMMUNITY}{code}/" for code in OLD]
ONE = f"{COMMUNITY_CODE}900"
ONE_PATH = f"{COMMUNITY}{ONE}/"


def with_grids(town: Town) -> Town:
    """One grid for each of several departments, in one community."""
    town.change_settings(inventories=[{"code": name, "name": name} for name in NAMES])
    for code, name in zip(OLD, NAMES, strict=True):
        opened = {"code": code, "name": name, "level": "base", "above": COMMUNITY_CODE, "inventory": name}
        wait_for(lambda opened=opened: town.ask_org("tenant_admin", "open_grid", **opened))
    wait_for(lambda: all(town.stored("places", path=path) for path in PATHS))
    return town


def merged(town: Town) -> None:
    """The grids have become one, and cases knows of it."""
    target = {"code": ONE, "name": "一张网", "community": COMMUNITY_CODE, "grids": OLD}
    plan = {"name": "多网合一", "departments": list(NAMES), "targets": [target]}
    merge = town.ask_org("tenant_admin", "plan_grid_merge", area="150302", plan=plan)["id"]
    town.ask_org("tenant_admin", "start_grid_merge", merge=merge)
    wait_for(lambda: town.stored("places", merged_into=ONE) == len(OLD) and town.stored("places", path=ONE_PATH))


def shared(town: Town) -> Principal:
    """A worker of the one grid."""
    return town.who("grid_worker", subject="shared-1", area=ONE_PATH)


def found_at(town: Town, path: str) -> str:
    return str(town.report("street", place={"path": path, **HOME})["id"])


@pytest.mark.domain("多网整合 (综治、城管、民政、应急), 楼栋精治、楼长共治")
def test_one_grid_takes_over_the_open_cases_of_the_grids_of_several_departments(town: Town) -> None:
    with_grids(town)
    cases = [found_at(town, path) for path in PATHS]
    merged(town)

    def seen() -> list[str]:
        return sorted(row["id"] for row in town.ask(shared(town), "list_cases")["items"])

    wait_for(lambda: seen() == sorted(cases))


def test_a_case_across_two_of_the_old_grids_leaves_both(town: Town) -> None:
    with_grids(town)
    place = {"path": PATHS[0], **HOME}
    case = town.report("street", place=place, spans=[PATHS[1]])["id"]
    merged(town)
    wait_for(lambda: town.ask("street", "get_case", case=case)["spans"] == [ONE_PATH])
    assert town.ask("street", "get_case", case=case)["place"]["path"] == ONE_PATH


@pytest.mark.domain("The case: Sub-task")
def test_the_new_grid_does_the_sub_tasks_of_the_old_one(town: Town) -> None:
    with_grids(town)
    case = found_at(town, PATHS[0])
    town.ask("street", "register", case=case, nobody=True)
    town.ask("street", "dispatch", case=case, lead="urban")
    town.ask("urban", "accept", case=case, handler="urban-1")
    task = {"case": case, "number": town.ask("urban", "assign_sub_task", case=case, unit=OLD[0], title="开门")["said"]}
    merged(town)
    wait_for(lambda: ONE in town.ask("urban", "get_case", case=case)["units"])
    town.ask(shared(town), "return_sub_task", **task, reason="not_ours")
    assert town.refused("urban", "reassign_sub_task", **task, unit=OLD[0]) == "invalid"
    town.ask("urban", "reassign_sub_task", **task, unit=ONE)


@pytest.mark.domain("The case: Merge")
def test_a_merged_case_follows_with_its_parent(town: Town) -> None:
    with_grids(town)
    parent, child = found_at(town, PATHS[0]), found_at(town, PATHS[0])
    town.ask("street", "register", case=parent, nobody=True)
    town.ask("street", "merge", case=child, into=parent)
    merged(town)
    for case in (parent, child):
        wait_for(lambda case=case: town.ask("street", "get_case", case=case)["area"] == ONE_PATH)


@pytest.mark.domain("The case: reopening")
def test_a_reopened_case_brings_what_is_merged_into_it_to_the_grid_that_replaced_theirs(town: Town) -> None:
    with_grids(town)
    parent = town.registered(place={"path": PATHS[0], **HOME})
    child = town.registered("neighbour", place={"path": PATHS[1], **HOME})
    town.ask("street", "merge", case=child, into=parent)
    wait_for(lambda: town.ask("street", "get_case", case=parent)["children"])
    town.awaiting_rating(parent)
    for by, case in (("resident", parent), ("neighbour", child)):
        wait_for(lambda by=by, case=case: "rate" in town.ask(by, "get_case", case=case)["may"])
        town.ask(by, "rate", case=case, contacted=True, solved=True, satisfied=5)
    wait_for(lambda: town.ask("street", "get_case", case=parent)["state"] == "CLOSED")
    last = found_at(town, PATHS[-1])
    merged(town)
    wait_for(lambda: town.ask("street", "get_case", case=last)["area"] == ONE_PATH)
    assert [town.ask("street", "get_case", case=case)["area"] for case in (parent, child)] == PATHS[:2]
    town.ask("resident", "reopen", case=parent, reason="dark", note="又不亮了")
    for case in (parent, child):
        wait_for(lambda case=case: town.ask("street", "get_case", case=case)["area"] == ONE_PATH)


@pytest.mark.domain("The case: states")
def test_a_case_that_comes_back_is_in_the_grid_that_replaced_its_own(town: Town) -> None:
    with_grids(town)
    case = town.report(place={"path": PATHS[0], **HOME})["id"]
    town.ask("street", "self_resolve", case=case, note="已处理")
    last = found_at(town, PATHS[-1])
    merged(town)
    wait_for(lambda: town.ask("street", "get_case", case=last)["area"] == ONE_PATH)
    assert town.ask("street", "get_case", case=case)["area"] == PATHS[0]
    town.ask("resident", "object", case=case, note="没有处理好")
    wait_for(lambda: town.ask("street", "get_case", case=case)["area"] == ONE_PATH)
    town.ask(shared(town), "verify", case=case, found=True, note="见到了")
    town.ask("street", "register", case=case)


@pytest.mark.domain("The case: states")
def test_a_case_that_a_slow_request_put_into_an_old_grid_follows(town: Town) -> None:
    with_grids(town)
    case = found_at(town, PATHS[0])
    cases = town.site.collections("cases")["cases"]
    late = (cases.find_one({"_id": f"{town.tenant}:{case}"}) or {}) | {
        "_id": f"{town.tenant}:late",
        "number": "20260101-9999",
    }
    merged(town)
    wait_for(lambda: town.ask("street", "get_case", case=case)["area"] == ONE_PATH)
    cases.insert_one(late)
    assert town.ask("street", "get_case", case="late")["area"] == PATHS[0]
    wait_for(lambda: town.ask("street", "get_case", case="late")["area"] == ONE_PATH)
