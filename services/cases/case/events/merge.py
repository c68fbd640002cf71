"""Events of merging."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from services.cases.case.events.state import CaseEvent


class Merged(CaseEvent, frozen=True):
    """This case was merged into `into`. `parties`: how many it has; `started_at`: when its clock started."""

    type: ClassVar[str] = "cases.case.merged.v1"
    into: str
    parties: int
    started_at: datetime | None = None


class Unmerged(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.unmerged.v1"
    out_of: str


class ChildTaken(CaseEvent, frozen=True):
    """A case was merged into this one, which now has the earliest start and the highest priority of both."""

    type: ClassVar[str] = "cases.case.child_taken.v1"
    child: str


class ChildRefused(CaseEvent, frozen=True):
    """This case cannot take in the child, because it is no longer at work or is full; the child is unmerged."""

    type: ClassVar[str] = "cases.case.child_refused.v1"
    child: str


class ChildReleased(CaseEvent, frozen=True):
    """`on_time`: whether the result is in time by the case's own clock; None: the child has hurried none."""

    type: ClassVar[str] = "cases.case.child_released.v1"
    child: str
    on_time: bool | None = None


class Restated(CaseEvent, frozen=True):
    """The current state, published again for a subscriber that rebuilds its replica."""

    type: ClassVar[str] = "cases.case.restated.v1"
