"""Returns 退单 and ownership disputes 权属争议, and the ruling 裁定 that ends them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chassis.errors import Refused
from chassis.security.principal import Principal
from services.cases.api.states import State
from services.cases.case.acts import Act
from services.cases.case.events import DisputeOpened, Returned, Ruled
from services.cases.case.model import embedded, routing
from services.cases.case.model.guards import Guard
from services.cases.case.model.lead_unit import LIVE_CALLS, LedCase, Order, UnitRef, require_handling_units
from services.cases.case.model.limits import Limits
from services.cases.case.model.permissions import OwnWork
from services.cases.case.model.refusals import NothingShown, TooLate
from services.cases.case.texts_zh import NO_RETURN
from vocabulary.rights import belongs_to
from vocabulary.roles import Permission


def _ruling(case: LedCase) -> dict[str, Any]:
    return {"area": case.dispute.ruler if case.dispute else case.area, "spans": ()}


RETURN = Guard(Act.RETURN, Permission.HANDLE)
RULE = Guard(Act.RULE, Permission.RULE, facts=_ruling)


class CannotReturn(Refused):
    code = "case.cannot_return"
    en = "The case cannot be returned: {reason}."
    zh = "不能退单：{reason}。"
    chinese = {"reason": NO_RETURN}


class NoDispute(Refused):
    code = "case.no_dispute"
    en = "There is no dispute to rule on; one opens with the second return."
    zh = "没有待裁定的争议，第二次退单后方可裁定。"


class Disputing(LedCase):
    meta = {"abstract": True, "strict": False}

    def return_(
        self, by: Principal, entry: str, proposed: UnitRef, reason: str, limits: Limits, now: datetime, note: str = ""
    ) -> None:
        """退单: by the lead, once, within the accept limit; names the unit that should lead and the list entry."""
        self.require_may(RETURN, by)
        self.require_returnable(now)
        if not entry:
            raise NothingShown(needs="the list entry and the unit proposed")
        require_handling_units(proposed)
        self._require_not_about(proposed)
        self.returns.append(
            embedded.Return(
                unit=self.lead, unit_kind=self.lead_kind, unit_path=self.lead_path, at=now,
                reason=reason, entry=entry, proposed=proposed.id, note=note,
            )
        )  # fmt: skip
        self._end_call_of_lead("DISPUTED", reason)
        self._move(Act.RETURN, State.RETURNED, by, now, reason=reason, note=note)
        self.emit(Returned(case=self.public_state(), unit=self.lead, reason=reason, proposed=proposed.id))
        if len(self.returns) > 1:
            self._open_dispute(limits, now)
        else:
            self._await_step("dispatch", limits.dispatch_due(self.importance, now))

    def rule(
        self, by: Principal, lead: UnitRef | None, reason: str, limits: Limits, now: datetime, note: str = ""
    ) -> None:
        """裁定, by the lowest tier above both units or one above it; the unit it names cannot return the case.

        `lead` None: no list names an owner, so the street of the place leads (属地兜底) and the gap is reported.
        """
        dispute = self.require_may_rule(by)
        if not reason:
            raise NothingShown(needs="a reason")
        ruled_lead = lead or self._street_of_the_place()
        if ruled_lead is None:
            raise NothingShown(needs="a lead, since the matter lies in several streets")
        order = Order(lead=ruled_lead, gap=lead is None)
        require_handling_units(order.lead)
        self._require_not_about(order.lead)
        dispute.ruled_at = now
        self._assign_lead(Act.RULE, State.DISPATCHED, by, order, limits, now, reason, note)
        self.emit(Ruled(case=self.public_state(), reason=reason))
        self._emit_dispatched("ruling", order, self.returns[-1].unit)

    def require_may_rule(self, by: Principal) -> embedded.Dispute:
        self.require_may(RULE, by)
        if self.dispute is None or self.dispute.ruled_at:
            raise NoDispute()
        if any(belongs_to(by, unit) for unit in self.dispute.units):
            raise OwnWork(act=Act.RULE, reason="your unit is a side of this dispute")
        return self.dispute

    def require_returnable(self, now: datetime) -> None:
        if self.ruled:
            raise CannotReturn(reason="it was ruled")
        if any(result.lead == self.lead for result in self.results):
            raise CannotReturn(reason="this unit handled it before")
        if any(past.unit == self.lead for past in self.returns):
            raise CannotReturn(reason="this unit returned it before")
        if self.step_due and now > self.step_due:
            raise TooLate(until=self.step_due.isoformat())

    # -- internals -------------------------------------------------------------------------------------

    def _end_call_of_lead(self, state: str, reason: str) -> None:
        for call in self.calls:
            if call.unit == self.lead and call.state in LIVE_CALLS:
                call.state, call.reason = state, reason

    def _open_dispute(self, limits: Limits, now: datetime) -> None:
        """Opens a dispute after the second return; the lowest tier above both units rules."""
        last_two = self.returns[-2:]
        ruler = self._kept(routing.coordinator_above(*((past.unit_kind, past.unit_path) for past in last_two)))
        between, rule_by = [past.unit for past in last_two], limits.ruling_due(self.importance, now)
        self.dispute = embedded.Dispute(opened_at=now, units=between, ruler=ruler)
        self._await_step("rule", rule_by)
        self.emit(DisputeOpened(case=self.public_state(), between=between, ruler=ruler, rule_by=rule_by))
