"""Inspection 核查: someone uninvolved visits or calls, then passes the result or sends it back for rework."""

from __future__ import annotations

from datetime import datetime

from chassis.errors import Forbidden
from chassis.security.principal import Principal
from services.cases.api.states import InspectionWay, State
from services.cases.case.acts import Act
from services.cases.case.events import Inspected, InspectorAssigned, RatingAsked
from services.cases.case.model.guards import Guard
from services.cases.case.model.lead_unit import Avoided, LedCase
from services.cases.case.model.limits import Limits
from services.cases.case.model.permissions import OwnWork
from services.cases.case.model.post_holders import PostHolder, require_inspector
from services.cases.case.model.rating import forget_answers
from services.cases.case.model.refusals import NothingShown
from services.cases.case.model.states import OPEN, TRANSITIONS
from vocabulary.rights import belongs_to, works_under
from vocabulary.roles import GRID_ROLES, Permission, Role

#: The rework at which the next tier starts to supervise.
REWORKS_BEFORE_SUPERVISION = 3


ASSIGN_INSPECTOR = Guard(Act.ASSIGN_INSPECTOR, Permission.NAME_INSPECTOR, states=OPEN)
INSPECT = Guard(Act.INSPECT, Permission.INSPECT, states=TRANSITIONS[Act.PASS])


class OnlyByCall(Forbidden):
    code = "case.only_by_call"
    en = "The hotline can inspect only by calling back. Record the inspection as a call."
    zh = "热线仅可通过电话回访核查，请选择电话核查方式。"


class Inspection(LedCase):
    meta = {"abstract": True, "strict": False}

    def assign_inspector(self, by: Principal, inspector: PostHolder, now: datetime) -> None:
        """A street or centre assigns an inspector, who sees the case from then on."""
        self.require_may(ASSIGN_INSPECTOR, by)
        if inspector.subject == self.handler:
            raise OwnWork(act=Act.INSPECT, reason="the inspector handles this case")
        require_inspector(inspector, self.area)
        if any(works_under(post, self.about) for post in inspector.posts):
            raise Avoided(unit=self.about)
        self.inspectors = list(dict.fromkeys([*self.inspectors, inspector.subject]))
        self._record_step(Act.ASSIGN_INSPECTOR, by, now)
        self.emit(InspectorAssigned(case=self.public_state(), inspector=inspector.subject))

    def inspect(
        self, by: Principal, passed: bool, how: InspectionWay, note: str, limits: Limits, now: datetime
    ) -> None:
        """`note`: the sealed record of the visit or call. If it fails, the lead reworks in the time left."""
        self.require_may(INSPECT, by)
        self.require_uninvolved(by)
        if how != "call" and not by.has(Role.INSPECTOR, Role.STREET, Role.CENTRE, *GRID_ROLES):
            raise OnlyByCall()
        if not note:
            raise NothingShown(needs="a record of the visit or call")
        result = self.results[-1]
        result.passed, result.inspected_at, result.inspected_by = passed, now, by.subject
        result.inspection, result.inspection_note = how, note
        if passed:
            self._pass(by, note, limits, now)
        else:
            self._fail(by, note, limits, now)
        self.emit(Inspected(case=self.public_state(), passed=passed, how=how))
        if passed:
            self._ask_for_rating_or_close(limits, now)

    def _pass(self, by: Principal, note: str, limits: Limits, now: datetime) -> None:
        to = State.AWAITING_RATING if self._has_raters() else State.CLOSED
        self._move(Act.PASS, to, by, now, note=note)

    def _fail(self, by: Principal, note: str, limits: Limits, now: datetime) -> None:
        self._move(Act.FAIL, State.REWORK, by, now, note=note)
        self.reworks += 1
        self._grant_rework_time(now, limits)
        if self.reworks == REWORKS_BEFORE_SUPERVISION:
            self._raise_supervision("reworked", now)

    def require_uninvolved(self, by: Principal) -> None:
        """Raises `OwnWork` for the handling unit, and for whoever worked on a part of the case."""
        worked = {self.lead, *(call.unit for call in self.calls if call.state == "REPORTED_IN")}
        worked |= {task.unit for task in self.sub_tasks if task.state in ("ACCEPTED", "DONE")}
        people = {self.handler, *(task.handler for task in self.sub_tasks)}
        unit = next((unit for unit in sorted(worked) if belongs_to(by, unit)), "")
        if unit:
            raise OwnWork(act=Act.INSPECT, reason="your unit handled this case")
        if by.subject in people:
            raise OwnWork(act=Act.INSPECT, reason="you handled this case")

    def _has_raters(self) -> bool:
        return bool(self.parties) or any(child.parties for child in self.merged_children())

    def _ask_for_rating_or_close(self, limits: Limits, now: datetime) -> None:
        """After a passed inspection, asks the parties to rate, or closes a case that has none."""
        if self.state == State.CLOSED:
            self._close(now)
            return
        forget_answers(self.parties, self.merged_children())
        self.rating_until = limits.rating_until(now)
        children = [child.case for child in self.merged_children()]
        self.emit(RatingAsked(case=self.public_state(), until=self.rating_until, children=children))
