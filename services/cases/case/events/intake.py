"""Events of intake."""

from __future__ import annotations

from typing import ClassVar

from services.cases.case.events.state import CaseEvent


class Reported(CaseEvent, frozen=True):
    """`photos`: ids of the photos attached to the report."""

    type: ClassVar[str] = "cases.case.reported.v1"
    unscreened: ClassVar[tuple[str, ...]] = ("photos",)
    photos: list[str] = []


class Supplemented(CaseEvent, frozen=True):
    """The party reported its open matter again. `photos`: ids of the photos added."""

    type: ClassVar[str] = "cases.case.supplemented.v1"
    unscreened: ClassVar[tuple[str, ...]] = ("photos",)
    photos: list[str] = []


class Imported(CaseEvent, frozen=True):
    """Imported in the state it has in the other system. `source`: that system and the case's number there."""

    type: ClassVar[str] = "cases.case.imported.v1"
    source: str


class Verified(CaseEvent, frozen=True):
    """`found`: whether the matter is as reported; `at_once`: verified without a visit."""

    type: ClassVar[str] = "cases.case.verified.v1"
    found: bool
    at_once: bool = False
    photos: list[str] = []


class Registered(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.registered.v1"


class Rejected(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.rejected.v1"
    reason: str


class SelfResolved(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.self_resolved.v1"
    photos: list[str] = []


class Objected(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.objected.v1"


class Withdrawn(CaseEvent, frozen=True):
    """`out_of`: the case that it was merged into until then, which goes on without it."""

    type: ClassVar[str] = "cases.case.withdrawn.v1"
    reason: str
    out_of: str = ""


class Voided(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.voided.v1"
    reason: str


class Screened(CaseEvent, frozen=True):
    """Intake has redacted a confidential report, so that others can read it."""

    type: ClassVar[str] = "cases.case.screened.v1"
