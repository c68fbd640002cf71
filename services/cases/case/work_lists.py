"""Work lists, as database filters: to-do, by role and by unit; mine, came back, yellow and red, supervised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import get_args

from chassis.errors import Forbidden
from chassis.security.principal import Principal
from services.cases.api.states import State, WorkList
from services.cases.case.model.clock import OPEN_SUB_TASKS
from services.cases.case.model.states import OPEN, UNRESOLVED, WITH_LEAD
from services.cases.case.model.visibility import TAKEN_KINDS, Where
from services.cases.case.texts_zh import WORK_LISTS
from vocabulary.rights import GRANTS, Relation, units_with
from vocabulary.roles import Permission, Role
from vocabulary.tiers import TIERS, tier_of

LISTS: tuple[WorkList, ...] = get_args(WorkList)
_CAME_BACK = (State.RETURNED, State.REWORK, State.REOPENED)
_OPEN = {"$in": sorted(OPEN)}
_UNANSWERED_URGE = {"$elemMatch": {"answered_at": None, "released": {"$ne": True}}}


class NoSuchList(Forbidden):
    """`lists`: the lists that the caller's role has."""

    code = "case.no_such_list"
    en = "Your role has no list “{name}”. It has these: {lists}."
    zh = "您的角色没有“{name}”清单，可查看的清单：{lists}。"
    chinese = {"name": WORK_LISTS, "lists": WORK_LISTS}


def _states(*states: State) -> Where:
    return {"state": {"$in": sorted(states)}}


def _for_dispatchers(by: Principal) -> list[Where]:
    """Cases that wait for the caller's tier: for verification, dispatch, a ruling, an inspection or a decision; whose
    supervision it has to close; and whose party is to be answered before anybody leads."""
    tier = tier_of(by.area)
    below = TIERS[TIERS.index(tier) :]
    return [
        _states(State.REPORTED, State.VERIFYING, State.INSPECTING),
        {"tier": {"$in": list(below)}} | _states(State.REGISTERED, State.RETURNED, State.REOPENED),
        {"requests.state": "ASKED"} | _states(*WITH_LEAD),
        {"supervisions": {"$elemMatch": {"tier": by.area, "closed_at": None}}, "state": _OPEN},
        {"lead": "", "urges": _UNANSWERED_URGE, "state": _OPEN},
    ]


#: By role, what waits for it because of its area or of the person.
_BY_ROLE: Mapping[str, Callable[[Principal], list[Where]]] = {
    Role.STREET: _for_dispatchers,
    Role.CENTRE: _for_dispatchers,
    Role.COMMUNITY: lambda by: [_states(State.REPORTED, State.VERIFYING, State.REGISTERED)],
    Role.GRID_WORKER: lambda by: [_states(State.REPORTED)],
    Role.GRID_LEADER: lambda by: [_states(State.REPORTED)],
    Role.INSPECTOR: lambda by: [_states(State.INSPECTING)],
    Role.HOTLINE: lambda by: [_states(State.AWAITING_RATING, State.VERIFYING)],
    Role.COUNTER: lambda by: [_states(*UNRESOLVED)],
    Role.RESIDENT: lambda by: [_states(State.AWAITING_RATING)],
    Role.COURIER: lambda by: [_states(State.AWAITING_RATING)],
}


def _of_units(by: Principal) -> Iterator[Where]:
    """Cases that a unit of the caller leads or is called to, what it has to answer there, and its sub-tasks."""
    for unit in units_with(by, Permission.HANDLE):
        led: Where = {"units": unit, "lead": unit, "state": _OPEN}
        yield {"units": unit} | _states(State.DISPATCHED, State.WHISTLED, *WITH_LEAD)
        yield led | {"urges": _UNANSWERED_URGE}
        yield led | {"supervisions": {"$elemMatch": {"answered_at": None, "closed_at": None}}}
    for unit in units_with(by, Permission.DO_SUB_TASK):
        task = {"$elemMatch": {"unit": unit, "state": {"$in": sorted(OPEN_SUB_TASKS)}}}
        yield {"units": unit, "sub_tasks": task} | _states(*WITH_LEAD)


def _to_screen(by: Principal) -> Iterator[Where]:
    """Reports of hidden reporters: for the hotline all, for others those that they took from the reporter."""
    unscreened: Where = {"screened": False, "state": _OPEN}
    relations = {relation for role, relation in GRANTS[Permission.SCREEN] if role in by.roles}
    if Relation.ANY in relations:
        yield unscreened
    elif relations:
        yield unscreened | {"first_person": by.subject, "kind": {"$in": sorted(TAKEN_KINDS)}}


def _to_do(by: Principal) -> Where | None:
    waiting = [where for role, make in _BY_ROLE.items() if role in by.roles for where in make(by)]
    waiting += _of_units(by)
    waiting += _to_screen(by)
    return {"$or": waiting} if waiting else None


def work_list_of(name: WorkList, by: Principal) -> Where:
    """Returns the list's filter, to be combined with the caller's scope. Raises `NoSuchList`."""
    where = _work_list(name, by)
    if where is None:
        raise NoSuchList(name=name, lists=[each for each in LISTS if _work_list(each, by) is not None])
    return where


def _work_list(name: WorkList, by: Principal) -> Where | None:
    """Returns None if the caller's role has no such list."""
    match name:
        case "to_do":
            return _to_do(by)
        case "mine":
            return {"$or": [{"handler": by.subject}, {"first_person": by.subject}, {"persons": by.subject}]}
        case "came_back":
            return _states(*_CAME_BACK)
        case "yellow_and_red":
            return {"mark": {"$in": ["red", "yellow"]}, "state": _OPEN}
        case "supervised":
            return {"supervisions": {"$elemMatch": {"closed_at": None}}, "state": _OPEN}
