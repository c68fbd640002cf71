"""What became of cases of one matter."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from services.cases.case.events.state import CaseEvent


class Merged(CaseEvent, frozen=True):
    """This case went into `into`; `started_at` is where its clock began."""

    type: ClassVar[str] = "cases.case.merged.v1"
    into: str
    parties: int
    started_at: datetime | None = None


class Unmerged(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.unmerged.v1"
    out_of: str


class ChildTaken(CaseEvent, frozen=True):
    """A case merged into this one; the earliest clock and the highest priority hold now."""

    type: ClassVar[str] = "cases.case.child_taken.v1"
    child: str


class ChildRefused(CaseEvent, frozen=True):
    """A case merged into this one, which is not at work any more (or full): it comes back."""

    type: ClassVar[str] = "cases.case.child_refused.v1"
    child: str


class ChildReleased(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.child_released.v1"
    child: str


class Restated(CaseEvent, frozen=True):
    """The current state, told again for a subscriber that lost its copy."""

    type: ClassVar[str] = "cases.case.restated.v1"
