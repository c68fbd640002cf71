"""Lists and searches over the running service: whom they show, masked, and only of the caller's area."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from services.residents.api.people import ListResidents
from services.residents.directory.replicas import AssignmentReplica, PlaceReplica
from services.residents.dwellings.model import Dwelling
from services.residents.households.model import ACTIVE, Household
from services.residents.people.counts import where_living_in
from services.residents.people.model import MERGED, Resident, members_of
from services.residents.people.queries import where_listed
from services.residents.placed import in_area
from services.residents.readings.counts import WHERE_WAITING
from services.residents.readings.model import COUNTING, ReadingAlert
from tests.integration.residents.town import BORN, COMMUNITY, FAR_COUNTY, GRID, SECOND, STREET, Town, number
from tests.servers.site import Site
from tests.unit.residents.samples import STREET_STAFF

pytestmark = pytest.mark.domain("Privacy: sealed fields")


@pytest.fixture
def pair(town: Town) -> tuple[str, str]:
    """Two namesakes with one phone, in two grids."""
    facts = {"name": "欧阳青岚", "phone": "13947312345", "birthday": BORN}
    there = town.household("second", town.dwelling("second", area=SECOND))
    return town.person(town.household(), **facts), town.person(there, "second", **facts)


@pytest.mark.parametrize(
    ("way", "value"),
    [
        ("name", "欧阳青岚"), ("name", " 欧阳 青岚 "), ("surname", "欧阳"), ("initials", "oyql"), ("initials", "OYQL"),
        ("phone", "139-4731-2345"), ("phone", "+86 13947312345"),
    ],
)  # fmt: skip
def test_a_search_finds_residents_of_the_callers_area_alone(
    town: Town, pair: tuple[str, str], way: str, value: str
) -> None:
    assert town.found("worker", way, value) == [pair[0]]
    assert town.found("second", way, value) == [pair[1]]
    assert town.found("street", way, value) == sorted(pair)
    assert town.found("next", way, value) == []


def test_a_search_by_number_finds_whoever_was_recorded_with_the_old_one(town: Town) -> None:
    old = number()[:6] + number()[8:17]
    resident = town.person(town.household(), identity_number=old)
    for written in (old, number(), number().lower()):
        assert town.found("worker", "identity_number", written) == [resident]
    problem = town.problem("worker", "search_residents", by="identity_number", value="123")
    assert problem["data"]["fields"][0]["field"] == "value"


def test_a_search_shows_no_more_than_asked_for(town: Town) -> None:
    household = town.household()
    people = sorted(town.person(household, name=f"王小{letter}") for letter in "明红刚")
    shown = town.ask("worker", "search_residents", by="surname", value="王", limit=2)["items"]
    assert [row["id"] for row in shown] == people[:2]


def test_every_answer_masks_the_name_and_holds_nothing_else_that_is_sealed(town: Town) -> None:
    household = town.household()
    facts = {"phone": "13947312345", "identity_number": number()}
    resident = town.person(household, name="欧阳青岚", **facts)
    answers: list[dict[str, Any]] = [
        town.ask("centre", "get_resident", resident=resident),
        *town.ask("centre", "list_residents")["items"],
        *town.ask("centre", "search_residents", by="name", value="欧阳青岚")["items"],
        *town.ask("centre", "get_household", household=household)["members"],
    ]
    for row in answers:
        assert (row["id"], row["name"], row["born_year"]) == (resident, "欧***", 1950)
        assert not {"phone", "identity_number", "birthday", "died_on"} & row.keys()
    assert town.refused("centre", "open_resident", resident=resident, purpose="care", reason="x") == "wrong_role"


def test_residents_are_listed_by_area_page_by_page(town: Town) -> None:
    household = town.household()
    here = sorted(town.person(household) for _ in range(3))
    there = town.person(town.household("second", town.dwelling("second", area=SECOND)), "second")
    assert town.seen("worker") == town.seen("street", area=GRID) == here
    assert town.seen("centre") == town.seen("street", area=COMMUNITY) == sorted([*here, there])
    assert town.seen("next") == []


def test_residents_are_listed_by_age_colour_and_need_together(town: Town) -> None:
    household = town.household()
    old, young = (town.person(household, birthday=date(year, 5, 1)) for year in (1940, 1999))
    unknown = town.person(household)
    age = town.site.now.year - 1940
    assert town.seen("worker", age_from=age) == [old]
    assert town.seen("worker", age_from=0, age_to=age - 1) == [young]
    assert town.seen("worker", age_from=age + 1) == []
    assert unknown in town.seen("worker")
    # As if the tenant had given the household a colour and the person a need.
    code = GRID.split("/")[-2]
    marked = {"listed": {"$each": [f"{code}/colour:red", f"{code}/need:alone"]}}
    rows = town.site.collections("residents")["residents"]
    rows.update_one({"_id": f"{town.tenant}:{old}"}, {"$push": marked})
    assert town.seen("worker", colour="red", need="alone") == town.seen("street", area=GRID, need="alone") == [old]
    assert town.seen("worker", colour="blue") == []


@pytest.mark.parametrize("method", ["list_residents", "list_households", "list_dwellings"])
def test_no_path_shows_what_lies_outside_the_callers_area(town: Town, method: str, pair: tuple[str, str]) -> None:
    assert len(town.listed("street", method)) == 2
    assert len(town.listed("worker", method)) == 1
    second = SECOND.split("/")[-2]
    # The last code alone decides what the index finds: these begin like the caller's area and end elsewhere.
    for area in (SECOND, COMMUNITY, STREET, "/1503/", f"{GRID}{second}/", f"{GRID}1503/", FAR_COUNTY):
        assert town.listed("worker", method, area=area) == [], area
    nowhere = town.who("worker", area="")
    assert town.listed(nowhere, method) == town.listed(nowhere, method, area=GRID) == []


AFTER = {"_id": {"$gt": "wuhai:a"}}
BY_KEY = [("_id", 1)]


def queries() -> list[tuple[Any, dict[str, Any], list[tuple[str, int]], str]]:
    """The model, what is asked of it, in which order, and the first fields of the index that serves it."""
    by = STREET_STAFF
    listed = [{}, {"area": GRID}, {"colour": "red"}, {"need": "alone", "colour": "red", "area": GRID}]
    ages = {"born_year": {"$gte": 1930, "$lte": 1960}}
    return [
        (Dwelling, in_area(by, "") | AFTER, BY_KEY, "codes"),
        (Dwelling, in_area(by, GRID) | AFTER, BY_KEY, "codes"),
        (Dwelling, in_area(by, "") | {"building": "b"} | AFTER, BY_KEY, "(codes|building)"),
        (Dwelling, {"codes": "150302003014001"}, [], "codes"),
        (Household, in_area(by, GRID) | AFTER, BY_KEY, "codes"),
        (Household, {"dwelling": "d", "state": ACTIVE}, BY_KEY, "dwelling_1_state"),
        (Household, {"dwelling": "d"}, [], "dwelling"),
        (Household, {"head": "r"}, [], "head"),
        *(
            (Resident, where_listed(by, ListResidents(**form)) | more, BY_KEY, "listed")
            for form in listed
            for more in (AFTER, ages)
        ),
        (Resident, {"tokens": "t", "state": {"$ne": MERGED}} | in_area(by, ""), BY_KEY, "tokens"),
        (Resident, members_of("h"), BY_KEY, "household"),
        (Resident, where_living_in("150302003014"), [], "listed"),
        (Resident, {"household": "h"}, [], "household"),
        (Resident, {"household": "", "area": {"$in": [GRID]}}, [], "household"),
        (
            ReadingAlert,
            {"listed": GRID, "reader": {"$ne": "u"}},
            [("raised_at", -1), ("_id", -1)],
            "listed_1_raised_at",
        ),
        (ReadingAlert, WHERE_WAITING, [], "state"),
        (ReadingAlert, {"state": {"$in": [COUNTING]}, "day": {"$lt": "2026-01-01"}}, [], "state_1_day"),
        (AssignmentReplica, {"subject": "u"}, [], "subject"),
        (PlaceReplica, {"merged_into": "150302003014900"}, [], "merged_into"),
        (PlaceReplica, {"parent": "150302003014", "tier": {"$in": ["community"]}}, [], "parent"),
    ]


@pytest.mark.parametrize(("model", "where", "sort", "index"), queries())
def test_an_index_serves_it(
    residents_site: Site, model: Any, where: dict[str, Any], sort: list[tuple[str, int]], index: str
) -> None:
    collection = residents_site.collections("residents")[model._get_collection_name()]
    cursor = collection.find({"tenant": "wuhai", **where})
    plan = str((cursor.sort(sort) if sort else cursor).explain()["queryPlanner"]["winningPlan"])
    assert "COLLSCAN" not in plan
    assert re.search(f"'tenant_1_{index}_", plan), plan
