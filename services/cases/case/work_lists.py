"""Work lists, as database filters per role: to-do, mine, came back, yellow and red, supervised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import get_args

from chassis.errors import Forbidden
from chassis.security.principal import Principal
from services.cases.api.states import State, WorkList
from services.cases.case.model.states import OPEN, UNRESOLVED, WITH_LEAD
from services.cases.case.model.visibility import Where
from services.cases.case.texts_zh import WORK_LISTS
from vocabulary.roles import Role
from vocabulary.tiers import TIERS, tier_of

LISTS: tuple[WorkList, ...] = get_args(WorkList)
_CAME_BACK = (State.RETURNED, State.REWORK, State.REOPENED)
_OPEN = {"$in": sorted(OPEN)}


class NoSuchList(Forbidden):
    """`lists`: the lists that the caller's role has."""

    code = "case.no_such_list"
    en = "Your role has no list {name}. Choose one of {lists}."
    zh = "您的角色没有「{name}」清单，可查看的清单：{lists}。"
    chinese = {"name": WORK_LISTS, "lists": WORK_LISTS}


def _states(*states: State) -> Where:
    return {"state": {"$in": sorted(states)}}


def _for_dispatchers(by: Principal) -> Where:
    """Cases that wait for the caller's tier: for verification, dispatch, a ruling, an inspection or a decision."""
    tier = tier_of(by.area)
    below = TIERS[TIERS.index(tier) :]
    return {
        "$or": [
            {"state": {"$in": [State.REPORTED, State.VERIFYING]}},
            {"state": {"$in": [State.REGISTERED, State.RETURNED, State.REOPENED]}, "tier": {"$in": list(below)}},
            {"state": State.INSPECTING},
            {"state": {"$in": sorted(WITH_LEAD)}, "requests.state": "ASKED"},
        ]
    }


def _of_unit(by: Principal) -> Where:
    """Cases that the unit leads, is called to, or has a sub-task of."""
    return {"units": by.unit} | _states(State.DISPATCHED, State.WHISTLED, *WITH_LEAD)


_TO_DO: Mapping[str, Callable[[Principal], Where]] = {
    Role.STREET: _for_dispatchers,
    Role.CENTRE: _for_dispatchers,
    Role.COMMUNITY: lambda by: _states(State.REPORTED, State.VERIFYING, State.REGISTERED),
    Role.GRID_WORKER: lambda by: _states(State.REPORTED),
    Role.GRID_LEADER: lambda by: _states(State.REPORTED),
    Role.DEPARTMENT: _of_unit,
    Role.INSPECTOR: lambda by: _states(State.INSPECTING),
    Role.HOTLINE: lambda by: _states(State.AWAITING_RATING, State.VERIFYING),
    Role.COUNTER: lambda by: _states(*UNRESOLVED),
    Role.RESIDENT: lambda by: _states(State.AWAITING_RATING),
    Role.COURIER: lambda by: _states(State.AWAITING_RATING),
}


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
            return next((make(by) for role, make in _TO_DO.items() if role in by.roles), None)
        case "mine":
            return {"$or": [{"handler": by.subject}, {"first_person": by.subject}, {"persons": by.subject}]}
        case "came_back":
            return _states(*_CAME_BACK)
        case "yellow_and_red":
            return {"mark": {"$in": ["red", "yellow"]}, "state": _OPEN}
        case "supervised":
            return {"supervisions": {"$elemMatch": {"closed_at": None}}, "state": _OPEN}
