"""Events of mediation; free text stays sealed in the document."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from chassis.envelope import Event


class MediationEvent(Event, frozen=True, kw_only=True):
    """Base. `case` is for delivery alone: whether a participant may know the case, its own rules decide (回避)."""

    internal: ClassVar[tuple[str, ...]] = ("case",)
    case: str = ""


class MediationOpened(MediationEvent, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.mediation.opened.v1"
    area: str


class MediationAgreed(MediationEvent, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.mediation.agreed.v1"
    fulfil_by: datetime


class MediationFulfilled(MediationEvent, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.mediation.fulfilled.v1"


class MediationFailed(MediationEvent, frozen=True, kw_only=True):
    """`remedy`: where the parties can turn next, `arbitration` or `court`."""

    type: ClassVar[str] = "cases.mediation.failed.v1"
    reason: str
    remedy: str
