"""Access rules: who sees which cases, as a predicate for one case and as a filter for lists.

Both come from the rows of `read_case` in `vocabulary.rights`; a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Protocol

import msgspec

from chassis.security.principal import Principal
from vocabulary.rights import (
    GRANTS,
    HOLDERS,
    Attributes,
    Relation,
    Resource,
    division_of,
    is_related,
    may,
    units_of,
    units_over,
    works_under,
)
from vocabulary.roles import MASKED, REPORTERS, Permission, Role

Where = dict[str, Any]


class Seen(Protocol):
    """The fields that decide who sees a case."""

    persons: list[str]
    first_person: str
    units: list[str]
    inspectors: list[str]
    area: str
    spans: list[str]
    about: str
    kind: str
    source: str
    parties: list[Any]


#: The kind of a case that follows from a visit to a household, whose id is its `source`.
VISIT = "visit"
#: Kinds of cases that staff took from the reporter. In all others 首问 is whoever verified or registered the report.
TAKEN_KINDS = frozenset({"grid_worker", "counter", "hotline", "staff"})


#: The filters of each relation for lists: each needs an index of its own.
_FILTERS: Mapping[Relation, Callable[[Principal, Role], list[Where]]] = {
    Relation.OWN: lambda by, role: [{"persons": by.subject}],
    Relation.TAKEN: lambda by, role: [{"first_person": by.subject}],
    Relation.ASSIGNED: lambda by, role: [{"inspectors": by.subject}],
    Relation.AREA: lambda by, role: [{"areas": division_of(by)}] if by.area else [],
    Relation.UNIT: lambda by, role: [{"units": unit} for unit in sorted(units_of(by, role))],
    Relation.ANY: lambda by, role: [{}],
}


_READERS = GRANTS[Permission.READ_CASE]
_WORKERS = HOLDERS[Permission.DO_SUB_TASK]


class _Resource:
    """The case as the table of rights asks for it. It reads each field only when asked, which every read pays for."""

    __slots__ = ("_case",)
    tier = ""

    def __init__(self, case: Seen) -> None:
        self._case = case

    persons = property(lambda self: self._case.persons)
    taken_by = property(lambda self: (self._case.first_person,))
    area = property(lambda self: self._case.area)
    spans = property(lambda self: self._case.spans)
    units = property(lambda self: self._case.units)
    assigned = property(lambda self: self._case.inspectors)


def recused(by: Principal, about: str) -> Principal:
    """Returns the caller as far as they have to do with a case about this unit: of whoever works under it only the
    reporter is left (回避)."""
    return msgspec.structs.replace(by, roles=by.roles & REPORTERS) if works_under(by, about) else by


def roles_that_see(case: Seen, by: Principal) -> Iterator[Role]:
    """Yields the caller's roles by which they see the case."""
    return _reading_roles(recused(by, case.about), _Resource(case))


def _reading_roles(by: Principal, on: Attributes) -> Iterator[Role]:
    return (role for role, relation in _READERS if role in by.roles and is_related(by, role, relation, on))


def sees(case: Seen, by: Principal) -> bool:
    return any(True for _ in roles_that_see(case, by))


def reads_as_party(case: Seen, by: Principal) -> bool:
    """Returns whether the caller sees the case as its reporter alone: what staff wrote for each other stays hidden."""
    return REPORTERS.issuperset(roles_that_see(case, by))


def source_for(case: Seen, by: Principal) -> str:
    """Returns what the case comes from; a visit only for those who may find residents there, who see it too."""
    if case.kind != VISIT or may(by, Permission.FIND_RESIDENTS, Resource(area=case.area)):
        return case.source
    return ""


def is_masked(case: Seen, by: Principal) -> bool:
    """Returns whether every role by which the caller sees the case hides personal data."""
    return MASKED.issuperset(roles_that_see(case, by))


def is_intake(case: Seen, by: Principal) -> bool:
    """Returns whether the caller takes reports: the hotline, and for one case, who took it from the reporter.

    首问 alone is not intake: who verifies a confidential report learns of it what any unit does.
    """
    roles = set(roles_that_see(case, by))
    return Role.HOTLINE in roles or (bool(roles) and by.subject in taken_by(case))


def taken_by(case: Seen) -> Collection[str]:
    """Returns who took the report from the reporter, if staff did."""
    return (case.first_person,) if case.kind in TAKEN_KINDS else ()


def may_hear_of(case: Seen, by: Principal, person: str) -> bool:
    """Returns whether the caller, who takes a report of the person, may hear that the person has this case.

    Never of a complaint about the caller's own unit (回避); of a hidden reporter's case, only as its intake.
    """
    if person == by.subject:
        return True
    named = all(party.confidentiality == "named" for party in case.parties if party.person == person)
    return not works_under(by, case.about) and (named or is_intake(case, by))


def works_on(case: Seen, by: Principal) -> bool:
    """Returns whether a unit for which the caller acts works on the case."""
    return any(role in by.roles and is_related(by, role, Relation.UNIT, _Resource(case)) for role in _WORKERS)


def where_seen(by: Principal) -> Where | None:
    """Returns the database filter for the cases the caller sees, complaints about their own units included (`avoids`).

    None if they see none at all.
    """
    filters: list[Where] = []
    for role, relation in _READERS:
        if role in by.roles:
            filters += [where for where in _FILTERS[relation](by, role) if where not in filters]
    if not filters:
        return None
    return {} if {} in filters else filters[0] if len(filters) == 1 else {"$or": filters}


def without_complaints(by: Principal, field: str = "about") -> Where:
    """Returns the database filter that leaves out complaints about the caller's own units, for figures (回避).

    Lists filter in memory instead: see `CaseQueries`.
    """
    return {field: {"$nin": units_over(by)}}


def avoids(by: Principal, about: str, persons: list[str]) -> bool:
    """Returns whether a case about this unit, of which a list found these fields alone, is hidden by `recused`."""
    left = recused(by, about)
    return left is not by and not any(True for _ in _reading_roles(left, Resource(persons=persons)))
