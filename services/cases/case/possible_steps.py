"""What a caller may do with a case now: each step's own guard and conditions, asked without taking the step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, get_args

from chassis.errors import Problem
from chassis.security.principal import Principal
from services.cases.api.acts import CaseAct, PartyAct
from services.cases.api.states import RequestKind, State
from services.cases.case.model import (
    clock,
    dispatch,
    dispute,
    handling,
    inspection,
    intake,
    lead_requests,
    merge,
    rating,
    reopening,
    sub_tasks,
    supervision,
    unit_calls,
    urge,
    whistle,
    withdrawal,
)
from services.cases.case.model.case import Case
from services.cases.case.model.guards import Guard
from services.cases.case.model.limits import Limits
from services.cases.case.model.visibility import recused
from vocabulary.rights import may
from vocabulary.roles import Permission, Role

ACTS: tuple[CaseAct, ...] = get_args(CaseAct)
BY_CODE: tuple[PartyAct, ...] = get_args(PartyAct)
T = TypeVar("T")


class Asked(NamedTuple):
    """Who asks, when, and what the case alone does not tell; the functions look it up only if a step needs it.

    `parent`: the case that this one was merged into; `answering`: who may answer its reporter; `has_table`: whether a
    row of the whistle table is for the caller.
    """

    by: Principal
    limits: Limits
    now: datetime
    parent: Case | None = None
    answering: Callable[[], Collection[str]] = tuple
    has_table: Callable[[], bool] = bool


def possible(case: Case, asked: Asked, acts: tuple[CaseAct, ...] = ACTS) -> list[CaseAct]:
    """Returns those of the acts that neither right nor state refuses to a caller who sees the case.

    Of a step on an entry, such as a sub-task: whether there is one that the caller may take it on.
    """
    rights = _Rights(case, asked)
    return [
        act
        for act, step in _candidates(State(case.state), asked.by.roles, acts)
        if _has_entries(case, step) and rights.allow(step) and _is_met(step, case, asked)
    ]


class _Step(NamedTuple):
    """`conditions`: what the guard does not say; refuses by raising or by False. `facts`: as the command gives them.

    `on`: the list whose entries the step is taken on; `conditions` then says whether one of them will do.
    """

    guard: Guard
    conditions: Callable[[Case, Asked], object] | None = None
    on: str = ""
    facts: Callable[[Asked], dict[str, Any]] | None = None


@lru_cache(maxsize=2000)
def _candidates(state: State, roles: frozenset[str], acts: tuple[CaseAct, ...]) -> tuple[tuple[CaseAct, _Step], ...]:
    """Returns the steps that the state allows, and whose rights one of the roles holds in whatever relation."""
    steps = ((act, _STEPS[act]) for act in acts)
    return tuple(
        (act, step) for act, step in steps
        if step.guard.is_open(state) and not step.guard.holders.isdisjoint(roles)
    )  # fmt: skip


class _Rights:
    """The caller's rights to one case, each asked once; most steps relate callers as the case does."""

    def __init__(self, case: Case, asked: Asked) -> None:
        self._case, self._asked = case, asked
        self._by, self._on = recused(asked.by, case.about), case.resource()
        self._known: dict[Permission, bool] = {}

    def allow(self, step: _Step) -> bool:
        guard = step.guard
        if step.facts or guard.facts:
            on = self._case.resource(**step.facts(self._asked)) if step.facts else self._case.resource_of(guard)
            return any(may(self._by, permission, on) for permission in guard.permissions)
        return any(map(self._has, guard.permissions))

    def _has(self, permission: Permission) -> bool:
        if permission not in self._known:
            self._known[permission] = may(self._by, permission, self._on)
        return self._known[permission]


def _has_entries(case: Case, step: _Step) -> bool:
    return not step.on or bool(getattr(case, step.on))


def _is_met(step: _Step, case: Case, asked: Asked) -> bool:
    return step.conditions is None or _passes(step.conditions, case, asked)


def _passes(rule: Callable[..., object], *given: object) -> bool:
    try:
        return rule(*given) is not False
    except Problem:
        return False


def _any_of(entries: Iterable[T], rule: Callable[[T], object]) -> bool:
    return any(_passes(rule, entry) for entry in entries)


def _for_a_party(case: Case, asked: Asked, rule: Callable[[str], object]) -> bool:
    """Whoever acts for parties names one of them; a party is who they are, and so is staff who reported for nobody."""
    persons = [party.person for party in case.parties] if asked.by.has(Role.HOTLINE, Role.COUNTER) else []
    return _any_of([*persons, ""], rule)


def _state_of_parent(asked: Asked) -> State | None:
    return State(asked.parent.state) if asked.parent else None


def _calls_units(guard: Guard, case: Case, asked: Asked) -> bool:
    case.require_no_dispute()
    return not case.needs_table(guard, asked.by) or asked.has_table()


_KINDS: tuple[RequestKind, ...] = get_args(RequestKind)
_STEPS: Mapping[CaseAct, _Step] = {
    "rate": _Step(rating.RATE, lambda c, a: c.require_may_rate(a.by, a.now)),
    "urge": _Step(urge.URGE, lambda c, a: _for_a_party(
        c, a, lambda who: c.require_may_urge(a.by, a.now, who, _state_of_parent(a)))),
    "object": _Step(intake.OBJECT, lambda c, a: _for_a_party(
        c, a, lambda who: c.require_may_object(a.by, a.limits, a.now, who))),
    "withdraw": _Step(withdrawal.WITHDRAW, lambda c, a: _for_a_party(
        c, a, lambda who: c.require_may_withdraw(a.by, who, _state_of_parent(a)))),
    "reopen": _Step(reopening.REOPEN, lambda c, a: _for_a_party(
        c, a, lambda who: c.require_may_reopen(a.by, a.limits, a.now, who, a.parent))),
    "verify": _Step(intake.VERIFY),
    "register": _Step(intake.REGISTER, lambda c, a: c.require_found()),
    "reject": _Step(intake.REJECT, lambda c, a: c.require_verified()),
    "self_resolve": _Step(intake.SELF_RESOLVE),
    "screen": _Step(intake.SCREEN, lambda c, a: c.require_hidden_reporter()),
    "merge": _Step(merge.MERGE, lambda c, a: c.require_may_merge(a.by)),
    "unmerge": _Step(merge.UNMERGE, lambda c, a: c.require_may_unmerge(a.by, State((a.parent or c).state))),
    "recompute_limits": _Step(clock.RECOMPUTE),
    "escalate": _Step(dispatch.ESCALATE, lambda c, a: dispatch.tier_above(a.by)),
    "take_on": _Step(dispatch.TAKE_ON),
    "dispatch": _Step(dispatch.DISPATCH, lambda c, a: c.require_no_dispute()),
    "whistle": _Step(whistle.WHISTLE, lambda c, a: _calls_units(whistle.WHISTLE, c, a)),
    "whistle_more": _Step(whistle.WHISTLE_MORE, lambda c, a: _calls_units(whistle.WHISTLE_MORE, c, a)),
    "redirect": _Step(dispatch.REDIRECT, lambda c, a: c.require_may_redirect(a.by, a.now)),
    "accept": _Step(dispatch.ACCEPT),
    "report_in": _Step(unit_calls.REPORT_IN, lambda c, a: c.require_may_report_in(a.by), on="calls"),
    "dispute_call": _Step(unit_calls.DISPUTE_CALL, lambda c, a: c.require_may_dispute_call(a.by, a.now), on="calls"),
    "release_unit": _Step(unit_calls.RELEASE, lambda c, a: _any_of(
        c.calls, lambda call: c.require_may_release(a.by, call.unit)), on="calls"),
    "grade_unit": _Step(unit_calls.GRADE, lambda c, a: _any_of(
        c.calls, lambda call: c.require_may_grade(a.by, call.unit)), on="calls"),
    "invite_members": _Step(unit_calls.INVITE_MEMBERS),
    "return_case": _Step(dispute.RETURN, lambda c, a: c.require_returnable(a.now)),
    "rule": _Step(dispute.RULE, lambda c, a: c.require_may_rule(a.by)),
    "assign": _Step(dispatch.ASSIGN),
    "start": _Step(handling.START),
    "contact": _Step(handling.CONTACT),
    "note_progress": _Step(handling.NOTE_PROGRESS),
    "answer_reporter": _Step(handling.ANSWER_REPORTER, facts=lambda a: {"taken_by": a.answering()}),
    "assign_sub_task": _Step(sub_tasks.ASSIGN_SUB_TASK),
    "reassign_sub_task": _Step(sub_tasks.ASSIGN_SUB_TASK, lambda c, a: _any_of(
        c.sub_tasks, lambda task: c.require_may_reassign(a.by, task.number)), on="sub_tasks"),
    "accept_sub_task": _Step(sub_tasks.ACCEPT_SUB_TASK, lambda c, a: _any_of(
        c.sub_tasks, lambda task: c.require_may_do(sub_tasks.ACCEPT_SUB_TASK, a.by, task.number)), on="sub_tasks"),
    "return_sub_task": _Step(sub_tasks.RETURN_SUB_TASK, lambda c, a: _any_of(
        c.sub_tasks, lambda task: c.require_may_do(sub_tasks.RETURN_SUB_TASK, a.by, task.number)), on="sub_tasks"),
    "finish_sub_task": _Step(sub_tasks.FINISH_SUB_TASK, lambda c, a: _any_of(
        c.sub_tasks, lambda task: c.require_may_do(sub_tasks.FINISH_SUB_TASK, a.by, task.number)), on="sub_tasks"),
    "waive_sub_task": _Step(sub_tasks.WAIVE_SUB_TASK, lambda c, a: _any_of(
        c.sub_tasks, lambda task: c.require_may_waive(a.by, task.number)), on="sub_tasks"),
    "ask": _Step(lead_requests.ASK, lambda c, a: _any_of(
        _KINDS, lambda kind: c.require_may_ask(a.by, kind, a.limits, a.now))),
    "grant": _Step(lead_requests.GRANT, lambda c, a: _any_of(
        c.requests, lambda request: c.require_may_grant(a.by, request.number, a.limits, a.now)), on="requests"),
    "refuse": _Step(lead_requests.REFUSE, lambda c, a: _any_of(
        c.requests, lambda request: c.require_may_decide(lead_requests.REFUSE, a.by, request.number)), on="requests"),
    "resume": _Step(lead_requests.RESUME),
    "resolve": _Step(handling.RESOLVE, lambda c, a: c.require_work_done()),
    "answer_urge": _Step(urge.ANSWER_URGE, lambda c, a: _any_of(
        c.urges, lambda urge: c.require_may_answer_urge(a.by, urge.number)), on="urges"),
    "supervise": _Step(supervision.SUPERVISE, lambda c, a: c.require_may_supervise(a.by)),
    "answer_supervision": _Step(supervision.ANSWER_SUPERVISION, lambda c, a: _any_of(
        c.supervisions, lambda one: c.require_open_supervision(one.number)), on="supervisions"),
    "close_supervision": _Step(supervision.CLOSE_SUPERVISION, lambda c, a: _any_of(
        c.supervisions, lambda one: c.require_may_close_supervision(a.by, one.number)), on="supervisions"),
    "assign_inspector": _Step(inspection.ASSIGN_INSPECTOR),
    "inspect": _Step(inspection.INSPECT, lambda c, a: c.require_uninvolved(a.by)),
    "call_back": _Step(rating.CALL_BACK, lambda c, a: _any_of(
        c.parties, lambda party: c.require_may_call_back(a.by, party.person, a.now))),
    "void": _Step(withdrawal.VOID, lambda c, a: c.require_may_void(a.by)),
}  # fmt: skip
