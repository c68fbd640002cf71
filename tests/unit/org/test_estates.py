from __future__ import annotations

import pytest

from chassis.errors import Invalid
from services.org.api.grids import BuildingPlan, EstatePlan
from services.org.grids.model.estate import Building, Estate
from services.org.grids.model.grid import GridRetired
from tests.unit.org.places import COMMUNITY, GRID, TENANT, base_grid, community, micro_grid, street

TREE = "县-街道-社区-小区 (+楼栋, 党员, 住户)"


def estate() -> Estate:
    plan = EstatePlan(name="阳光小区", division=COMMUNITY, grids=[GRID, f"{COMMUNITY}002"])
    return Estate.open(TENANT, "E1", plan, community(), [base_grid(), base_grid(f"{COMMUNITY}002")])


def building() -> Building:
    plan = BuildingPlan(name="1号楼", estate="E1", grids=[f"{GRID}001"])
    return Building.open(TENANT, "B1", plan, estate(), [micro_grid()])


@pytest.mark.domain(TREE)
def test_an_estate_lies_in_a_community_under_an_id_of_its_own() -> None:
    assert estate().path == community().path + "E1/"
    with pytest.raises(Invalid):
        Estate.open(TENANT, "E1", EstatePlan(name="阳光小区", division=street().key), street(), [])


@pytest.mark.domain(TREE)
def test_a_building_belongs_to_its_estate() -> None:
    assert building().path == estate().path + "B1/"
    assert building().pending[-1].grids == [f"{GRID}001"]


def test_an_estate_may_lie_in_several_grids_and_a_grid_hold_several_estates() -> None:
    assert estate().grids == [GRID, f"{COMMUNITY}002"]
    home = estate()
    home.link([base_grid()])
    assert home.pending[-1].grids == [GRID]


def test_a_place_is_not_linked_to_a_retired_grid_or_a_dedicated_inventory() -> None:
    gone = base_grid()
    gone.retire(into=f"{COMMUNITY}009", merge="M1")
    with pytest.raises(GridRetired):
        estate().link([gone])
    with pytest.raises(Invalid):
        estate().link([base_grid(code=f"party-health.{GRID}", inventory="party-health")])


def test_after_a_merge_a_place_lies_once_in_the_new_grid() -> None:
    home = estate()
    home.follow(GRID, f"{COMMUNITY}009")
    home.follow(f"{COMMUNITY}002", f"{COMMUNITY}009")
    assert home.grids == [f"{COMMUNITY}009"]
    events = len(home.pending)
    home.follow(GRID, f"{COMMUNITY}009")
    assert len(home.pending) == events
