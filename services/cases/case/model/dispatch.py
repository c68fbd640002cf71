"""Dispatch 派单, redirect 改派, escalate 上报, take on 自办, accept 签收, and assignment within the lead unit."""

from __future__ import annotations

from datetime import datetime

from chassis.errors import Refused
from chassis.security.principal import Principal, codes_of
from services.cases.api.states import State
from services.cases.case.acts import Act
from services.cases.case.events import Accepted, Escalated, GapFound, HandlerChanged, Relocated, TakenOn
from services.cases.case.model import routing
from services.cases.case.model.clock import OPEN_SUB_TASKS
from services.cases.case.model.guards import Guard
from services.cases.case.model.lead_unit import LedCase, Order, UnitRef, already_leads
from services.cases.case.model.limits import Limits
from services.cases.case.model.post_holders import PostHolder, require_handler
from services.cases.case.model.refusals import NothingShown
from services.cases.case.model.states import NOT_OVER, WITH_LEAD, require
from vocabulary import tiers
from vocabulary.rights import division_of
from vocabulary.roles import Permission, Role

DISPATCH = Guard(Act.DISPATCH, Permission.DISPATCH)
REDIRECT = Guard(Act.REDIRECT, Permission.DISPATCH)
ESCALATE = Guard(Act.ESCALATE, Permission.ESCALATE)
TAKE_ON = Guard(Act.TAKE_ON, Permission.TAKE_ON)
ACCEPT = Guard(Act.ACCEPT, Permission.HANDLE)
ASSIGN = Guard(Act.ASSIGN, Permission.HANDLE, states=WITH_LEAD)


class SameLead(Refused):
    code = "case.same_lead"
    en = "A reopened case goes back to its previous lead; dispatch it to {unit:unit}."
    zh = "重办案件须派给原牵头单位{unit:unit}。"


class NotYet(Refused):
    """`since`: when redirecting becomes possible."""

    code = "case.not_yet"
    en = "The unit may accept the case until {since:time}; redirect it after that."
    zh = "签收时限为{since:time}，逾期未签收方可改派。"


class Dispatch(LedCase):
    meta = {"abstract": True, "strict": False}

    def dispatch(self, by: Principal, order: Order, limits: Limits, now: datetime) -> None:
        self.require_may(DISPATCH, by)
        reopened = self.state == State.REOPENED
        if reopened and order.lead.id != self.lead:
            raise SameLead(unit=self.lead)
        if not reopened:
            self._require_assignable(order)
        self._assign_lead(Act.DISPATCH, State.DISPATCHED, by, order, limits, now)
        self._emit_dispatched("reopening" if reopened else "dispatch", order)

    def redirect(self, by: Principal, order: Order, limits: Limits, now: datetime) -> None:
        """改派, once the accept limit has passed; becomes a whistle if the order calls further units."""
        self.require_may_redirect(by, now)
        if order.lead.id == self.lead:
            raise already_leads("lead")
        self._require_assignable(order)
        source = self.lead
        to = State.WHISTLED if order.called else State.DISPATCHED
        self._assign_lead(Act.REDIRECT, to, by, order, limits, now)
        self._emit_dispatched("redirect", order, source)

    def require_may_redirect(self, by: Principal, now: datetime) -> None:
        self.require_may(REDIRECT, by)
        self.require_no_dispute()
        if self.step_due and now <= self.step_due:
            raise NotYet(since=self.step_due.isoformat())

    def escalate(self, by: Principal, reason: str, now: datetime) -> None:
        """上报 to the tier above the caller's, by the tier that holds the case or one above it."""
        self.require_may(ESCALATE, by)
        if not reason:
            raise NothingShown(needs="a reason")
        source, above, waiting = self.tier, tier_above(by), self.step_due
        self._move(Act.ESCALATE, State.REGISTERED, by, now, reason=reason)
        self.tier = above
        self._await_step("dispatch", waiting)
        self.emit(Escalated(case=self.public_state(), from_tier=source))

    def take_on(self, by: Principal, handler: PostHolder, limits: Limits, now: datetime, listed: bool = True) -> None:
        """自办: the community or street that holds the case leads it itself.

        `listed` False: no responsibility list names an owner; the street takes it anyway (兜底), the gap is reported.
        """
        self.require_may(TAKE_ON, by)
        kind = Role.COMMUNITY if by.has(Role.COMMUNITY) else Role.STREET
        unit = UnitRef(id=division_of(by), path=by.area, kind=kind)
        self._require_not_about(unit)
        require_handler(handler, unit.id)
        self._move(Act.TAKE_ON, State.IN_PROGRESS, by, now)
        self._set_lead(unit, "")
        self._name_handler(handler.subject, limits, now)
        self.emit(TakenOn(case=self.public_state()))
        if not listed:
            self.emit(GapFound(case=self.public_state()))

    def accept(self, by: Principal, handler: PostHolder, limits: Limits, now: datetime) -> None:
        """签收, by the lead, who names a handler."""
        self.require_may(ACCEPT, by)
        require_handler(handler, self.lead)
        self._move(Act.ACCEPT, State.ACCEPTED, by, now)
        self._name_handler(handler.subject, limits, now)
        self.emit(Accepted(case=self.public_state()))

    def assign(self, by: Principal, handler: PostHolder, now: datetime) -> None:
        """Names another handler within the lead unit; also used for a handover (交接)."""
        self.require_may(ASSIGN, by)
        require_handler(handler, self.lead)
        source, self.handler = self.handler, handler.subject
        self._record_step(Act.ASSIGN, by, now)
        self.emit(HandlerChanged(case=self.public_state(), from_handler=source))

    def relocate(self, old: str, new: str, now: datetime) -> None:
        """Moves a case when its grid is merged into another (多网合一), with the sub-tasks that the grid has to do.

        Closed cases stay in the old area, unless they come back.
        """
        require(Act.RELOCATE, State(self.state), NOT_OVER)
        source, given = self.area, [self.area, *self.spans]
        area, *spans = (new + path.removeprefix(old) if path.startswith(old) else path for path in given)
        self.spans = sorted(set(spans))
        # Areas that have become one are the case's area.
        self.area = self.spans[0] if len(self.spans) == 1 else area
        if self.place and self.place.path.startswith(old):
            self.place.path = new + self.place.path.removeprefix(old)
        self.areas = list(dict.fromkeys(code for path in (self.area, *self.spans) for code in codes_of(path)))
        self._hand_over_sub_tasks(codes_of(old)[-1], codes_of(new)[-1])
        self._record_step(Act.RELOCATE, self._system(), now, reason=source)
        self.emit(Relocated(case=self.public_state(), from_area=source))

    def _hand_over_sub_tasks(self, old: str, new: str) -> None:
        """Gives what one unit still has to do to another; what it has done stays its own."""
        for task in self.sub_tasks:
            if task.unit == old and task.state in OPEN_SUB_TASKS:
                task.unit = new
        self._refresh_units()


def tier_above(by: Principal) -> str:
    return routing.tier_above(tiers.tier_of(by.area))
