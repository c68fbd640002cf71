"""Events of the lead's work: handling, sub-tasks, requests and the result."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from services.cases.case.events.state import CaseEvent


class Started(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.started.v1"


class HandlerChanged(CaseEvent, frozen=True):
    """Assigned within the unit, or handed over (交接) from `from_handler`."""

    type: ClassVar[str] = "cases.case.handler_changed.v1"
    staff_only: ClassVar[tuple[str, ...]] = (*CaseEvent.staff_only, "from_handler")
    from_handler: str = ""


class PartyContacted(CaseEvent, frozen=True):
    """The first contact with the party. `on_time`: within its own limit."""

    type: ClassVar[str] = "cases.case.party_contacted.v1"
    on_time: bool


class ProgressNoted(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.progress_noted.v1"


class SubTaskAssigned(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.sub_task_assigned.v1"
    number: int
    unit: str


class SubTaskAccepted(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.sub_task_accepted.v1"
    number: int
    unit: str


class SubTaskReturned(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.sub_task_returned.v1"
    number: int
    unit: str
    reason: str


class SubTaskDone(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.sub_task_done.v1"
    number: int
    unit: str


class SubTaskWaived(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.sub_task_waived.v1"
    number: int
    unit: str
    reason: str


class Requested(CaseEvent, frozen=True):
    """`what`: transfer, extension or suspension; `decider`: path of the tier that decides."""

    type: ClassVar[str] = "cases.case.requested.v1"
    number: int
    what: str
    decider: str


class RequestGranted(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.request_granted.v1"
    number: int
    what: str


class RequestRefused(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.request_refused.v1"
    number: int
    what: str
    reason: str


class Suspended(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.suspended.v1"
    until: datetime


class Resumed(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.resumed.v1"


class Resolved(CaseEvent, frozen=True):
    """The result is in, and inspection begins. `first`: whether it is the first result, which indicators count."""

    type: ClassVar[str] = "cases.case.resolved.v1"
    on_time: bool
    first: bool
    photos: list[str] = []
