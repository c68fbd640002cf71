"""Supervision 督办: opened by hand or when a mark passes; at 150 % of the limit it moves up one tier."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chassis.errors import NotFound, Refused
from chassis.security.principal import Principal, codes_of
from services.cases.api.states import State
from services.cases.case.acts import Act
from services.cases.case.events import (
    Breached,
    HandlerReminded,
    SupervisionAnswered,
    SupervisionClosed,
)
from services.cases.case.model import embedded
from services.cases.case.model.guards import Guard
from services.cases.case.model.lead_unit import LedCase
from services.cases.case.model.limits import Limits
from services.cases.case.model.permissions import OwnWork
from services.cases.case.model.states import OPEN
from services.cases.case.model.timer import Timer, TimerKind
from vocabulary.rights import belongs_to
from vocabulary.roles import Permission

#: States in which the case waits for the tier that dispatches or rules.
_WITH_DISPATCHER = (State.REGISTERED, State.RETURNED, State.REOPENED)


def _supervising(case: LedCase) -> dict[str, Any]:
    return {"area": "", "spans": [supervision.tier for supervision in case.supervisions] or [case.area]}


SUPERVISE = Guard(Act.SUPERVISE, Permission.SUPERVISE, states=OPEN)
ANSWER_SUPERVISION = Guard(Act.ANSWER_SUPERVISION, Permission.HANDLE, states=State)
CLOSE_SUPERVISION = Guard(Act.CLOSE_SUPERVISION, Permission.SUPERVISE, states=State, facts=_supervising)


class SupervisionOver(Refused):
    code = "case.supervision_over"
    en = "Supervision {number} is closed. Open a new one if needed."
    zh = "督办 {number} 已办结，如有需要请另行发起督办。"


class Supervising(LedCase):
    """Supervision never changes the state, and the lead stays responsible whatever tier supervises."""

    meta = {"abstract": True, "strict": False}

    def supervise(self, by: Principal, reason: str, now: datetime) -> int:
        """By a street or centre that does not lead the case. Returns the supervision's number."""
        self.require_may_supervise(by)
        return self._supervise(reason, by.area or self._dispatching_tier(), by, now)

    def require_may_supervise(self, by: Principal) -> None:
        self.require_may(SUPERVISE, by)
        if belongs_to(by, self.lead):
            raise OwnWork(act=Act.SUPERVISE, reason="your unit leads this case")

    def answer_supervision(self, by: Principal, number: int, note: str, now: datetime) -> None:
        self.require_may(ANSWER_SUPERVISION, by)
        supervision = self.require_open_supervision(number)
        supervision.answered_at, supervision.note = now, note
        self._record_step(Act.ANSWER_SUPERVISION, by, now, note=note)
        self.emit(SupervisionAnswered(case=self.public_state(), number=number))

    def close_supervision(self, by: Principal, number: int, now: datetime) -> None:
        """By the tier that supervises, or one above it."""
        supervision = self.require_may_close_supervision(by, number)
        supervision.closed_at = now
        self._record_step(Act.CLOSE_SUPERVISION, by, now)
        self.emit(SupervisionClosed(case=self.public_state(), number=number))

    def require_may_close_supervision(self, by: Principal, number: int) -> embedded.Supervision:
        tiers = [supervision.tier for supervision in self.supervisions if supervision.number == number]
        self.require_may(CLOSE_SUPERVISION, by, area=next(iter(tiers), self.area), spans=())
        return self.require_open_supervision(number)

    def require_open_supervision(self, number: int) -> embedded.Supervision:
        found = next((s for s in self.supervisions if s.number == number), None)
        if found is None:
            raise NotFound()
        if found.closed_at:
            raise SupervisionOver(number=number)
        return found

    def had_by(self, moment: datetime | None) -> str:
        """Returns the unit that had the case at the moment: of its breach by then, or else its present lead."""
        by_then = [breach.unit for breach in self.breaches if moment and breach.at <= moment]
        return by_then[-1] if by_then else self.lead

    def timers(self) -> Iterator[Timer]:
        yield from super().timers()
        clock = self.clock
        if not clock or not clock.since or not self.due or State(self.state) not in OPEN:
            return
        if "reminder" not in clock.fired and clock.reminder_at:
            yield Timer(clock.reminder_at, TimerKind.MARK, self._pass_reminder)
        if "due" not in clock.fired:
            yield Timer(self.due, TimerKind.MARK, self._pass_due)
        if "raise" not in clock.fired and clock.raise_at:
            yield Timer(clock.raise_at, TimerKind.MARK, self._pass_raise)

    def _pass_reminder(self, at: datetime, limits: Limits) -> None:
        self._pass_mark("reminder", "yellow")
        self.emit(HandlerReminded(case=self.public_state()))

    def _pass_due(self, at: datetime, limits: Limits) -> None:
        self._pass_mark("due", "red")
        if not self.breached_at:
            unit, inherited = self._unit_that_has_it(), self._is_hastened()
            self.breaches.append(embedded.Breach(round=self.round, at=at, unit=unit, inherited=inherited))
            self.emit(Breached(case=self.public_state(), unit=self.breaches[-1].unit))
        self._supervise("overdue", self._dispatching_tier(), self._system(), at)

    def _pass_raise(self, at: datetime, limits: Limits) -> None:
        self._pass_mark("raise", "red")
        self._raise_supervision("overdue", at)

    def _unit_that_has_it(self) -> str:
        """Returns the lead, or the division that has yet to dispatch the case or rule on it."""
        if State(self.state) not in _WITH_DISPATCHER:
            return self.lead
        undecided = self.dispute if self.dispute and not self.dispute.ruled_at else None
        return codes_of(undecided.ruler if undecided else self._dispatching_tier())[-1]

    def _pass_mark(self, name: str, mark: str) -> None:
        if self.clock:
            self.clock.fired.append(name)
        self.mark = mark
