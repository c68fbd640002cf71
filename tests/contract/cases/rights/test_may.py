"""`may` of a case is true: who is offered an act can take it, and who is not is refused, in every role and state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mongoengine import Document

from chassis.errors import NotFound, Problem
from gateway.routes.cases.case import OPERATIONS
from services.cases.api.acts import CaseAct
from services.cases.api.states import State
from services.cases.case.model.case import Case
from services.cases.case.possible_steps import ACTS, BY_CODE
from services.cases.directory.replicas import UnitReplica, WhistleRuleReplica
from tests.contract.cases.rights import requests as r
from tests.contract.cases.rights.test_every_operation import SUB_TASKS, WORLDS
from tests.contract.cases.rights.world import (
    World,
    called_beside_the_lead,
    cases_with,
    hidden_report,
    records,
    with_sub_task,
)
from tests.contract.dry import ask
from tests.unit.cases import people as p

pytestmark = pytest.mark.domain("Roles")

STATES = [state for state in State if state is not State.RESOLVED]  # it is left at once
SUB_TASK_STATES = ["ASSIGNED", "ACCEPTED", "RETURNED", "DONE", "WAIVED"]


def test_every_step_of_a_case_is_an_act_that_may_be_offered() -> None:
    about_a_case = [each for each in OPERATIONS if each.path.startswith("/v1/cases/{case}/")]
    steps = {each.method: each for each in about_a_case if each.verb == "POST"}
    assert set(ACTS) == set(steps)
    assert set(BY_CODE) == {method for method, each in steps.items() if each.public}


def city(world: World, documents: list[Document], table: bool) -> list[Document]:
    units = [
        UnitReplica(id=f"{p.TENANT}:{name}", tenant=p.TENANT, name=name, kind="department", path=p.STREET, active=True)
        for name in (world.unit, "lead")
    ]
    row = WhistleRuleReplica(
        id=f"{p.TENANT}:row-1", tenant=p.TENANT, caller=world.role, units=["water", "housing"], area=p.CITY, active=True
    )
    return [*documents, *units, *([row] if table else [])]


def forms(act: str, case: Case) -> Iterator[dict[str, Any]]:
    """Requests that fit the case: one of them passes if neither right nor state stands against it."""
    form = r.OF_A_CASE[act]
    people = ["", *(party.person for party in case.parties)]
    choices: dict[str, list[dict[str, Any]]] = {
        "person": [{"person": person} for person in people],
        "handler": [{"handler": "me"}, {"handler": "colleague"}],
        "lead": [{"lead": lead} for lead in ("water", case.lead)],
        "unit": [{"unit": unit} for unit in ("water", *(call.unit for call in case.calls))],
        "units": [{"units": [unit]} for unit in ("water", "housing")],
        "what": [
            {}, {"what": "transfer", "to": "water"}, {"what": "transfer", "to": "housing"},
            {"what": "extension", "until": ((case.due or p.START) + p.HOUR).isoformat()},
        ],
        "passed": [{"passed": True}, {"passed": False}],
    }  # fmt: skip
    for field, some in choices.items():
        if field in form:
            yield from (form | each for each in some)
            return
    yield form


def can(documents: list[Document], world: World, act: str) -> Problem | None:
    """Returns None if one of the requests passes, else the last refusal."""
    case = next(each for each in documents if isinstance(each, Case))
    refusal: Problem | None = NotFound()
    for form in forms(act, case):
        try:
            ask(cases_with(documents), act, world.caller, {"case": "CASE1", **form})
        except Problem as problem:
            refusal = problem
        else:
            return None
    return refusal


def offered(documents: list[Document], world: World) -> set[CaseAct]:
    try:
        return set(ask(cases_with(documents), "get_case", world.caller, {"case": "CASE1"})["may"])
    except NotFound:
        return set()


def fitting(act: str, world: World) -> list[Document]:
    """The case in a state in which the act is possible."""
    if act == "dispute_call":
        return called_beside_the_lead(world)
    if act == "screen":
        return hidden_report(world)
    if act in SUB_TASKS:
        return with_sub_task(world, SUB_TASKS[act], absent=act == "waive_sub_task")
    return records(world, *(r.STATES[act],) if act in r.STATES else ())


@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_offered_to_exactly_those_who_can_take_it(act: str) -> None:
    wrong, taken = [], 0
    for world in WORLDS:
        documents = city(world, fitting(act, world), table=True)
        told, refusal = act in offered(documents, world), can(documents, world, act)
        taken += told
        if told != (refusal is None):
            wrong.append(f"{world.name}: {'offered' if told else 'not offered'}, {refusal!r}")
    assert not wrong, "\n".join(wrong)
    assert taken, "nobody was offered it"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    world=st.sampled_from(WORLDS), state=st.sampled_from(STATES), task=st.sampled_from(["", *SUB_TASK_STATES]),
    absent=st.booleans(), table=st.booleans(), about=st.sampled_from(["", "housing"]), breach=st.booleans(),
    confidential=st.booleans(), call=st.sampled_from(["CALLED", "REPORTED_IN", "NO_SHOW", "RELEASED", "DISPUTED"]),
    days=st.sampled_from([0, 1, 8, 20, 90]), answered=st.booleans(), verified=st.booleans(), asked=st.booleans(),
)  # fmt: skip
def test_what_is_offered_is_possible_and_nothing_else(
    world: World, state: State, task: str, absent: bool, table: bool, about: str, breach: bool, confidential: bool,
    call: str, days: int, answered: bool, verified: bool, asked: bool,
) -> None:  # fmt: skip
    made = with_sub_task(world, task, absent) if task else list(records(world, state))
    documents = city(world, made, table)
    old, other, *_ = (each for each in documents if isinstance(each, Case))
    case = Case._from_son(old.to_mongo().to_dict())
    documents[documents.index(old)] = case
    into = Case._from_son(other.to_mongo().to_dict())
    documents[documents.index(other)], into.about = into, about  # what may be merged is about the same unit
    case.state, case.about, case.contacted_at = state, about, None if breach else case.contacted_at
    case.merged_into, case.merged_from = ("CASE2", "REGISTERED") if state is State.MERGED else ("", "")
    if confidential:
        case.parties[0].confidentiality, case.screened, case.kind = "confidential", False, "staff"
    case.calls[-1].state = call
    case.reported_at -= timedelta(days=days)
    case.state_since, case.step_due = p.START - timedelta(days=days), p.START + p.HOUR - timedelta(days=days)
    case.parties[0].answered_at = p.START if answered else None
    case.verification = case.verification if verified else None
    case.requests[0].state = "ASKED" if asked else "REFUSED"
    case.closed_at = case.state_since if state is State.CLOSED else None
    # Pages tell how these ended, from the step that ended them.
    ended = {State.WITHDRAWN: "withdraw", State.VOIDED: "void", State.SELF_RESOLVED: "self_resolve"}
    case.history = [*case.history, {"at": p.START, "act": ended.get(state, "comment"), "reason": "other"}]
    told = offered(documents, world)
    for act in ACTS:
        refusal = can(documents, world, act)
        assert (act in told) == (refusal is None), (act, refusal)
