"""Access rules: who sees which cases, as a predicate for one case and as a filter for lists.

`sees` and `where_seen` state the same rules twice, for a loaded case and for the database; a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from chassis.security.principal import Principal, codes_of
from vocabulary.roles import AREA_ROLES, MASKED, REPORTERS, UNIT_ROLES, Role

Where = dict[str, Any]


class Seen(Protocol):
    """The fields that decide who sees a case."""

    persons: list[str]
    first_person: str
    units: list[str]
    inspectors: list[str]
    areas: list[str]
    about: str


def _code(by: Principal) -> str:
    codes = codes_of(by.area)
    return codes[-1] if codes else ""


_SIGHT: dict[str, tuple[Callable[[Seen, Principal], bool], Callable[[Principal], Where]]] = {
    Role.RESIDENT: (lambda case, by: by.subject in case.persons, lambda by: {"persons": by.subject}),
    Role.COURIER: (lambda case, by: by.subject in case.persons, lambda by: {"persons": by.subject}),
    Role.COUNTER: (lambda case, by: by.subject == case.first_person, lambda by: {"first_person": by.subject}),
    Role.HOTLINE: (lambda case, by: True, lambda by: {}),
    Role.DEPARTMENT: (lambda case, by: bool(by.unit) and by.unit in case.units, lambda by: {"units": by.unit}),
    Role.INSPECTOR: (lambda case, by: by.subject in case.inspectors, lambda by: {"inspectors": by.subject}),
}
for _role in AREA_ROLES:
    _SIGHT[_role] = (lambda case, by: _code(by) in case.areas, lambda by: {"areas": _code(by)})
# A street or community also sees the cases that it works on outside its own area.
for _role in UNIT_ROLES:
    _SIGHT[f"{_role}:unit"] = _SIGHT[Role.DEPARTMENT]


def _rules(by: Principal) -> list[tuple[Callable[[Seen, Principal], bool], Callable[[Principal], Where]]]:
    return [rule for name, rule in _SIGHT.items() if name.partition(":")[0] in by.roles]


def sees(case: Seen, by: Principal) -> bool:
    """Returns whether the caller sees the case. Its reporter always does; the unit it is about never does (回避)."""
    if by.subject in case.persons and by.has(*REPORTERS):
        return True
    if case.about and case.about == by.unit:
        return False
    return any(rule(case, by) for rule, _ in _rules(by))


def where_seen(by: Principal) -> Where | None:
    """Returns the database filter for the cases the caller sees; None if they see none at all."""
    filters: list[Where] = []
    for _, make in _rules(by):
        where = make(by)
        if "" not in where.values() and where not in filters:
            filters.append(where)
    if not filters:
        return None
    where = {} if {} in filters else filters[0] if len(filters) == 1 else {"$or": filters}
    return {**where, "about": {"$ne": unit}} if (unit := avoided(by)) else where


def avoided(by: Principal) -> str:
    """Returns the unit whose complaints are hidden from the caller: their own."""
    return "" if by.has(*REPORTERS) else by.unit


def is_masked(by: Principal) -> bool:
    return by.has(*MASKED) and not by.has(*UNIT_ROLES, Role.GRID_WORKER, Role.GRID_LEADER)
