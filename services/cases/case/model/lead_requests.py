"""Requests of the lead to the dispatching tier: transfer 转办, extension 延期, suspension 挂起.

A pending request changes neither state nor clock; granting it does.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

from chassis.errors import Invalid, NotFound, Refused, spoken_fault
from chassis.security.principal import Principal
from services.cases.api.states import RequestKind, State
from services.cases.case import texts_en
from services.cases.case.acts import Act
from services.cases.case.events import Requested, RequestGranted, RequestRefused, Resumed, Suspended
from services.cases.case.model import embedded
from services.cases.case.model.base import require_room
from services.cases.case.model.guards import Guard
from services.cases.case.model.inputs import Input
from services.cases.case.model.lead_unit import LedCase, ListEntry, Order, UnitRef, already_leads, of_dispatcher
from services.cases.case.model.limits import Limits
from services.cases.case.model.permissions import OwnWork
from services.cases.case.model.refusals import NothingShown, TooLate
from services.cases.case.model.states import require
from services.cases.case.model.timer import Timer, TimerKind
from services.cases.case.texts_zh import REQUEST_STATES, REQUESTS
from vocabulary.rights import belongs_to
from vocabulary.roles import Permission
from vocabulary.working_time import Kind

#: The states in which each kind can be asked for and granted.
_REQUESTABLE_IN = {
    "transfer": (State.ACCEPTED, State.IN_PROGRESS),
    "extension": (State.ACCEPTED, State.IN_PROGRESS, State.REWORK),
    "suspension": (State.IN_PROGRESS,),
}


ASK = Guard(Act.ASK, Permission.HANDLE, states=chain.from_iterable(_REQUESTABLE_IN.values()))
GRANT = Guard(Act.GRANT, Permission.GRANT, states=State, facts=of_dispatcher)
REFUSE = Guard(Act.REFUSE, Permission.GRANT, states=State, facts=of_dispatcher)
RESUME = Guard(Act.RESUME, Permission.HANDLE)


class RequestInput(Input, frozen=True, kw_only=True):
    """`until`: the end of the suspension or the new due moment; `to` and `entry`: for a transfer."""

    what: RequestKind
    reason: str
    party_told: bool = False
    note: str = ""
    until: datetime | None = None
    to: UnitRef | None = None
    entry: ListEntry | None = None


class RequestPending(Refused):
    code = "case.request_pending"
    en = "Request {number} for {what} is still pending. Wait for the decision."
    zh = "申请 {number}（{what}）尚待批复，请勿重复申请。"
    chinese = {"what": REQUESTS}
    english = {"what": texts_en.REQUESTS}


class ExtendedBefore(Refused):
    code = "case.extended_before"
    en = "The case has already been extended; only one extension is possible."
    zh = "案件仅可延期一次，本案已延期。"


class TooLong(Refused):
    """`latest`: the latest moment that can be asked for."""

    code = "case.too_long"
    en = "That is too long. Ask for {latest:time} or earlier."
    zh = "申请期限过长，最迟可至{latest:time}。"


class RequestDecided(Refused):
    code = "case.request_decided"
    en = "Request {number} {state} and can no longer be decided."
    zh = "申请 {number} 状态为“{state}”，无需再批复。"
    chinese = {"state": REQUEST_STATES}
    english = {"state": texts_en.REQUEST_STATES}


class LeadRequests(LedCase):
    meta = {"abstract": True, "strict": False}

    def ask(self, by: Principal, asked: RequestInput, limits: Limits, now: datetime) -> int:
        """By the lead, before the case is due, with a reason and after informing the party. Returns its number."""
        self.require_may_ask(by, asked.what, limits, now)
        self._require_askable(asked, limits, now)
        require_room("requests", self.requests)
        number = len(self.requests) + 1
        to = asked.to
        self.requests.append(
            embedded.Request(
                number=number, kind=asked.what, asked_at=now, asked_by=by.subject, reason=asked.reason,
                note=asked.note, until=asked.until, entry=asked.entry.id if asked.entry else "",
                to_unit=to.id if to else "", to_kind=to.kind if to else "", to_path=to.path if to else "",
            )
        )  # fmt: skip
        self._record_step(Act.ASK, by, now, reason=asked.what, note=asked.note)
        self.emit(Requested(case=self.public_state(), number=number, what=asked.what, decider=self._dispatching_tier()))
        return number

    def require_may_ask(self, by: Principal, what: RequestKind, limits: Limits, now: datetime) -> None:
        self.require_may(ASK, by)
        require(f"ask for {what}", State(self.state), _REQUESTABLE_IN[what])
        if self.due and now >= self.due:
            raise TooLate(until=self.due.isoformat())
        pending = next((r for r in self.requests if r.state == "ASKED" and r.kind == what), None)
        if pending is not None:
            raise RequestPending(number=pending.number, what=pending.kind)
        if what == "extension" and any(r.kind == "extension" and r.state == "GRANTED" for r in self.requests):
            raise ExtendedBefore()
        if what == "suspension" and (latest := self._suspension_until(limits, now)) <= now:
            raise TooLong(latest=latest.isoformat())

    def grant(self, by: Principal, number: int, limits: Limits, now: datetime) -> None:
        """By the dispatching tier or one above it, never by the lead itself; applies the request."""
        request = self.require_may_grant(by, number, limits, now)
        request.state, request.decided_at, request.decided_by = "GRANTED", now, by.subject
        self._record_step(Act.GRANT, by, now, reason=request.kind)
        match request.kind:
            case "transfer":
                self._transfer(request, by, limits, now)
            case "extension":
                self._extend(request, limits, now)
            case "suspension":
                self._suspend(request, by, limits, now)
        self.emit(RequestGranted(case=self.public_state(), number=number, what=request.kind))

    def require_may_grant(self, by: Principal, number: int, limits: Limits, now: datetime) -> embedded.Request:
        request = self.require_may_decide(GRANT, by, number)
        require(f"grant {request.kind}", State(self.state), _REQUESTABLE_IN[request.kind])
        if request.kind == "suspension" and (until := self._granted_until(request, limits, now)) <= now:
            raise TooLate(until=until.isoformat())
        return request

    def require_may_decide(self, guard: Guard, by: Principal, number: int) -> embedded.Request:
        self.require_may(guard, by, owner=self._dispatching_tier())
        request = next((r for r in self.requests if r.number == number), None)
        if request is None:
            raise NotFound()
        if belongs_to(by, self.lead) or by.subject == request.asked_by:
            raise OwnWork(act="decide on", reason="your unit asks and leads")
        if request.state != "ASKED":
            raise RequestDecided(number=number, state=request.state)
        return request

    def refuse(self, by: Principal, number: int, reason: str, now: datetime) -> None:
        request = self.require_may_decide(REFUSE, by, number)
        if not reason:
            raise NothingShown(needs="a reason")
        request.state, request.decided_at, request.decided_by = "REFUSED", now, by.subject
        self._record_step(Act.REFUSE, by, now, reason=reason)
        self.emit(RequestRefused(case=self.public_state(), number=number, what=request.kind, reason=reason))

    def resume(self, by: Principal, limits: Limits, now: datetime) -> None:
        """The lead resumes work before the suspension ends."""
        self.require_may(RESUME, by)
        self._end_suspension(by, now, limits)

    def timers(self) -> Iterator[Timer]:
        yield from super().timers()
        if self.state == State.SUSPENDED:
            for request in self.requests:
                if request.kind == "suspension" and request.state == "GRANTED" and request.until:
                    yield Timer(request.until, TimerKind.SUSPENSION, self._end_expired_suspension)

    # -- internals -------------------------------------------------------------------------------------

    def _require_askable(self, asked: RequestInput, limits: Limits, now: datetime) -> None:
        if not asked.reason or not asked.party_told:
            raise NothingShown(needs="a reason, and that the party was told")
        match asked.what:
            case "transfer":
                self._require_transferable(asked)
            case "extension":
                self._require_extendable(asked, limits, now)
            case "suspension":
                _require_until(asked.until, now, self._suspension_until(limits, now))

    def _require_transferable(self, asked: RequestInput) -> None:
        if asked.to is None:
            raise Invalid(("to", "name the unit that should lead", "请填写拟转办的单位"))
        if asked.to.id == self.lead:
            raise already_leads("to")
        self._require_assignable(Order(lead=asked.to, entry=asked.entry))

    def _require_extendable(self, asked: RequestInput, limits: Limits, now: datetime) -> None:
        due = self.due or now
        _require_until(asked.until, due, limits.calendar.add(due, limits.case[self.importance]))

    def _transfer(self, request: embedded.Request, by: Principal, limits: Limits, now: datetime) -> None:
        source = self.lead
        order = Order(lead=UnitRef(id=request.to_unit, kind=request.to_kind, path=request.to_path))
        self._assign_lead(Act.TRANSFER, State.DISPATCHED, by, order, limits, now)
        self.entry = request.entry
        lapse(self.requests)
        self._emit_dispatched("transfer", order, source)

    def _extend(self, request: embedded.Request, limits: Limits, now: datetime) -> None:
        """Extends by at most the original limit, even if the due moment has moved since the request."""
        if self.clock and self.due and request.until:
            more = limits.calendar.between(self.due, request.until, Kind(self.clock.kind)).length
            self._extend_clock(min(more, timedelta(seconds=self.clock.original)), limits, now)

    def _suspend(self, request: embedded.Request, by: Principal, limits: Limits, now: datetime) -> None:
        request.until = until = self._granted_until(request, limits, now)
        self._move(Act.SUSPEND, State.SUSPENDED, by, now, reason=request.reason)
        self._suspend_clock(now, until, limits)
        self.emit(Suspended(case=self.public_state(), until=until))

    def _granted_until(self, request: embedded.Request, limits: Limits, now: datetime) -> datetime:
        # The request itself counts from when it is granted.
        return min(request.until or now, self._suspension_until(limits, now))

    def _suspension_until(self, limits: Limits, now: datetime) -> datetime:
        return limits.suspension_until(now, self._suspended_so_far(now))

    def _suspended_so_far(self, now: datetime) -> timedelta:
        ended = [r for r in self.requests if r.kind == "suspension" and r.state == "ENDED" and r.decided_at]
        return sum(((r.ended_at or r.until or now) - (r.decided_at or now) for r in ended), timedelta(0))

    def _end_expired_suspension(self, at: datetime, limits: Limits) -> None:
        self._end_suspension(self._system(), at, limits)

    def _end_suspension(self, by: Principal, at: datetime, limits: Limits) -> None:
        close_suspensions(self.requests, at)
        self._move(Act.RESUME, State.IN_PROGRESS, by, at)
        self._end_suspension_of_clock(at, limits)
        self.emit(Resumed(case=self.public_state()))


def close_suspensions(requests: list[embedded.Request], at: datetime) -> None:
    for request in requests:
        if request.kind == "suspension" and request.state == "GRANTED":
            request.state, request.ended_at = "ENDED", at


def lapse(requests: list[embedded.Request]) -> None:
    """Lapses pending requests, because the case moved on."""
    for request in requests:
        if request.state == "ASKED":
            request.state = "LAPSED"


def _require_until(until: datetime | None, after: datetime, latest: datetime) -> None:
    if until is None or until <= after:
        raise Invalid(spoken_fault("until", "must be after {after:time}", "须晚于{after:time}", after=after))
    if until > latest:
        raise TooLong(latest=latest.isoformat())
