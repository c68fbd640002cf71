"""Events of mediation; free text stays sealed in the document."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from chassis.envelope import Event


class MediationOpened(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.mediation.opened.v1"
    case: str = ""
    area: str


class MediationAgreed(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.mediation.agreed.v1"
    case: str = ""
    fulfil_by: datetime


class MediationFulfilled(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.mediation.fulfilled.v1"
    case: str = ""


class MediationFailed(Event, frozen=True, kw_only=True):
    """`remedy`: where the parties can turn next, `arbitration` or `court`."""

    type: ClassVar[str] = "cases.mediation.failed.v1"
    case: str = ""
    reason: str
    remedy: str
