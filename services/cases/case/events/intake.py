"""How it came in."""

from __future__ import annotations

from typing import ClassVar

from services.cases.case.events.state import CaseEvent


class Reported(CaseEvent, frozen=True):
    """`photos`: ids of those that belong to it."""

    type: ClassVar[str] = "cases.case.reported.v1"
    photos: list[str] = []


class Supplemented(CaseEvent, frozen=True):
    """Its party reported the open matter again. `photos`: ids of those that came with it."""

    type: ClassVar[str] = "cases.case.supplemented.v1"
    photos: list[str] = []


class Imported(CaseEvent, frozen=True):
    """It enters in its source's state. `source` names where from."""

    type: ClassVar[str] = "cases.case.imported.v1"
    source: str


class Verified(CaseEvent, frozen=True):
    """`at_once`: there was nothing to go and look at."""

    type: ClassVar[str] = "cases.case.verified.v1"
    found: bool
    at_once: bool = False
    photos: list[str] = []


class Registered(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.registered.v1"


class Rejected(CaseEvent, frozen=True):
    """`go_to`: where another city's matter belongs."""

    type: ClassVar[str] = "cases.case.rejected.v1"
    reason: str
    go_to: str = ""


class SelfResolved(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.self_resolved.v1"
    photos: list[str] = []


class Objected(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.objected.v1"


class Withdrawn(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.withdrawn.v1"
    reason: str


class Voided(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.voided.v1"
    reason: str


class Screened(CaseEvent, frozen=True):
    """What a confidential reporter wrote can be shown without giving them away."""

    type: ClassVar[str] = "cases.case.screened.v1"
