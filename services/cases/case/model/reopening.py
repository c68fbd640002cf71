"""Reopening 重办: once by a party after closing, and automatically on the date of a planned outcome."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chassis.errors import Refused
from chassis.security.principal import Principal
from services.cases.api.states import State
from services.cases.case.acts import Act
from services.cases.case.events import Reopened, ReopeningAsked
from services.cases.case.model.guards import Guard
from services.cases.case.model.lead_unit import LedCase
from services.cases.case.model.limits import Limits
from services.cases.case.model.refusals import NothingShown, TooLate
from services.cases.case.model.timer import Timer, TimerKind
from vocabulary.roles import Permission

REOPEN = Guard(Act.REOPEN, Permission.PURSUE, at_parent=True)


class ReopenedBefore(Refused):
    code = "case.reopened_before"
    en = "A party can reopen a case once, and this one was. Report the matter as a new case."
    zh = "当事人仅可申请重办一次，本案已申请过，请另行上报。"


class Reopening(LedCase):
    meta = {"abstract": True, "strict": False}

    def reopen(
        self, by: Principal, reason: str, limits: Limits, now: datetime, person: str = "", note: str = "",
        parent: Reopening | None = None,
    ) -> None:  # fmt: skip
        """By a party, once, within 15 days of closing; the same lead gets half of the limit.

        `parent`: the case that this one was merged into. It is reopened in its place, on the event, and the once is its
        own; why is said here.
        """
        self.require_may_reopen(by, limits, now, person, parent)
        if not reason:
            raise NothingShown(needs="a reason")
        if parent is None:
            self._reopen_for_party(by, reason, limits, now, note)
        else:
            self._record_step(Act.REOPEN, by, now, reason=reason, note=note)
            self.emit(ReopeningAsked(case=self.public_state(), reason=reason))

    def require_may_reopen(
        self, by: Principal, limits: Limits, now: datetime, person: str = "", parent: Reopening | None = None
    ) -> None:
        self.require_may(REOPEN, by)
        self._party(by, person)
        closed = parent or self
        closed._require(Act.REOPEN)
        if closed.reopened_by_party:
            raise ReopenedBefore()
        if closed.closed_at and now > (until := limits.reopening_until(closed.closed_at)):
            raise TooLate(until=until.isoformat())

    def take_child_reopening(self, child: str, reason: str, limits: Limits, now: datetime) -> None:
        """Parent side: a party of a merged case asked for it; does nothing if the case has been reopened since."""
        is_child = any(entry.case == child for entry in self.merged_children())
        if is_child and self.state == State.CLOSED and not self.reopened_by_party:
            self._reopen_for_party(self._system(), reason, limits, now)

    def timers(self) -> Iterator[Timer]:
        yield from super().timers()
        if self.state == State.CLOSED and self.planned_for:
            yield Timer(self.planned_for, TimerKind.PLAN, self._reopen_as_planned)

    def _reopen_for_party(self, by: Principal, reason: str, limits: Limits, now: datetime, note: str = "") -> None:
        self.reopened_by_party = True
        self._move(Act.REOPEN, State.REOPENED, by, now, reason=reason, note=note)
        self._begin_round(limits, now, half=True)
        self.emit(Reopened(case=self.public_state(), why="party"))

    def _reopen_as_planned(self, at: datetime, limits: Limits) -> None:
        """挂账: restarts the full limit; from closing, if the planned date passed while the parties were rating."""
        at = max(at, self.closed_at or at)
        self._move(Act.REOPEN, State.REOPENED, self._system(), at, reason="planned")
        self._begin_round(limits, at, half=False)
        self.emit(Reopened(case=self.public_state(), why="planned"))
