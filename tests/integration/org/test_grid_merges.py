"""A grid merge is a process (saga): killed between its steps, it continues."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.integration.org.city import City
from tests.integration.org.client import OrgClient
from tests.servers.site import Site
from tests.servers.waiting import wait_for
from tests.unit.org.places import COMMUNITY, GRID

MERGE = "多网合一 (名山)"
DEPARTMENTS = [f"department-{letter}" for letter in "abc"]


def city_with_departments(client: OrgClient, tenant: str, of_each: int) -> tuple[City, list[str]]:
    """Returns a city in whose community each department has its own grids, and the codes of these grids."""
    city = City.opened(client, tenant, inventories=[{"code": code, "name": code} for code in DEPARTMENTS])
    codes = [f"{code}.{COMMUNITY}{serial:03}" for code in DEPARTMENTS for serial in range(1, of_each + 1)]
    for code in codes:
        city.open_grid(code, COMMUNITY, inventory=code.partition(".")[0])
    return city, codes


def planned(city: City, old: list[str], new: int) -> str:
    targets = [
        {"code": f"{COMMUNITY}{500 + n}", "name": f"第{n}网格", "community": COMMUNITY, "grids": old[n::new]}
        for n in range(new)
    ]
    plan = {"name": "多网合一", "departments": DEPARTMENTS, "targets": targets}
    return str(city.ask("plan_grid_merge", area="150302", plan=plan, key="plan")["id"])


def state_of(city: City, merge: str) -> dict[str, Any]:
    found: dict[str, Any] = city.ask("get_grid_merge", merge=merge)
    return found


@pytest.mark.domain(MERGE)
@pytest.mark.domain("多网整合 (综治、城管、民政、应急), 楼栋精治、楼长共治")
def test_a_merge_keeps_the_map_and_moves_the_contents_of_the_old_grids(client: OrgClient) -> None:
    city, old = city_with_departments(client, "merging", 2)
    city.open_grid(GRID, COMMUNITY)
    estate = city.ask("open_estate", name="阳光小区", division=COMMUNITY, grids=[GRID], key="e")
    merge = planned(city, [*old, GRID], 2)
    assert state_of(city, merge)["state"] == "planned"
    assert city.ask("count_grids")["main"] == {"base": 1}

    city.ask("start_grid_merge", merge=merge)
    wait_for(lambda: state_of(city, merge)["state"] == "completed")

    [completed] = wait_for(lambda: city.events("org.grid_merge.completed.v1"))
    assert {each["old"] for each in completed["data"]["grids"]} == {*old, GRID}
    assert city.ask("count_grids") == {"main": {"base": 2}}
    gone = city.ask("get_grid", grid=GRID)
    assert (gone["state"], gone["merge"]) == ("retired", merge)
    [moved] = wait_for(
        lambda: [e for e in city.ask("list_estates", division=COMMUNITY)["items"] if e["grids"] != [GRID]]
    )
    assert (moved["id"], moved["grids"]) == (estate["id"], [gone["merged_into"]])
    # The same request is idempotent although its grids are retired by now.
    assert planned(city, [*old, GRID], 2) == merge


@pytest.mark.domain(MERGE)
def test_a_halted_merge_says_why_and_can_be_resumed(client: OrgClient) -> None:
    city, old = city_with_departments(client, "halting", 1)
    city.open_grid(GRID, COMMUNITY)
    merge = planned(city, [*old, GRID], 1)
    city.open_grid(f"{GRID}001", GRID, "micro")
    city.ask("start_grid_merge", merge=merge)
    halted = wait_for(lambda: found if (found := state_of(city, merge))["state"] == "halted" else None)
    assert halted["reason"] == "网格 still has micro-grids; merge them in the same plan."  # 网格 is its name

    successor = f"{COMMUNITY}600"
    second = {
        "name": "微网格",
        "departments": [],
        "targets": [{"code": successor, "name": "新", "community": COMMUNITY, "grids": [f"{GRID}001"]}],
    }
    other = city.ask("plan_grid_merge", area="150302", plan=second, key="second")["id"]
    city.ask("start_grid_merge", merge=other)
    wait_for(lambda: state_of(city, other)["state"] == "completed")
    city.ask("start_grid_merge", merge=merge)
    wait_for(lambda: state_of(city, merge)["state"] == "completed")


@pytest.mark.domain(MERGE)
def test_a_merge_killed_between_its_steps_writes_each_grid_once(site: Site) -> None:
    [org] = site.start("org")
    client = OrgClient(site)
    city, old = city_with_departments(client, "wuhai", 8)
    merge = planned(city, old, 6)
    city.ask("start_grid_merge", merge=merge)
    merges = site.collections("org")["grid_merges"]

    def done() -> int:
        return int((merges.find_one({"_id": f"wuhai:{merge}"}) or {}).get("done", 0))

    for reached in (3, 12, 20):
        wait_for(lambda reached=reached: done() >= reached)
        org.kill()
        org.restart()
    wait_for(lambda: state_of(city, merge)["state"] == "completed", seconds=60)

    assert city.ask("count_grids") == {"main": {"base": 6}}
    [completed] = _once(wait_for(lambda: city.events("org.grid_merge.completed.v1")))
    assert {each["old"] for each in completed["data"]["grids"]} == set(old)
    grids = Counter(event["subject"] for event in _once(city.events("org.grid.changed.v1")))
    assert {code: grids[code] for code in old} == dict.fromkeys(old, 2)
    steps = [event["data"]["done"] for event in _once(city.events("org.grid_merge.advanced.v1"))]
    assert steps == [0, *range(len(old) + 6)]
    client.close()


def _once(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Removes duplicates (delivery is at least once) and sorts by sequence."""
    return sorted({event["id"]: event for event in events}.values(), key=lambda event: event["sequence"])
