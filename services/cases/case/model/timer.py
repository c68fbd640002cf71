"""Timers of the case: what falls due, and in which order it fires."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import NamedTuple, Protocol

from chassis.errors import Problem
from services.cases.case.model.limits import Limits
from services.cases.case.texts_zh import TIMERS


class TimerLoop(Problem):
    """Programming error: a timer that does not remove its own cause, and so is due again and again."""

    code = "case.timer_loop"
    en = "A timer of the case ({timer}) does not end, so nothing was changed. Report this to the operator."
    zh = "案件的定时事项（{timer}）反复触发，未作任何更改，请告知系统运维人员。"
    chinese = {"timer": TIMERS}


class TimerAction(Protocol):
    def __call__(self, at: datetime, limits: Limits) -> None: ...


class TimerKind(IntEnum):
    """What a timer is for. Of timers due at the same moment the lower kind fires first."""

    STEP = 1
    MARK = 2
    CALL = 3
    SUSPENSION = 4
    RATING = 5
    PLAN = 6
    URGE = 7
    SUB_TASK = 8


class Timer(NamedTuple):
    """A scheduled action of the case. Firing it must remove its cause, so that it is not due again."""

    at: datetime
    kind: TimerKind
    fire: TimerAction


def firing_order(timer: Timer) -> tuple[datetime, TimerKind]:
    return timer.at, timer.kind
