"""Every operation of `residents`, in every role, in its area and outside it: what the table says, and no more; and a
record out of sight answers exactly as one that does not exist, also when the request is wrong in another way.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from mongoengine import Document
from msgspec.structs import replace

from chassis.errors import Invalid, NotFound, Problem
from chassis.security.principal import Principal, codes_of, path_of
from gateway.app import OPERATIONS
from services.residents.directory.replicas import PlaceReplica, TenantSettings
from services.residents.people.model import Resident
from services.residents.service import Residents
from tests.contract.cases.rights.world import AREA, HERE, THERE, World, has, worlds
from tests.contract.dry import SEALER, ask, service_with
from tests.unit.residents import samples as s
from vocabulary.access import NotYourArea, WrongRole
from vocabulary.rights import Relation
from vocabulary.roles import DUTIES, Permission, purposes_of
from vocabulary.tiers import tier_of

pytestmark = pytest.mark.domain("Roles")

NEEDS = {each.method: each.permissions for each in OPERATIONS["residents"]}
READING = {"purpose": "care", "reason": "r"}
#: By what they address, and the key of a record in whose area some callers work.
ADDRESSED: dict[str, tuple[str, dict[str, dict[str, Any]]]] = {
    "dwelling": ("EMPTY", {"get_dwelling": {}, "remove_dwelling": {}}),
    "household": (
        "H1",
        {
            "get_household": {}, "move_household": {"dwelling": "EMPTY"}, "split_household": {"residents": ["R1"]},
            "name_head": {"resident": "R1"}, "dissolve_household": {"household": "H2"},
        },
    ),
    "resident": (
        "R1",
        {
            "get_resident": {}, "open_resident": READING, "read_history": READING, "list_duplicates": {},
            "correct_resident": {"phone": "13900000001"}, "move_in": {"household": "H2"}, "move_out": {},
            "record_death": {"on": "2026-01-05"}, "merge_residents": {"into": "R2"},
            "unmerge_residents": {"resident": "MERGED"},
        },
    ),
}  # fmt: skip
#: In a place.
MAKING: dict[str, dict[str, Any]] = {"record_dwelling": {"area": HERE, "door": "d"}}
#: In a record that they name.
INSIDE: dict[str, dict[str, Any]] = {
    "open_household": {"dwelling": "EMPTY"}, "record_resident": {"household": "H1", "name": "李芳"},
}  # fmt: skip
#: The rows are limited to what the caller may read.
LISTING: dict[str, dict[str, Any]] = {
    "list_dwellings": {}, "list_households": {}, "list_residents": {},
    "search_residents": {"by": "name", "value": "王小明"},
}  # fmt: skip
PASSED, UNSEEN, ROLE, RELATION = "passed", "unseen", "wrong role", "wrong relation"


def requests() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The kind of an operation, its name, and a request that passes everything but, perhaps, who may make it."""
    for name, (key, methods) in ADDRESSED.items():
        yield from ((name, method, {name: key} | args) for method, args in methods.items())
    for kind, made in (("making", MAKING), ("inside", INSIDE), ("listing", LISTING)):
        yield from ((kind, method, args) for method, args in made.items())


REQUESTS = {method: (kind, args) for kind, method, args in requests()}


def people(place: str, ending: str = "") -> list[Document]:
    """A dwelling without household, a household without members, one of two, and a record merged into another."""
    by = s.person("s-1", "street", path_of(*codes_of(place)[:3]))
    home, empty = s.dwelling(f"D1{ending}", place, by), s.dwelling(f"EMPTY{ending}", place, by)
    family, alone = (s.household(f"H{n}{ending}", home, by) for n in (1, 2))
    one, other, merged = (s.resident(f"{key}{ending}", family, by=by) for key in ("R1", "R2", "MERGED"))
    merged.merge_into(by, other, s.NOW, "")
    for each in (one, other):
        each.tokens = [*each.tokens, SEALER.blind("王小明", "name")]
    return [home, empty, family, alone, one, other, merged]


def records() -> list[Document]:
    places = {path_of(*codes_of(place)[:length]) for place in (HERE, THERE) for length in range(1, 6)}
    return [
        *people(HERE),
        *people(THERE, "-FAR"),
        *(PlaceReplica(id=f"{s.TENANT}:{codes_of(path)[-1]}", tenant=s.TENANT, path=path, tier=tier_of(path))
          for path in places),
        TenantSettings(id=f"{s.TENANT}:{s.TENANT}", tenant=s.TENANT, path="/1503/"),
    ]  # fmt: skip


def caller(world: World) -> Principal:
    return replace(world.caller, purposes=purposes_of([world.role]))


def told(world: World, method: str, args: dict[str, Any], if_match: int | None = None) -> Any:
    try:
        return ask(service_with(Residents, records()), method, caller(world), args, if_match)
    except Problem as problem:
        return problem


def outcome(world: World, method: str, args: dict[str, Any]) -> str:
    answer = told(world, method, args)
    named = REQUESTS[method][0] == "inside" and isinstance(answer, Invalid)
    if isinstance(answer, NotFound) or (named and answer.faults[0][0] in args):
        return UNSEEN
    if isinstance(answer, WrongRole):
        return ROLE
    return RELATION if isinstance(answer, NotYourArea) else PASSED


def expected(world: World, kind: str, method: str) -> str:
    if kind not in ("making", "listing") and not has(world, Permission.FIND_RESIDENTS):
        return UNSEEN
    if not has(world, *NEEDS[method], in_any=True):
        return ROLE
    return PASSED if kind == "listing" or has(world, *NEEDS[method]) else RELATION


def test_every_operation_is_tried() -> None:
    assert REQUESTS.keys() == NEEDS.keys()


@pytest.mark.parametrize("method", REQUESTS)
def test_who_may_and_in_which_relation_is_what_the_table_says(method: str) -> None:
    kind, args = REQUESTS[method]
    wrong = [
        f"{world.name}: {got} instead of {wanted}"
        for world in worlds()
        if (wanted := expected(world, kind, method)) != (got := outcome(world, method, args))
    ]
    assert not wrong, "\n".join(wrong)
    street = World("street", frozenset({AREA}))
    assert not isinstance(answer := told(street, method, args), Problem), answer


def strangers() -> Iterator[World]:
    yield from (World(role, frozenset(relations)) for role in DUTIES for relations in ((), tuple(OTHER_RELATIONS)))


OTHER_RELATIONS = set(Relation) - {Relation.ANY, AREA, Relation.TIER}
#: Each makes the request wrong in another way, where it has such a field.
WRONG: tuple[dict[str, Any], ...] = (
    {"dwelling": "NONE9", "household": "NONE9", "resident": "NONE9", "residents": ["NONE9"], "into": "NONE9"},
    {"dwelling": "EMPTY-FAR", "household": "H2-FAR", "resident": "R1-FAR", "residents": ["R1-FAR"], "into": "R2-FAR"},
    {"on": "2199-01-01", "purpose": "callback", "identity_number": "123", "birthday": "2199-01-01"},
)
OPTIONAL = {"correct_resident": {"identity_number", "birthday"}}
OF_A_RECORD = [(name, method) for name, (_, methods) in ADDRESSED.items() for method in methods]


@pytest.mark.parametrize(("name", "method"), OF_A_RECORD, ids=[method for _, method in OF_A_RECORD])
def test_an_id_out_of_sight_answers_like_one_that_does_not_exist(name: str, method: str) -> None:
    args = REQUESTS[method][1]
    fields = args.keys() | OPTIONAL.get(method, set())
    for world in strangers():
        for wrong in ({}, *WRONG):
            asked = args | {field: value for field, value in wrong.items() if field in fields - {name}}
            for if_match in (None, 99):
                unseen, unknown = (told(world, method, asked | {name: key}, if_match) for key in (args[name], "NONE9"))
                assert unseen.to_wire() == unknown.to_wire(), f"{world.name}: {asked}, If-Match {if_match}"
                assert unseen.code == "not_found", f"{world.name}: {asked}"


NAMED = [
    (method, field)
    for method, (kind, args) in REQUESTS.items()
    for field in ("dwelling", "household", "resident", "residents", "into")
    if field in args and field != kind
]


@pytest.mark.parametrize(("method", "field"), NAMED)
def test_an_id_in_the_body_that_the_caller_does_not_see_answers_like_an_unknown_one(method: str, field: str) -> None:
    world, args = World("street", frozenset({AREA})), REQUESTS[method][1]
    assert not isinstance(told(world, method, args), Problem)
    hidden, unknown = "-FAR", "-NONE"

    def naming(ending: str) -> Any:
        value = args[field]
        return args | {field: [f"{each}{ending}" for each in value] if isinstance(value, list) else f"{value}{ending}"}

    unseen, none = (told(world, method, naming(ending)) for ending in (hidden, unknown))
    assert unseen.to_wire() == none.to_wire()
    assert unseen.code == "invalid"


@pytest.mark.parametrize("method", LISTING)
def test_a_list_and_a_search_show_only_what_lies_in_the_callers_area(method: str) -> None:
    here = World("street", frozenset({AREA}))
    rows = told(here, method, LISTING[method])
    items = rows["items"] if isinstance(rows, dict) else rows.items
    assert items
    assert {row["area"] for row in items} == {HERE}


def test_a_known_number_out_of_sight_is_recorded_and_not_told() -> None:
    number = s.number_of(s.NOW.date().replace(year=1950))
    known = [each for each in records() if isinstance(each, Resident)]
    for each in known:
        each.tokens = [*each.tokens, SEALER.blind(number, "identity_number")]
    far = [each for each in known if each.area == THERE]
    rest = [each for each in records() if not isinstance(each, Resident)]
    form = {"household": "H1", "name": "李芳", "identity_number": number}
    by = caller(World("street", frozenset({AREA})))
    assert ask(service_with(Residents, [*rest, *far]), "record_resident", by, form)["state"] == "LIVING_HERE"
    with pytest.raises(Problem) as refusal:
        ask(service_with(Residents, [*rest, *known]), "record_resident", by, form)
    assert refusal.value.code == "resident.known"


@pytest.mark.domain("采集、动态更新")
def test_a_day_lies_in_the_future_by_the_calendar_of_the_city() -> None:
    """In the morning of the city it is still yesterday by UTC."""
    by, morning = caller(World("street", frozenset({AREA}))), datetime(2026, 3, 2, 23, tzinfo=UTC)
    service, born = service_with(Residents, records()), {"household": "H1", "name": "李芳", "birthday": "2026-03-03"}
    ask(service, "record_death", by, {"resident": "R1", "on": "2026-03-03"}, now=morning)
    ask(service, "record_resident", by, born, now=morning)
    for method, args in (("record_death", {"resident": "R1", "on": "2026-03-04"}),
                         ("record_resident", born | {"birthday": "2026-03-04"})):  # fmt: skip
        with pytest.raises(Invalid):
            ask(service, method, by, args, now=morning)
