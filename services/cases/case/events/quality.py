"""Events of inspection, rating and closing."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from services.cases.case.events.state import CaseEvent


class InspectorAssigned(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.inspector_assigned.v1"
    staff_only: ClassVar[tuple[str, ...]] = (*CaseEvent.staff_only, "inspector")
    inspector: str


class Inspected(CaseEvent, frozen=True):
    """The result passed, or failed and is back with the lead. `how`: visit or call."""

    type: ClassVar[str] = "cases.case.inspected.v1"
    passed: bool
    how: str


class RatingAsked(CaseEvent, frozen=True):
    """`until`: when the rating ends; `children`: merged cases whose parties are asked too."""

    type: ClassVar[str] = "cases.case.rating_asked.v1"
    until: datetime
    children: list[str] = []


class Rated(CaseEvent, frozen=True):
    """One party's answer. `satisfied`: 1 to 5; a 1 or 2 opens a review of `unit`.

    The party of a merged case rates the parent `of`; `unit` and `round` are then the parent's.
    """

    type: ClassVar[str] = "cases.case.rated.v1"
    unit: str
    contacted: bool | None = None
    solved: bool | None = None
    satisfied: int | None = None
    of: str = ""
    round: int = 1


class CalledBack(CaseEvent, frozen=True):
    """The one callback of a party; without an answer the case stays "not rated"."""

    type: ClassVar[str] = "cases.case.called_back.v1"
    reached: bool


class Closed(CaseEvent, frozen=True):
    """`rated`: at least one party answered; `solved` and `satisfied`: the lowest answers."""

    type: ClassVar[str] = "cases.case.closed.v1"
    rated: bool
    on_time: bool
    solved: bool | None = None
    satisfied: int | None = None


class ReopeningAsked(CaseEvent, frozen=True):
    """A party of a merged case asks to have the case reopened that it was merged into."""

    type: ClassVar[str] = "cases.case.reopening_asked.v1"
    reason: str


class Reopened(CaseEvent, frozen=True):
    """`why`: party, not_solved, planned."""

    type: ClassVar[str] = "cases.case.reopened.v1"
    why: str


class ReporterAnswered(CaseEvent, frozen=True):
    """首问负责: the first owner, or the holder of their B post (`by_backup`), answered the reporter."""

    type: ClassVar[str] = "cases.case.reporter_answered.v1"
    by_backup: bool
