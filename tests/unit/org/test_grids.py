from __future__ import annotations

from collections import Counter

import pytest

from chassis.errors import Invalid
from services.org.api.grids import GridPlan
from services.org.grids.model.grid import Grid, GridRetired, HasMicroGrids
from tests.unit.org.places import COMMUNITY, GRID, STREET, TENANT, base_grid, community, micro_grid, square, street

THREE_LEVELS = "总/基础/微网格; 党建+卫生网格 1+1+1+N"


def general(code: str = f"{STREET}000001", covers: tuple[str, ...] = (COMMUNITY,)) -> Grid:
    plan = GridPlan(code=code, name="总网格", level="general", above=STREET, covers=list(covers))
    return Grid.open(TENANT, plan, street())


def dedicated(code: str = f"party-health.{GRID}") -> Grid:
    return base_grid(code=code, inventory="party-health")


def refused_field(*, above: object = None, **plan: object) -> str:
    fields = {"code": GRID, "name": "第一网格", "level": "base", "above": COMMUNITY, **plan}
    with pytest.raises(Invalid) as refusal:
        Grid.open(TENANT, GridPlan(**fields), above or community())  # type: ignore[arg-type]
    return str(refusal.value.data["fields"][0]["field"])


@pytest.mark.domain(THREE_LEVELS)
def test_a_grid_adds_three_digits_to_its_community_and_a_micro_grid_three_more() -> None:
    assert base_grid().path == f"/1503/150302/{STREET}/{COMMUNITY}/{GRID}/"
    assert micro_grid().path == base_grid().path + f"{GRID}001/"
    assert (base_grid().tier, micro_grid().tier) == ("grid", "micro_grid")
    for code in (f"{COMMUNITY}01", f"{COMMUNITY}0011", "150302003015001", f"{COMMUNITY}00a"):
        assert refused_field(code=code) == "code"


@pytest.mark.domain(THREE_LEVELS)
def test_a_general_grid_covers_communities_or_a_town() -> None:
    assert general().path == f"/1503/150302/{STREET}/{STREET}000001/"
    assert general(covers=(STREET,)).covers == [STREET]
    assert refused_field(level="general", code=f"{STREET}000001", above=street()) == "covers"
    outside = {"level": "general", "code": f"{STREET}000001", "covers": ["150302004001"]}
    assert refused_field(above=street(), **outside) == "covers"
    assert refused_field(covers=[COMMUNITY]) == "covers"


@pytest.mark.domain(THREE_LEVELS)
def test_levels_follow_each_other() -> None:
    assert refused_field(above=street()) == "above"
    assert refused_field(level="micro", code=f"{COMMUNITY}001") == "above"
    assert refused_field(level="micro", code=f"{GRID}001001", above=micro_grid()) == "above"
    assert refused_field(level="micro", code=f"{STREET}000001001", above=general()) == "above"


@pytest.mark.domain(THREE_LEVELS)
def test_a_second_inventory_is_never_added_to_the_first() -> None:
    assert dedicated().inventory == "party-health"
    assert refused_field(code=GRID, inventory="party-health") == "code"
    assert refused_field(code=f"party-health.{GRID}") == "code"
    plan = {"level": "micro", "code": f"party-health.{GRID}001"}
    assert refused_field(above=dedicated(), **plan) == "inventory"
    micro = micro_grid(above=dedicated(), code=f"party-health.{GRID}001", inventory="party-health")
    counts = Counter((grid.inventory, grid.level) for grid in (base_grid(), micro_grid(), dedicated(), micro))
    assert counts["main", "base"] == counts["party-health", "micro"] == 1


def test_a_geometry_is_published_and_a_wrong_one_refused() -> None:
    grid = base_grid(geometry=square(106.81, 39.66))
    assert grid.squares
    assert grid.pending[-1].geometry == square(106.81, 39.66)
    grid.revise("新名称", square(106.82, 39.66))
    assert (grid.pending[-1].name, grid.pending[-1].geometry) == ("新名称", square(106.82, 39.66))
    with pytest.raises(Invalid):
        grid.revise("新名称", {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]})


def test_a_retired_grid_names_its_successor_and_changes_no_more() -> None:
    grid = base_grid(geometry=square(106.81, 39.66))
    grid.retire(into="150302003014009", merge="M1")
    event = grid.pending[-1]
    assert (event.state, event.merged_into, event.merge) == ("retired", "150302003014009", "M1")
    assert grid.squares == []
    with pytest.raises(GridRetired):
        grid.revise("新名称", None)
    with pytest.raises(GridRetired):
        micro_grid(above=grid)


def test_retiring_twice_in_the_same_merge_is_one_retirement() -> None:
    grid = base_grid()
    grid.retire(into="150302003014009", merge="M1")
    events = len(grid.pending)
    grid.retire(into="150302003014009", merge="M1")
    assert len(grid.pending) == events
    with pytest.raises(GridRetired):
        grid.retire(into="150302003014008", merge="M2")


def test_a_grid_with_micro_grids_is_not_retired() -> None:
    grid = base_grid()
    with pytest.raises(HasMicroGrids):
        grid.retire(into="150302003014009", merge="M1", micro_grids=1)
    assert grid.state == "active"
