"""Every operation of `cases`, in every role, in every relation to what it is about: what the table says, and no more.

The service runs in this process; only its database is a stand-in. What a relation is, is said here a second time, by
what the worlds contain.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chassis.errors import NotFound, Problem
from gateway.app import OPERATIONS
from services.cases.case.model.permissions import AtWrongTier, NotYours
from services.cases.case.queries import SeesNoCases
from tests.contract.cases.rights import requests as r
from tests.contract.cases.rights.world import (
    World,
    called_beside_the_lead,
    cases_with,
    has,
    hidden_report,
    records,
    with_sub_task,
    worlds,
)
from tests.contract.dry import ask
from vocabulary.access import WrongRole
from vocabulary.roles import Permission

pytestmark = pytest.mark.domain("Roles")

NEEDS = {each.method: each.permissions for each in OPERATIONS["cases"]} | {"ask_photo": (Permission.ADD_PHOTO,)}
#: Of two rights that the API names, the one that counts for a registered case with a lead.
NEEDS |= {
    "merge": (Permission.MERGE,), "unmerge": (Permission.MERGE,), "answer_urge": (Permission.HANDLE,),
}  # fmt: skip
#: What must be possible to learn that the record exists.
SIGHT: dict[str, tuple[dict[str, r.Args], dict[str, Any], Permission | None]] = {
    "case": (r.OF_A_CASE, {"case": "CASE1"}, Permission.READ_CASE),
    "ticket": (r.OF_A_TICKET, {"ticket": "T1"}, Permission.READ_TICKET),
    "deliberation": (r.OF_A_DELIBERATION, {"deliberation": "D1"}, Permission.READ_DELIBERATION),
    "mediation": (r.OF_A_MEDIATION, {"mediation": "M1"}, Permission.TAKE_PART),
    "mediating": (r.OF_A_MEDIATOR, {"mediation": "M2"}, Permission.TAKE_PART),
    "agreement": (r.OF_AN_AGREEMENT, {"mediation": "M3"}, Permission.TAKE_PART),
    "proceeding": (r.OF_A_PROCEEDING, {"kind": "review", "proceeding": "P1"}, Permission.READ_PROCEEDINGS),
    "article": (r.OF_AN_ARTICLE, {"article": "A1"}, Permission.LOOK_UP),
    "callback": ({"note_callback": {"reached": True}}, {"callback": "B1"}, Permission.CALL_BACK),
    "making": (r.MAKING, {}, None),
    "listing": (r.LISTING, {}, None),
}
SUB_TASKS = {
    "accept_sub_task": "ASSIGNED", "return_sub_task": "ASSIGNED", "finish_sub_task": "ACCEPTED",
    "waive_sub_task": "ASSIGNED", "reassign_sub_task": "RETURNED",
}  # fmt: skip
WORLDS = list(worlds())
PASSED, UNSEEN, ROLE, RELATION = "passed", "unseen", "wrong role", "wrong relation"


def operations() -> Iterator[tuple[str, str]]:
    yield from ((kind, method) for kind, (methods, _, _) in SIGHT.items() for method in methods)


def expected(kind: str, method: str, world: World) -> str:
    sight = SIGHT[kind][2]
    if sight and not has(world, sight):
        return UNSEEN
    if not has(world, *NEEDS[method], in_any=True):
        return ROLE
    # The rows of a list are what the caller may read.
    return PASSED if kind == "listing" or has(world, *NEEDS[method]) else RELATION


def request(kind: str, method: str) -> dict[str, Any]:
    methods, keys, _ = SIGHT[kind]
    return keys | methods[method]


def outcome(method: str, args: dict[str, Any], world: World) -> tuple[str, Exception | None]:
    if method == "dispute_call":
        documents = called_beside_the_lead(world)
    elif method == "screen":
        documents = hidden_report(world)
    elif method in SUB_TASKS:
        documents = with_sub_task(world, SUB_TASKS[method], absent=method == "waive_sub_task")
    else:
        documents = records(world, *(r.STATES[method],) if method in r.STATES else ())
    try:
        answer = ask(cases_with(documents), method, world.caller, args)
    except NotFound as error:
        return UNSEEN, error
    except (WrongRole, SeesNoCases) as error:
        return ROLE, error
    except (NotYours, AtWrongTier) as error:
        return RELATION, error
    except Problem as error:
        return PASSED, error
    # An import answers for each row.
    return (RELATION if method == "import_cases" and answer["rejected"] else PASSED), None


def test_every_operation_is_tried() -> None:
    tried = {method for _, method in operations()} | r.BY_SECRET
    assert tried == NEEDS.keys()


@pytest.mark.parametrize(("kind", "method"), list(operations()), ids=[method for _, method in operations()])
def test_who_may_and_in_which_relation_is_what_the_table_says(kind: str, method: str) -> None:
    args, wrong, succeeded = request(kind, method), [], False
    for world in WORLDS:
        wanted, (got, error) = expected(kind, method, world), outcome(method, args, world)
        if method == "hold_accountable" and (wanted, got) == (RELATION, UNSEEN):
            continue  # the case that it names is out of sight
        succeeded = succeeded or (got == PASSED and error is None)
        if got != wanted:
            wrong.append(f"{world.name}: {got} instead of {wanted} ({error!r})")
    assert not wrong, "\n".join(wrong)
    assert succeeded, "nobody could do it"
