"""Clock of the case: its limit, the rounds, and the limits of single steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from chassis.security.principal import Principal
from services.cases.api.states import State
from services.cases.case.acts import Act
from services.cases.case.events import Closed, LimitsRecomputed, StepOverdue
from services.cases.case.model import embedded
from services.cases.case.model.base import CaseRecord
from services.cases.case.model.guards import Guard
from services.cases.case.model.limits import Limits
from services.cases.case.model.states import AT_WORK, OPEN
from services.cases.case.model.timer import Timer, TimerKind, TimerLoop, firing_order
from vocabulary.roles import Permission
from vocabulary.working_time import Kind, Span

#: States of a sub-task that still has to be done.
OPEN_SUB_TASKS = ("ASSIGNED", "ACCEPTED", "RETURNED")
REMINDER = 0.8
RAISE = 1.5
LEAST_FOR_REWORK = 0.25
FOR_REOPENING = 0.5


RECOMPUTE = Guard(Act.RECOMPUTE, Permission.RECOMPUTE, states=AT_WORK)
#: States in which the clock of the first round stands still.
_STOPPED = (State.SUSPENDED, State.RESOLVED, State.INSPECTING, State.AWAITING_RATING)
#: More timers than a case can have: it holds at most 100 calls, 100 sub-tasks and 250 steps beside its state.
_MOST_FIRED = 2_000


class TimedCase(CaseRecord):
    """Case with a clock, which starts at REGISTERED and stops only for a granted suspension and at RESOLVED."""

    meta = {"abstract": True, "strict": False}

    def due_at(self) -> datetime | None:
        return min((timer.at for timer in self.timers()), default=None)

    def tick(self, now: datetime, limits: Limits) -> None:
        """Fires each timer due by `now` once, in order, with its own due moment as the time. Raises `TimerLoop`."""
        fired = 0
        while timer := min((t for t in self.timers() if t.at <= now), key=firing_order, default=None):
            if (fired := fired + 1) > _MOST_FIRED:
                raise TimerLoop(case=self.key, timer=timer.kind.name.lower())
            timer.fire(timer.at, limits)

    def timers(self) -> Iterator[Timer]:
        """Yields the pending timers; each concern adds its own."""
        if self.step_due and not self.step_overdue:
            yield Timer(self.step_due, TimerKind.STEP, self._mark_step_overdue)
        if State(self.state) not in OPEN:
            return
        if self.contact_due and not self.contacted_at and not self.contact_overdue:
            yield Timer(self.contact_due, TimerKind.STEP, self._mark_contact_overdue)
        if self.closing_due and not self.closing_overdue and self.clock and self._is_counting_to_close():
            yield Timer(self.closing_due, TimerKind.STEP, self._mark_closing_overdue)

    def recompute(self, by: Principal, limits: Limits, version: str, now: datetime) -> None:
        """Applies the current settings to this open case, from its registration on; by explicit command only."""
        self.require_may(RECOMPUTE, by)
        self.limits_version = version
        self._recompute_clock(limits, now)
        self._record_step(Act.RECOMPUTE, by, now)
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
        self._set_due(limits, now)

    def _stop_clock(self, now: datetime, limits: Limits) -> None:
        if self.clock and self.clock.since:
            self.clock.used = self._used(now, limits)
            self.clock.since = None
            self.clock.stopped_at = now

    def _suspend_clock(self, now: datetime, until: datetime, limits: Limits) -> None:
        """Stops the clock until a known moment, so the case and its sub-tasks have their new due moments at once."""
        self._stop_clock(now, limits)
        if self.clock:
            self.clock.resumes_at = until
            self._set_due(limits, now)
            self._move_sub_tasks(now, until, limits)

    def _end_suspension_of_clock(self, now: datetime, limits: Limits) -> None:
        if self.clock and self.clock.resumes_at:
            self._move_sub_tasks(self.clock.resumes_at, now, limits)
        self._resume_clock(now, limits)

    def _resume_clock(self, now: datetime, limits: Limits) -> None:
        if self.clock and not self.clock.since:
            self.clock.since, self.clock.resumes_at = now, None
            self._set_due(limits, now)

    def _move_sub_tasks(self, left_at: datetime, from_: datetime, limits: Limits) -> None:
        """Gives each open sub-task the time from `from_` on that it had left at `left_at`."""
        kind = Kind(self.clock.kind) if self.clock else Kind.NATURAL_DAYS
        for task in self.sub_tasks:
            if task.state in OPEN_SUB_TASKS and task.due and task.due > left_at:
                left = limits.calendar.between(left_at, task.due, kind)
                task.due = limits.calendar.add(from_, left)

    def _grant_rework_time(self, now: datetime, limits: Limits) -> None:
        """Resumes the clock with the time left, but at least a quarter of the original limit."""
        if self.clock:
            self._add_for_rework(self.clock.used)
            self._resume_clock(now, limits)

    def _add_for_rework(self, used: float) -> None:
        """`used`: seconds when the rework began."""
        if self.clock:
            missing = max(0.0, used + self.clock.original * LEAST_FOR_REWORK - self.clock.limit)
            self.clock.limit += missing
            self.clock.for_rework += missing

    def _extend_clock(self, by: timedelta, limits: Limits, now: datetime) -> None:
        if self.clock:
            self.clock.limit += by.total_seconds()
            self._set_due(limits, now)

    def _recompute_clock(self, limits: Limits, now: datetime, start: datetime | None = None) -> None:
        """Recomputes the limit for the current priority, from `start` (default: registration), without stopped time.

        Does nothing after the first round.
        """
        clock = self.clock
        start = start or self.registered_at
        if not clock or not start or self.round > 1:
            return
        whole = limits.case[self.importance]
        granted = self._granted_as(whole.kind, limits)
        clock.kind, clock.original = str(whole.kind), whole.length.total_seconds()
        clock.limit, clock.for_rework = clock.original + granted, 0.0
        past, since = self._runs(start)
        # A clock that stopped with the result is due when its last run would have used the limit.
        last = past.pop() if past and not since and not clock.resumes_at else None
        spans = {until: limits.calendar.between(began, until, whole.kind).length for began, until in past}
        clock.used = sum(spans.values(), timedelta()).total_seconds()
        if failed := [result.resolved_at for result in self.results if result.passed is False]:
            before = (length for until, length in spans.items() if until <= failed[-1])
            self._add_for_rework(sum(before, timedelta()).total_seconds())
        clock.since = last[0] if last else since
        self._set_due(limits, last[1] if last else now)
        if last:
            self._stop_clock(last[1], limits)

    def _granted_as(self, kind: Kind, limits: Limits) -> float:
        """Returns the seconds granted beyond the original limit, as so many of another kind of time as lie in them."""
        clock = self.clock
        since = clock and (clock.since or clock.resumes_at or clock.stopped_at)
        granted = clock.limit - clock.for_rework - clock.original if clock else 0.0
        if not clock or not since or not granted or kind == clock.kind:
            return granted
        shares = (clock.original / clock.limit, 1.0 - clock.for_rework / clock.limit)
        granted_from, granted_until = (_when_used(clock, since, share, limits) for share in shares)
        return limits.calendar.between(granted_from, granted_until, kind).length.total_seconds()

    def _runs(self, start: datetime) -> tuple[list[tuple[datetime, datetime]], datetime | None]:
        """Returns from when to when the clock ran since `start`, and since when it runs now; None if it is stopped."""
        past: list[tuple[datetime, datetime]] = []
        since: datetime | None = start
        for step in self.history:
            stops = step.get("to", "") in _STOPPED
            if stops and since:
                past.append((since, step["at"]))
                since = None
            elif step.get("to") and not stops and since is None:
                since = step["at"]
        return past, since

    def _is_hastened(self) -> bool:
        """Returns whether a merged case gives this one its earlier start or higher priority."""
        return self.round == 1 and any(
            child.priority < self.own_priority
            or (child.started_at and self.registered_at and child.started_at < self.registered_at)
            for child in self.merged_children()
        )

    def _used(self, now: datetime, limits: Limits) -> float:
        """Seconds of the limit used so far, in the limit's own kind of time."""
        clock = self.clock
        if not clock:
            return 0.0
        running = limits.calendar.between(clock.since, now, Kind(clock.kind)).length if clock.since else timedelta()
        return clock.used + running.total_seconds()

    def _set_due(self, limits: Limits, now: datetime) -> None:
        """Computes the due moment and the marks. A mark that moves into the future again counts as not passed; of a
        suspended clock, the future begins when it resumes.

        A breach stays: what is granted after it moves the work, not the moment by which closing is measured.
        """
        clock = self.clock
        since = clock and (clock.since or clock.resumes_at)
        if not clock or not since:
            return
        self.due = _when_used(clock, since, 1.0, limits)
        clock.reminder_at = _when_used(clock, since, REMINDER, limits)
        clock.raise_at = _when_used(clock, since, RAISE, limits)
        if not self.breached_at:
            self.closing_due = limits.closing_due(self.importance, self.due)
            self.closing_overdue = self.closing_overdue and self.closing_due <= now
        ahead = {"reminder": clock.reminder_at, "due": self.due, "raise": clock.raise_at}
        clock.fired = [name for name in clock.fired if ahead[name] <= max(now, since)]
        self.mark = "red" if "due" in clock.fired else "yellow" if "reminder" in clock.fired else ""

    # -- rounds ---------------------------------------------------------------------------------------

    def _begin_round(self, limits: Limits, at: datetime, half: bool) -> None:
        """Restarts the clock of a reopened case with half of the limit, or all of it. The first result stays."""
        self.round += 1
        self.closed_at = self.rating_until = self.planned_for = None
        self.contacted_at = self.contact_due = None
        self.contact_overdue = False
        self._start_clock(at, limits, FOR_REOPENING if half else 1.0)
        self._await_step("dispatch", limits.dispatch_due(self.importance, at))

    def _close(self, at: datetime) -> None:
        self.closed_at, self.rating_until = at, None
        solved = [p.solved for p in self.parties if p.solved is not None]
        satisfied = [p.satisfied for p in self.parties if p.satisfied is not None]
        satisfied += [child.lowest for child in self.merged_children() if child.lowest is not None]
        self.emit(
            Closed(
                case=self.public_state(),
                rated=any(p.answered_at for p in self.parties) or any(c.answered for c in self.merged_children()),
                on_time=self.closing_due is None or at <= self.closing_due,
                solved=all(solved) if solved else None,
                satisfied=min(satisfied, default=None),
            )
        )

    # -- the limits of steps --------------------------------------------------------------------------

    def _move(self, act: Act, to: State, by: Principal, now: datetime, reason: str = "", note: str = "") -> None:
        super()._move(act, to, by, now, reason, note)
        self._await_step("", None)

    def _await_step(self, step: str, due: datetime | None) -> None:
        """Sets which step the state waits for, and when that step is due."""
        self.step, self.step_due, self.step_overdue = step, due, False

    def _is_counting_to_close(self) -> bool:
        return self.clock is not None and (self.clock.since is not None or self.state != State.SUSPENDED)

    def _mark_step_overdue(self, at: datetime, limits: Limits) -> None:
        self.step_overdue = True
        self._report_overdue(self.step, at)

    def _mark_contact_overdue(self, at: datetime, limits: Limits) -> None:
        self.contact_overdue = True
        self._report_overdue("contact", at)

    def _mark_closing_overdue(self, at: datetime, limits: Limits) -> None:
        self.closing_overdue = True
        self._report_overdue("close", at)

    def _report_overdue(self, step: str, at: datetime) -> None:
        self._record_step(Act.OVERDUE, self._system(), at, reason=step)
        self.emit(StepOverdue(case=self.public_state(), step=step))


def _when_used(clock: embedded.Clock, since: datetime, share: float, limits: Limits) -> datetime:
    """Returns when a clock running since `since` will have used that share of its limit."""
    left = clock.limit * share - clock.used
    return limits.calendar.add(since, Span(Kind(clock.kind), timedelta(seconds=left))) if left > 0 else since
