"""Lists, searches and sums are about the caller's own area, however the area is written that is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.errors import Problem
from chassis.security.principal import Principal, codes_of
from services.residents.people.model import Resident
from tests.contract.cases.rights.world import AREA, HERE, STREET, THERE, World
from tests.contract.dry import SEALER, ask
from tests.contract.residents.rights import requests as r
from tests.contract.residents.rights.records import records
from tests.contract.residents.rights.walk import caller, residents, told
from tests.unit.residents import samples as s

pytestmark = pytest.mark.domain("Roles")

BY = caller(World("street", frozenset({AREA})))
SUPERVISOR = caller(World("supervisor", frozenset({AREA})))
#: Everybody in the tenant sees fields, forms and mappings.
LISTS = [
    method for method, kind in r.KIND_OF.items()
    if kind.endswith("listing") and method not in ("list_fields", "list_forms", "list_mappings")
]  # fmt: skip


def who_lists(method: str) -> Principal:
    return SUPERVISOR if method == "list_reading_alerts" else BY


def rows_of(answer: Any) -> list[Any]:
    rows: list[Any] = answer["items"] if isinstance(answer, dict) else answer.items
    return rows


@pytest.mark.parametrize("method", LISTS)
def test_a_list_and_a_search_show_only_what_lies_in_the_callers_area(method: str) -> None:
    rows = rows_of(told(who_lists(method), method, r.request(method)))
    assert rows
    assert {row["area"] for row in rows} == {HERE}


@pytest.mark.parametrize("method", [each for each in LISTS if each != "search_residents"])
def test_a_path_that_begins_like_the_callers_and_ends_elsewhere_finds_nothing(method: str) -> None:
    for code in codes_of(THERE):
        assert rows_of(told(who_lists(method), method, r.request(method) | {"area": f"{STREET}{code}/"})) == []


@pytest.mark.parametrize("method", ["show_progress", "show_savings"])
def test_such_a_path_sums_up_nothing(method: str) -> None:
    nothing = told(BY, method, r.request(method) | {"area": f"{STREET}150302003999/"})
    assert told(BY, method, r.request(method)) != nothing
    for code in codes_of(THERE):
        assert told(BY, method, r.request(method) | {"area": f"{STREET}{code}/"}) == nothing


def test_a_known_number_out_of_sight_is_recorded_and_not_told() -> None:
    number = s.number_of(s.NOW.date().replace(year=1950))
    known = [Resident._from_son(each.to_mongo().to_dict()) for each in records() if isinstance(each, Resident)]
    for each in known:
        each.tokens = [*each.tokens, SEALER.blind(number, "identity_number")]
    far = [each for each in known if each.area == THERE]
    rest = [each for each in records() if not isinstance(each, Resident)]
    form = {"household": "H1", "name": "李芳", "identity_number": number}
    assert ask(residents([*rest, *far]), "record_resident", BY, form)["state"] == "LIVING_HERE"
    with pytest.raises(Problem) as refusal:
        ask(residents([*rest, *known]), "record_resident", BY, form)
    assert refusal.value.code == "resident.known"
