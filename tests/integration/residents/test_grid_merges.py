"""Merging grids (多网合一): dwellings, households and residents lie in the grid that replaced theirs."""

from __future__ import annotations

import pytest

from tests.integration.residents.town import (
    GRID,
    GRID_CODE,
    NEW,
    SECOND,
    SECOND_CODE,
    Town,
    number,
)
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("多网合一 (名山)")


def test_who_lives_in_merged_grids_lives_in_the_one_that_replaced_them(town: Town) -> None:
    home = town.household()
    there = town.household("second", town.dwelling("second", area=SECOND))
    one, other = town.person(home, identity_number=number()), town.person(there, "second", name="李小红")
    gone, dead = (town.person(home, name=name, phone="13900000001") for name in ("赵一", "钱二"))
    town.ask("worker", "move_out", resident=gone)
    town.ask("worker", "record_death", resident=dead, on="2026-01-05")
    town.merge_grids(GRID_CODE, SECOND_CODE)
    town.wait_for_area(NEW, one, other, gone, dead)
    assert town.listed("new", "list_households") == sorted([home, there])
    assert len(town.listed("new", "list_dwellings")) == 2
    assert town.seen("new") == sorted([one, other])
    assert town.found("new", "surname", "王") == [one]
    assert town.found("new", "phone", "13900000001") == sorted([gone, dead])
    assert town.found("new", "initials", "zy") == [gone]
    assert town.seen("worker") == town.found("worker", "identity_number", number()) == []
    known = {"household": home, "name": "王小明", "identity_number": number()}
    assert town.refused("new", "record_resident", **known) == "resident.known"


def test_a_door_of_a_merged_grid_is_the_same_dwelling_in_the_new_one(town: Town) -> None:
    in_building, alone = town.dwelling(door="3单元502"), town.dwelling(door="平房7号", building="")
    town.merge_grids(GRID_CODE)
    wait_for(lambda: town.stored("dwellings", area=NEW) == 2)
    wait_for(lambda: town.stored("buildings", grids=NEW.split("/")[-2]) == 1)
    assert town.dwelling("new", area=NEW, building=town.building, door="3单元502") == in_building
    assert town.dwelling("new", area=NEW, door="平房7号") == alone


def test_what_was_recorded_in_a_grid_while_that_was_merged_follows_late(town: Town) -> None:
    """A process takes a grid for valid for some seconds after its merge."""
    late = town.dwelling()
    town.merge_grids(GRID_CODE, SECOND_CODE)
    wait_for(lambda: town.row(late, "dwellings")["area"] == NEW)
    rows = town.site.collections("residents")["dwellings"]
    rows.update_one({"_id": f"{town.tenant}:{late}"}, {"$set": {"area": GRID, "codes": GRID.strip("/").split("/")}})
    household = town.household("street", late)
    resident = town.person(household, "street")
    assert town.row(resident)["area"] == GRID
    town.tell_again()
    town.wait_for_area(NEW, resident)
    assert town.seen("new") == [resident]
