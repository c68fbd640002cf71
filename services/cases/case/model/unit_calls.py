"""Calls to units (吹哨). CALLED → REPORTED_IN | DISPUTED | NO_SHOW → REPORTED_IN (late) | RELEASED."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from chassis.errors import Invalid, NotFound, Refused
from chassis.security.principal import Principal
from services.cases.api.states import State
from services.cases.api.types import SCORES
from services.cases.case import texts_en
from services.cases.case.acts import Act
from services.cases.case.events import (
    Accepted,
    CallDisputed,
    MembersInvited,
    NoShow,
    ReportedIn,
    Started,
    UnitGraded,
    UnitReleased,
)
from services.cases.case.model import embedded
from services.cases.case.model.guards import Guard
from services.cases.case.model.lead_unit import LIVE_CALLS, LedCase
from services.cases.case.model.limits import Limits
from services.cases.case.model.permissions import OwnWork
from services.cases.case.model.post_holders import PostHolder, require_handler
from services.cases.case.model.refusals import NothingShown, TooLate
from services.cases.case.model.states import OPEN, UNRESOLVED
from services.cases.case.model.timer import Timer, TimerKind
from services.cases.case.texts_zh import ACTS, CALL_STATES
from vocabulary.rights import belongs_to, may
from vocabulary.roles import Permission


def _called(case: LedCase) -> dict[str, list[str]]:
    return {"units": [call.unit for call in case.calls]}


def _callers(case: LedCase) -> dict[str, list[str]]:
    return {"persons": [call.by for call in case.calls], "units": [call.by_unit for call in case.calls]}


REPORT_IN = Guard(Act.REPORT_IN, Permission.REPORT_IN, states=State, facts=_called)
DISPUTE_CALL = Guard(Act.DISPUTE_CALL, Permission.REPORT_IN, states=State, facts=_called)
RELEASE = Guard(Act.RELEASE, Permission.SETTLE_CALL, states=State, facts=_callers)
GRADE = Guard(Act.GRADE, Permission.SETTLE_CALL, states=State, facts=_callers)
INVITE_MEMBERS = Guard(Act.INVITE_MEMBERS, Permission.INVITE_MEMBERS, states=UNRESOLVED)


class WrongCall(Refused):
    """The step is not possible in the state of the call to `unit`."""

    code = "case.wrong_call"
    en = "{unit:unit} {state}; you cannot {act} now."
    zh = "{unit:unit}{state}，不能执行“{act}”。"
    chinese = {"state": CALL_STATES, "act": ACTS}
    english = {"state": texts_en.CALL_STATES, "act": texts_en.ACTS}


class LeadReturns(Refused):
    code = "case.lead_returns"
    en = "The lead cannot dispute a call. Return the case instead, naming the list entry and the unit you propose."
    zh = "牵头单位不能对吹哨提出异议，请按清单退单并提出建议单位。"


class UnitCalls(LedCase):
    """Calls never block the work: an absent unit becomes a no-show, which opens supervision."""

    meta = {"abstract": True, "strict": False}

    def report_in(self, by: Principal, handler: PostHolder, limits: Limits, now: datetime) -> None:
        """报到 of a called unit; if it leads, it names a handler and work starts at once."""
        call = self.require_may_report_in(by)
        leads = call.unit == self.lead and self.state == State.WHISTLED
        if leads:
            require_handler(handler, self.lead)
        call.late, call.state, call.came_at = call.state == "NO_SHOW" or now > call.due, "REPORTED_IN", now
        if leads:
            self._move(Act.REPORT_IN, State.ACCEPTED, by, now)
            self._name_handler(handler.subject, limits, now)
        else:
            self._record_step(Act.REPORT_IN, by, now)
        self.emit(ReportedIn(case=self.public_state(), unit=call.unit, late=call.late))
        if leads:
            self.emit(Accepted(case=self.public_state()))
            self._move(Act.START, State.IN_PROGRESS, by, now)
            self.emit(Started(case=self.public_state()))

    def require_may_report_in(self, by: Principal) -> embedded.UnitCall:
        call = self._own_call(REPORT_IN, by)
        self._require_call(call, Act.REPORT_IN, "CALLED", "NO_SHOW")
        return call

    def dispute_call(self, by: Principal, reason: str, now: datetime) -> None:
        """A called unit other than the lead objects, with a reason, before its report-in limit passes."""
        call = self.require_may_dispute_call(by, now)
        if not reason:
            raise NothingShown(needs="a reason")
        call.state, call.reason = "DISPUTED", reason
        self._refresh_units()
        self._record_step(Act.DISPUTE_CALL, by, now, reason=reason)
        self.emit(CallDisputed(case=self.public_state(), unit=call.unit, reason=reason))

    def require_may_dispute_call(self, by: Principal, now: datetime) -> embedded.UnitCall:
        call = self._own_call(DISPUTE_CALL, by)
        if call.unit == self.lead:
            raise LeadReturns()
        self._require_call(call, "dispute", "CALLED")
        if now > call.due:
            raise TooLate(until=call.due.isoformat())
        return call

    def release(self, by: Principal, unit: str, now: datetime) -> None:
        """The caller releases a unit that it no longer needs."""
        call = self.require_may_release(by, unit)
        call.state = "RELEASED"
        self._refresh_units()
        self._record_step(Act.RELEASE, by, now, reason=unit)
        self.emit(UnitReleased(case=self.public_state(), unit=unit))

    def require_may_release(self, by: Principal, unit: str) -> embedded.UnitCall:
        call = self._call_made_by(RELEASE, by, unit)
        self._require_call(call, Act.RELEASE, *LIVE_CALLS)
        if unit == self.lead:
            raise WrongCall(unit=unit, state="the lead", act=Act.RELEASE)
        return call

    def grade(self, by: Principal, unit: str, grade: int, now: datetime) -> None:
        """The caller grades a unit, 1 to 5; nobody grades their own unit."""
        call = self.require_may_grade(by, unit)
        if grade not in SCORES:
            raise Invalid(("grade", f"must be {SCORES[0]} to {SCORES[-1]}", f"须为 {SCORES[0]} 至 {SCORES[-1]}"))
        call.grade = grade
        self._record_step(Act.GRADE, by, now, reason=unit)
        self.emit(UnitGraded(case=self.public_state(), unit=unit, grade=grade))

    def require_may_grade(self, by: Principal, unit: str) -> embedded.UnitCall:
        call = self._call_made_by(GRADE, by, unit)
        if belongs_to(by, unit):
            raise OwnWork(act=Act.GRADE, reason="you act for this unit")
        self._require_call(call, Act.GRADE, "REPORTED_IN", "NO_SHOW", "RELEASED")
        return call

    def invite_members(self, by: Principal, branches: tuple[str, ...], now: datetime) -> None:
        """吹哨党员报到: voluntary, without a limit, and absence is not recorded."""
        self.require_may(INVITE_MEMBERS, by)
        if not branches:
            raise NothingShown(needs="a branch or team to invite")
        self._require_not_named_in_complaint(*branches)
        self._record_step(Act.INVITE_MEMBERS, by, now)
        self.emit(MembersInvited(case=self.public_state(), branches=list(branches)))

    def timers(self) -> Iterator[Timer]:
        yield from super().timers()
        if State(self.state) in OPEN:
            for call in self.calls:
                if call.state == "CALLED":
                    yield Timer(call.due, TimerKind.CALL, partial(self._mark_no_show, call))

    def _mark_no_show(self, call: embedded.UnitCall, at: datetime, limits: Limits) -> None:
        call.state = "NO_SHOW"
        self._record_step(Act.NO_SHOW, self._system(), at, reason=call.unit)
        self.emit(NoShow(case=self.public_state(), unit=call.unit))
        self._supervise("no_show", self._dispatching_tier(), self._system(), at)

    def _own_call(self, guard: Guard, by: Principal) -> embedded.UnitCall:
        """Returns the last call to a unit for which the caller may report in."""
        self.require_may(guard, by, owner="the units that were called")
        return next(
            call for call in reversed(self.calls) if may(by, Permission.REPORT_IN, self.resource(units=(call.unit,)))
        )

    def _call_made_by(self, guard: Guard, by: Principal, unit: str) -> embedded.UnitCall:
        """Returns the last call to the unit, to whoever made it, or to their unit."""
        calls = [call for call in self.calls if call.unit == unit][-1:]
        persons, units = ([getattr(call, name) for call in calls or self.calls] for name in ("by", "by_unit"))
        owner = "whoever called the unit"
        self.require_may(guard, by, owner=owner, persons=persons, units=units)
        if not calls:
            raise NotFound()
        return calls[0]

    def _require_call(self, call: embedded.UnitCall, act: str, *states: str) -> None:
        if call.state not in states:
            raise WrongCall(unit=call.unit, state=call.state, act=act)
