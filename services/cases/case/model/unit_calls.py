"""Calls to units (吹哨): each CALLED → REPORTED_IN | DISPUTED | NO_SHOW → REPORTED_IN (late) | RELEASED."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from chassis.errors import Invalid, NotFound, Refused
from chassis.security.principal import Principal
from services.cases.api.states import State
from services.cases.case.events import CallDisputed, MembersInvited, NoShow, UnitGraded, UnitReleased
from services.cases.case.model import embedded
from services.cases.case.model.base import MOST_ENTRIES, Timer, require_room
from services.cases.case.model.intake import NothingShown, TooLate
from services.cases.case.model.lead_unit import Leading, UnitRef
from services.cases.case.model.limits import Limits
from services.cases.case.model.permissions import NotYours, OwnWork, acts_for
from services.cases.case.model.states import OPEN, UNRESOLVED, require
from services.cases.case.texts_zh import ACTS, CALL_STATES
from vocabulary.roles import Power

LIVE = ("CALLED", "REPORTED_IN", "NO_SHOW")


class WrongCall(Refused):
    """`unit`, `state`: how its call stands."""

    code = "case.wrong_call"
    en = "The call to {unit} is {state}: {act} is not possible."
    zh = "对 {unit} 的吹哨状态为 {state},不能执行 {act}。"
    chinese = {"state": CALL_STATES, "act": ACTS}


class LeadReturns(Refused):
    code = "case.lead_returns"
    en = "The lead does not dispute a call: it returns the case, naming the list entry and the unit proposed."
    zh = "牵头单位不适用异议,请按清单退单并提出建议单位。"


class Calling(Leading):
    """Calls never block the work: an absent unit is a no-show under supervision, no more."""

    meta = {"abstract": True, "strict": False}

    def dispute_call(self, by: Principal, reason: str, now: datetime) -> None:
        """A called unit that does not lead says why it is not its matter, within its time."""
        self._open(by, Power.HANDLE)
        call = self._own_call(by)
        if call.unit == self.lead:
            raise LeadReturns()
        self._require_call(call, "dispute", "CALLED")
        if now > call.due:
            raise TooLate(until=call.due.isoformat())
        if not reason:
            raise NothingShown(needs="a reason")
        call.state, call.reason = "DISPUTED", reason
        self._settle_units()
        self._keep_step("dispute_call", by, now, reason=reason)
        self.emit(CallDisputed(case=self.public_state(), unit=call.unit, reason=reason))

    def release(self, by: Principal, unit: str, now: datetime) -> None:
        """The caller no longer needs a unit."""
        self._open(by, Power.WHISTLE, Power.WHISTLE_BY_TABLE)
        call = self._call_of(unit)
        self._require_caller(by, call)
        self._require_call(call, "release", *LIVE)
        if unit == self.lead:
            raise WrongCall(unit=unit, state="the lead", act="release")
        call.state = "RELEASED"
        self._settle_units()
        self._keep_step("release", by, now, reason=unit)
        self.emit(UnitReleased(case=self.public_state(), unit=unit))

    def grade(self, by: Principal, unit: str, grade: int, now: datetime) -> None:
        """The caller grades a unit, 1 to 5; a unit never itself."""
        self._open(by, Power.WHISTLE, Power.WHISTLE_BY_TABLE)
        call = self._call_of(unit)
        if acts_for(by, unit):
            raise OwnWork(act="grade", reason="you act for this unit")
        self._require_caller(by, call)
        if not 1 <= grade <= 5:
            raise Invalid(("grade", "must be 1 to 5", "须为 1 至 5"))
        self._require_call(call, "grade", "REPORTED_IN", "NO_SHOW", "RELEASED")
        call.grade = grade
        self._keep_step("grade", by, now, reason=unit)
        self.emit(UnitGraded(case=self.public_state(), unit=unit, grade=grade))

    def invite_members(self, by: Principal, branches: tuple[str, ...], now: datetime) -> None:
        """吹哨党员报到: no clock, and no record of who does not come."""
        self._open(by, Power.WHISTLE, Power.WHISTLE_BY_TABLE)
        require("invite_members", State(self.state), UNRESOLVED)
        if not branches:
            raise NothingShown(needs="a branch or team to invite")
        self._keep_step("invite_members", by, now)
        self.emit(MembersInvited(case=self.public_state(), branches=list(branches)))

    def timers(self) -> Iterator[Timer]:
        yield from super().timers()
        if State(self.state) in OPEN:
            for call in self.calls:
                if call.state == "CALLED":
                    yield Timer(call.due, partial(self._note_absence, call))

    def _note_absence(self, call: embedded.UnitCall, at: datetime, limits: Limits) -> None:
        call.state = "NO_SHOW"
        self._keep_step("no_show", self._itself(), at, reason=call.unit)
        self.emit(NoShow(case=self.public_state(), unit=call.unit))
        self._supervise("no_show", self._desk(), self._itself(), at)

    def _call(self, units: tuple[UnitRef, ...], by: Principal, limits: Limits, now: datetime) -> list[str]:
        """Calls each that is not there yet; answers their ids."""
        due, called = limits.report_in_due(self.importance, now), []
        for unit in units:
            if any(call.unit == unit.id and call.state in LIVE for call in self.calls):
                continue
            require_room("calls", self.calls, MOST_ENTRIES)
            self.calls.append(
                embedded.UnitCall(
                    unit=unit.id, unit_kind=unit.kind, unit_path=unit.path,
                    by=by.subject, by_unit=by.unit, called_at=now, due=due,
                )
            )  # fmt: skip
            called.append(unit.id)
        self._settle_units()
        return called

    def _drop_calls(self) -> None:
        """Another whistle or a dispatch takes the place of this one."""
        for call in self.calls:
            if call.state in LIVE:
                call.state = "RELEASED"

    def _settle_call_of_lead(self, state: str, reason: str) -> None:
        for call in self.calls:
            if call.unit == self.lead and call.state in LIVE:
                call.state, call.reason = state, reason

    def _own_call(self, by: Principal) -> embedded.UnitCall:
        found = next((call for call in reversed(self.calls) if acts_for(by, call.unit)), None)
        if found is None:
            raise NotYours(owner="the units that were called")
        return found

    def _call_of(self, unit: str) -> embedded.UnitCall:
        found = next((call for call in reversed(self.calls) if call.unit == unit), None)
        if found is None:
            raise NotFound()
        return found

    def _require_caller(self, by: Principal, call: embedded.UnitCall) -> None:
        if by.subject != call.by and (not by.unit or by.unit != call.by_unit):
            raise NotYours(owner="whoever called the unit")

    def _require_call(self, call: embedded.UnitCall, act: str, *states: str) -> None:
        if call.state not in states:
            raise WrongCall(unit=call.unit, state=call.state, act=act)
