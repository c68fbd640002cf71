"""Ledgers (台账): what is known about a field of the dictionary, live, by what lies directly below an area."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.residents.table_town import CHECKED, CHOICES, HOUSING, RENT, ROOMS, OneTable
from tests.integration.residents.town import COMMUNITY, FAR_COUNTY, GRID, GRID_CODE, NEW, SECOND, STREET, Town
from tests.servers.site import Site
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("一表通")
USES = {"field": "uses"}


@pytest.fixture
def table(town: Town) -> OneTable:
    made = OneTable(town)
    made.define("uses", kind="choices", choices=CHOICES)
    return made


def ledger(table: OneTable, field: str, by: str = "street", area: str = COMMUNITY) -> dict[str, Any]:
    """The lines of a ledger by area."""
    items = table.ask(by, "show_ledger", field=field, area=area)["items"]
    return {line.pop("area"): line for line in items}


def counts(table: OneTable, field: str = "housing") -> dict[str, Any]:
    return {area: line["counts"] for area, line in ledger(table, field).items()}


def test_a_ledger_counts_choices_and_sums_numbers_by_what_lies_below(table: OneTable) -> None:
    tasks = table.given(HOUSING, ROOMS, RENT, CHECKED, USES)
    homes = [table.dwelling(), table.dwelling(), table.dwelling(SECOND)]
    table.answer(tasks, homes[0], housing="own", rooms=2, uses=["own", "rented"])
    table.answer(tasks, homes[1], housing="rented", rent=900, rooms=5, uses=["own"], checked="2026-03-01")
    table.answer(tasks, homes[2], SECOND, housing="own")
    assert counts(table) == {GRID: {"own": 1, "rented": 1}, SECOND: {"own": 1}}
    assert counts(table, "uses") == {GRID: {"own": 2, "rented": 1}}
    assert ledger(table, "uses")[GRID]["subjects"] == 2
    rooms = {"subjects": 2, "counts": {}, "sum": 7, "least": 2, "most": 5}
    assert ledger(table, "rooms") == {GRID: rooms}
    assert ledger(table, "rooms", "centre", STREET) == {COMMUNITY: rooms}
    assert ledger(table, "rooms", "worker", GRID) == {GRID: rooms}
    assert ledger(table, "checked") == {GRID: {"subjects": 1, "counts": {}}}


@pytest.mark.domain("Privacy: sealed fields")
def test_there_is_no_ledger_of_a_sensitive_field_nor_of_another_area(table: OneTable) -> None:
    refused = table.town.refused
    assert refused("street", "show_ledger", field="rent", area=COMMUNITY) == "ledger.sealed_field"
    assert refused("street", "show_ledger", field="housing", area=FAR_COUNTY) == "not_your_area"
    assert refused("resident", "show_ledger", field="housing", area=COMMUNITY) == "wrong_role"
    assert refused("street", "show_ledger", field="nothing", area=COMMUNITY) == "not_found"


def test_a_ledger_counts_what_is_so_now_where_it_lies_now(table: OneTable) -> None:
    tasks, kept, gone = table.given(HOUSING), table.dwelling(), table.dwelling()
    for home in (kept, gone):
        table.answer(tasks, home, housing="own")
    assert counts(table) == {GRID: {"own": 2}}
    table.ask("worker", "remove_dwelling", dwelling=gone)
    wait_for(lambda: counts(table) == {GRID: {"own": 1}})
    table.town.merge_grids(GRID_CODE)
    wait_for(lambda: counts(table) == {NEW: {"own": 1}})


def test_a_value_that_was_taken_back_is_counted_no_more(table: OneTable) -> None:
    tasks, home = table.given(ROOMS), table.dwelling()
    table.answer(tasks, home, rooms=2)
    assert ledger(table, "rooms")[GRID]["subjects"] == 1
    table.answer(tasks, home, rooms=None)
    assert ledger(table, "rooms") == {}


def test_somebody_who_moves_is_counted_where_they_live(table: OneTable) -> None:
    table.define("school", about="resident", kind="choice", choices=CHOICES)
    tasks, household = table.given({"field": "school"}, about="resident"), table.town.household()
    one, other = (table.town.person(household, name=name) for name in ("王小明", "王晓明"))
    for person in (one, other):
        table.answer(tasks, person, school="own")
    table.ask("community", "merge_residents", resident=one, into=other)
    wait_for(lambda: counts(table, "school") == {GRID: {"own": 1}})
    table.ask("street", "move_household", household=household, dwelling=table.town.dwelling("street", area=SECOND))
    wait_for(lambda: counts(table, "school") == {SECOND: {"own": 1}})
    table.ask("second", "move_out", resident=other)
    wait_for(lambda: counts(table, "school") == {})


@pytest.fixture
def own(site: Site) -> Iterator[OneTable]:
    """A town of its own, whose clock the test may set."""
    site.start("org", "residents")
    town = Town(site, "ledger-town").open()
    yield OneTable(town)
    town.close()


def test_a_value_that_holds_no_more_is_counted_no_more(own: OneTable) -> None:
    tasks, home = own.given(CHECKED), own.dwelling()
    own.answer(tasks, home, checked="2026-03-01")
    assert ledger(own, "checked")[GRID]["subjects"] == 1
    own.town.site.advance(timedelta(days=32))
    assert ledger(own, "checked") == {}
