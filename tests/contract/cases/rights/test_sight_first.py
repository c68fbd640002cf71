"""What a caller may not see answers exactly like what does not exist, also when the request is wrong in another way."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.errors import Problem
from tests.contract.cases.rights import requests as r
from tests.contract.cases.rights.test_every_operation import (
    SIGHT,
    SUB_TASKS,
    UNSEEN,
    expected,
    operations,
    request,
)
from tests.contract.cases.rights.world import AREA, OWN, TAKEN, TIER, UNIT, World, cases_with, records, with_sub_task
from tests.contract.dry import ask
from vocabulary.roles import DUTIES, Role

pytestmark = pytest.mark.domain("Roles")

ADDRESSED = [(kind, method) for kind, method in operations() if SIGHT[kind][1]]
#: Each makes the request wrong in another way, where it has such a field.
WRONG: dict[str, dict[str, Any]] = {
    "unknown unit": {"lead": "nowhere", "unit": "nowhere", "proposed": "nowhere", "units": ["nowhere"]},
    "unknown person": {"handler": "nobody", "inspector": "nobody", "person": "nobody"},
    "unknown photo": {"photos": ["F9"], "proof": ["F9"]},
    "another's photo": {"photos": ["F1"], "proof": ["F1"]},
    "unknown case": {"into": "CASE9", "case": "CASE9"},
    "unknown number": {"number": 99, "item": 99},
    "unknown reason": {"reason": "because", "entry": "no-entry"},
}
#: Fields that a request takes but does not have to give.
OPTIONAL = {
    "verify": ("photos",), "self_resolve": ("photos",), "resolve": ("proof",), "screen": ("photos",),
}  # fmt: skip


def answer(world: World, method: str, args: dict[str, Any], if_match: int | None = None) -> Any:
    state = SUB_TASKS.get(method)
    documents = with_sub_task(world, state) if state else records(world, *filter(None, [r.STATES.get(method)]))
    try:
        return ask(cases_with(documents), method, world.caller, args, if_match)
    except Problem as problem:
        return problem.to_wire()


def strangers(kind: str, method: str) -> list[World]:
    return [each for each in (World(role, frozenset()) for role in DUTIES) if expected(kind, method, each) == UNSEEN]


def variants(kind: str, method: str) -> dict[str, dict[str, Any]]:
    args, key = request(kind, method), set(SIGHT[kind][1])
    fields = args.keys() | set(OPTIONAL.get(method, ())) - key
    wrong = {name: {field: value for field, value in some.items() if field in fields - key}
             for name, some in WRONG.items()}  # fmt: skip
    return {"right": args} | {name: args | some for name, some in wrong.items() if some}


@pytest.mark.parametrize(("kind", "method"), ADDRESSED, ids=[method for _, method in ADDRESSED])
def test_an_id_out_of_sight_answers_like_one_that_does_not_exist(kind: str, method: str) -> None:
    name = list(SIGHT[kind][1])[-1]
    for world in strangers(kind, method):
        for what, args in variants(kind, method).items():
            for if_match in (None, 99):
                unseen = answer(world, method, args, if_match)
                unknown = answer(world, method, args | {name: "NONE9"}, if_match)
                assert unseen == unknown, f"{world.name}: {what}, If-Match {if_match}"
                assert unseen["code"] == "not_found", f"{world.name}: {what}"


def test_somebody_is_a_stranger_to_every_record_that_can_be_addressed() -> None:
    for kind, method in ADDRESSED:
        if kind != "article":  # what is published is for everyone
            assert strangers(kind, method), method


STRANGER_AT_A_CENTRE = World(Role.CENTRE, frozenset())
#: Operation, caller, what they name but do not see, and what does not exist.
PAIRS: dict[str, tuple[str, World, dict[str, Any], dict[str, Any]]] = {
    "photo of a report": ("report", World(Role.RESIDENT, frozenset()), {"photos": ["F1"]}, {"photos": ["F9"]}),
    "photo of a result": ("resolve", World(Role.DEPARTMENT, frozenset({UNIT})), {"proof": ["F1"]}, {"proof": ["F9"]}),
    "case to merge into": ("merge", World(Role.STREET, frozenset({AREA, TIER})), {"into": "FAR"}, {"into": "CASE9"}),
    "case of a ticket": (
        "name_ticket_case", World(Role.COUNTER, frozenset({UNIT})), {"case": "CASE1"}, {"case": "CASE9"},
    ),
    "case of a mediation": (
        "open_mediation", World(Role.COMMUNITY, frozenset({AREA})), {"case": "FAR"}, {"case": "CASE9"},
    ),
    "review of an accountability": (
        "hold_accountable", STRANGER_AT_A_CENTRE, {"review": "P1"}, {"review": "P9"},
    ),
    "case of an accountability": (
        "hold_accountable", STRANGER_AT_A_CENTRE, {"case": "CASE1", "review": ""}, {"case": "CASE9", "review": ""},
    ),
}  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS)
def test_an_id_in_the_body_that_the_caller_does_not_see_answers_like_an_unknown_one(pair: str) -> None:
    method, world, hidden, unknown = PAIRS[pair]
    kind = next(kind for kind, each in operations() if each == method)
    args = request(kind, method)
    unseen, none = (answer(world, method, args | some) for some in (hidden, unknown))
    assert unseen == none
    assert unseen["code"] in ("invalid", "not_found")


def test_a_callback_is_known_to_the_hotline_alone() -> None:
    for role in DUTIES:
        world = World(role, frozenset({OWN, TAKEN}))
        told = answer(world, "note_callback", {"callback": "B1", "reached": True})
        assert told.get("code") == (None if role == Role.HOTLINE else "not_found"), role
