"""重办: once by a party after closing, and by itself on the date that a plan named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chassis.errors import Refused
from chassis.security.principal import Principal
from services.cases.api.states import State
from services.cases.case.events import Reopened
from services.cases.case.model.clock import Timer, TimerKind
from services.cases.case.model.lead_unit import LedCase
from services.cases.case.model.limits import Limits
from services.cases.case.model.refusals import NothingShown, TooLate
from services.cases.case.model.states import Act


class ReopenedBefore(Refused):
    code = "case.reopened_before"
    en = "A closed case is reopened by a party once; it was. Report the matter anew."
    zh = "当事人只能申请重办一次,本案已重办过,请重新上报。"


class Reopening(LedCase):
    meta = {"abstract": True, "strict": False}

    def reopen(self, by: Principal, reason: str, limits: Limits, now: datetime, person: str = "") -> None:
        """By a party, once, within 15 days of closing; then the same lead has half of the limit."""
        self._authorize(by)
        self._party(by, person)
        self._require(Act.REOPEN)
        if self.reopened_by_party:
            raise ReopenedBefore()
        if self.closed_at and now > (until := limits.reopening_until(self.closed_at)):
            raise TooLate(until=until.isoformat())
        if not reason:
            raise NothingShown(needs="a reason")
        self._move(Act.REOPEN, State.REOPENED, by, now, reason=reason)
        self.reopened_by_party = True
        self._begin_round(limits, now, half=True)
        self.emit(Reopened(case=self.public_state(), why="party"))

    def timers(self) -> Iterator[Timer]:
        yield from super().timers()
        if self.state == State.CLOSED and self.planned_for:
            yield Timer(self.planned_for, TimerKind.PLAN, self._reopen_as_planned)

    def _reopen_as_planned(self, at: datetime, limits: Limits) -> None:
        """挂账: the full limit again. The date may have passed while the parties rated."""
        at = max(at, self.closed_at or at)
        self._move(Act.REOPEN, State.REOPENED, self._system(), at, reason="planned")
        self._begin_round(limits, at, half=False)
        self.emit(Reopened(case=self.public_state(), why="planned"))
