"""Events of urges, supervision and limits."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from services.cases.case.events.state import CaseEvent


class Urged(CaseEvent, frozen=True):
    """催办. `answer_by`: when the answer to the party is due."""

    type: ClassVar[str] = "cases.case.urged.v1"
    number: int
    answer_by: datetime


class UrgeAnswered(CaseEvent, frozen=True):
    """`of`, `of_number`: the merged case whose party urged, and the urge's number there."""

    type: ClassVar[str] = "cases.case.urge_answered.v1"
    number: int
    on_time: bool
    of: str = ""
    of_number: int = 0


class UrgeOverdue(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.urge_overdue.v1"
    number: int


class SupervisionOpened(CaseEvent, frozen=True):
    """督办. `why`: overdue, no_show, urged, reworked or a reason given by hand; `tier`: the supervising tier's path."""

    type: ClassVar[str] = "cases.case.supervision_opened.v1"
    number: int
    tier: str
    why: str


class SupervisionRaised(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.supervision_raised.v1"
    number: int
    tier: str
    why: str


class SupervisionAnswered(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.supervision_answered.v1"
    number: int


class SupervisionClosed(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.supervision_closed.v1"
    number: int


class HandlerReminded(CaseEvent, frozen=True):
    """80 % of the limit is used."""

    type: ClassVar[str] = "cases.case.handler_reminded.v1"


class Breached(CaseEvent, frozen=True):
    """The limit is used up for the first time in this round; supervision opens.

    `unit` has the case now, and may be held accountable (问责).
    """

    type: ClassVar[str] = "cases.case.breached.v1"
    unit: str


class SubTaskOverdue(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.sub_task_overdue.v1"
    number: int
    unit: str


class StepOverdue(CaseEvent, frozen=True):
    """A step has passed its own limit. `step`: verify, dispatch, accept, rule, inspect, contact or close."""

    type: ClassVar[str] = "cases.case.step_overdue.v1"
    step: str


class LimitsRecomputed(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.limits_recomputed.v1"
