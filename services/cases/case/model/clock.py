"""The case's own clock, the limits of its steps, and the alarms that it rings by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from chassis.security.principal import Principal
from services.cases.api.states import State
from services.cases.case.events import LimitsRecomputed, StepOverdue
from services.cases.case.model import embedded
from services.cases.case.model.base import CaseRecord, Timer
from services.cases.case.model.limits import Limits
from services.cases.case.model.states import AT_WORK, OPEN, Act, require
from vocabulary.roles import Power
from vocabulary.working_time import Kind, Span

REMINDER = 0.8
RAISE = 1.5
LEAST_FOR_REWORK = 0.25
FOR_REOPENING = 0.5


class Timing(CaseRecord):
    """The clock starts at REGISTERED; only a granted suspension and RESOLVED stop it."""

    meta = {"abstract": True, "strict": False}

    def due_at(self) -> datetime | None:
        return min((timer.at for timer in self.timers()), default=None)

    def tick(self, now: datetime, limits: Limits) -> None:
        """Rings everything that is due by `now`, once, in order, each at its own moment."""
        while timer := min((a for a in self.timers() if a.at <= now), key=lambda a: a.at, default=None):
            timer.fire(timer.at, limits)

    def timers(self) -> Iterator[Timer]:
        yield from super().timers()
        if self.step_due and not self.step_overdue:
            yield Timer(self.step_due, self._step_passes)
        if State(self.state) not in OPEN:
            return
        if self.contact_due and not self.contacted_at and not self.contact_overdue:
            yield Timer(self.contact_due, self._contact_passes)
        if self.closing_due and not self.closing_overdue and self.clock and self._is_counting_to_close():
            yield Timer(self.closing_due, self._closing_passes)

    def recompute(self, by: Principal, limits: Limits, version: str, now: datetime) -> None:
        """An explicit command: the settings of today hold for this open case too, from its first moment."""
        self._open(by, Power.GRANT)
        require("recompute", State(self.state), AT_WORK)
        self.limits_version = version
        self._reckon_anew(limits, now)
        self._keep_step("recompute", by, now)
        self.emit(LimitsRecomputed(case=self.public_state()))

    # -- the clock ------------------------------------------------------------------------------------

    def _start_clock(self, now: datetime, limits: Limits, share: float = 1.0) -> None:
        whole = limits.case[self.importance]
        self.clock = embedded.Clock(
            kind=str(whole.kind),
            limit=(whole * share).length.total_seconds(),
            original=whole.length.total_seconds(),
            since=now,
        )
        self._set_due(limits)

    def _stop_clock(self, now: datetime, limits: Limits) -> None:
        if self.clock and self.clock.since:
            self.clock.used = self._used(now, limits)
            self.clock.since = None
            self.clock.stopped_at = now

    def _let_clock_go_on(self, now: datetime, limits: Limits) -> None:
        if self.clock and not self.clock.since:
            self.clock.paused += (now - (self.clock.stopped_at or now)).total_seconds()
            self.clock.since = now
            self._set_due(limits)

    def _grant_rework_time(self, now: datetime, limits: Limits) -> None:
        """The time left, at least a quarter of the original limit."""
        if self.clock:
            self.clock.limit = max(self.clock.limit, self.clock.used + self.clock.original * LEAST_FOR_REWORK)
            self._let_clock_go_on(now, limits)

    def _lengthen(self, by: timedelta, limits: Limits) -> None:
        if self.clock:
            self.clock.limit += by.total_seconds()
            self._set_due(limits)

    def _reckon_anew(self, limits: Limits, now: datetime, start: datetime | None = None) -> None:
        """The limit of the case's priority, counted from `start` (its own) less what was suspended."""
        clock = self.clock
        start = start or self.registered_at
        if not clock or not start or self.round > 1:
            return
        whole = limits.case[self.importance]
        granted = clock.limit - clock.original
        effective = start + timedelta(seconds=clock.paused)
        clock.kind, clock.original = str(whole.kind), whole.length.total_seconds()
        clock.limit = clock.original + granted
        if clock.since:
            clock.since, clock.used = effective, 0.0
            self._set_due(limits)
        else:
            stopped = clock.stopped_at or now
            clock.used = limits.calendar.between(effective, stopped, whole.kind).length.total_seconds()

    def _used(self, now: datetime, limits: Limits) -> float:
        """Seconds of the limit used so far, counted in the limit's own kind of time."""
        clock = self.clock
        if not clock:
            return 0.0
        running = limits.calendar.between(clock.since, now, Kind(clock.kind)).length if clock.since else timedelta()
        return clock.used + running.total_seconds()

    def _set_due(self, limits: Limits) -> None:
        """Marks that now lie ahead again have not passed; those behind stay passed."""
        clock = self.clock
        if not clock or not clock.since:
            return
        self.due = _when_used(clock, clock.since, 1.0, limits)
        clock.reminder_at = _when_used(clock, clock.since, REMINDER, limits)
        clock.raise_at = _when_used(clock, clock.since, RAISE, limits)
        self.closing_due = limits.closing_due(self.importance, self.due)
        self.closing_overdue = False
        ahead = {"reminder": clock.reminder_at, "due": self.due, "raise": clock.raise_at}
        clock.fired = [name for name in clock.fired if ahead[name] <= clock.since]
        self.mark = "red" if "due" in clock.fired else "yellow" if "reminder" in clock.fired else ""

    # -- the limits of steps --------------------------------------------------------------------------

    def _move(self, act: Act, to: State, by: Principal, now: datetime, reason: str = "", note: str = "") -> None:
        super()._move(act, to, by, now, reason, note)
        self._expect("", None)

    def _expect(self, step: str, due: datetime | None) -> None:
        """What the state waits for, and until when."""
        self.step, self.step_due, self.step_overdue = step, due, False

    def _is_counting_to_close(self) -> bool:
        return self.clock is not None and (self.clock.since is not None or self.state != State.SUSPENDED)

    def _step_passes(self, at: datetime, limits: Limits) -> None:
        self.step_overdue = True
        self._report_overdue(self.step, at)

    def _contact_passes(self, at: datetime, limits: Limits) -> None:
        self.contact_overdue = True
        self._report_overdue("contact", at)

    def _closing_passes(self, at: datetime, limits: Limits) -> None:
        self.closing_overdue = True
        self._report_overdue("close", at)

    def _report_overdue(self, step: str, at: datetime) -> None:
        self._keep_step("overdue", self._itself(), at, reason=step)
        self.emit(StepOverdue(case=self.public_state(), step=step))


def _when_used(clock: embedded.Clock, since: datetime, share: float, limits: Limits) -> datetime:
    """When that share of the limit is used by a clock that runs since then."""
    left = clock.limit * share - clock.used
    return limits.calendar.add(since, Span(Kind(clock.kind), timedelta(seconds=left))) if left > 0 else since
