"""Whistling 吹哨报到: calls several units at once, one of them as lead; work starts when the lead reports in."""

from __future__ import annotations

from datetime import datetime

from chassis.errors import Refused
from chassis.security.principal import Principal
from services.cases.api.states import Priority, State
from services.cases.case.acts import Act
from services.cases.case.events import Whistled
from services.cases.case.model.guards import Guard
from services.cases.case.model.lead_unit import LedCase, Order, require_handling_units
from services.cases.case.model.limits import Limits
from services.cases.case.model.states import AT_WORK
from vocabulary import tiers
from vocabulary.rights import may
from vocabulary.roles import Permission

_WHISTLERS = (Permission.WHISTLE, Permission.WHISTLE_BY_TABLE)
WHISTLE = Guard(Act.WHISTLE, *_WHISTLERS, facts=lambda case: {"tier": case.whistling_tier()})
WHISTLE_MORE = Guard(
    Act.WHISTLE_MORE, *_WHISTLERS,
    states=(state for state in AT_WORK if state not in (State.REGISTERED, State.RETURNED)),
)  # fmt: skip


class NotInWhistleTable(Refused):
    code = "case.not_in_whistle_table"
    en = "The whistle table does not let you call {units:unit} for {category:category}. Ask the street to whistle."
    zh = "吹哨清单未授权您就{category:category}类事项对{units:unit}吹哨，请提请街道吹哨。"


class Whistle(LedCase):
    meta = {"abstract": True, "strict": False}

    def whistle(self, by: Principal, order: Order, limits: Limits, now: datetime) -> None:
        """By a street or centre; by a grid or community if the tenant's whistle table allows it."""
        self.require_may(WHISTLE, by)
        if self.needs_table(WHISTLE, by):
            self._require_in_table(order)
        self._require_assignable(order)
        self._assign_lead(Act.WHISTLE, State.WHISTLED, by, order, limits, now)
        self._emit_whistled([call.unit for call in self.calls if call.called_at == now], order)

    def whistle_more(self, by: Principal, order: Order, limits: Limits, now: datetime) -> None:
        """Calls further units until the case is RESOLVED; lead and state stay the same."""
        self.require_may(WHISTLE_MORE, by)
        if self.needs_table(WHISTLE_MORE, by):
            self._require_in_table(order)
        require_handling_units(*order.called)
        self._require_not_about(*order.called)
        self._require_called_listed(order)
        called = self._call(order.called, by, limits, now)
        self._record_step(Act.WHISTLE_MORE, by, now)
        self._emit_whistled(called, order)

    def needs_table(self, guard: Guard, by: Principal) -> bool:
        """Returns whether the caller may call only the units that a row of the whistle table allows them."""
        return not may(by, Permission.WHISTLE, self.resource_of(guard))

    def whistling_tier(self) -> str:
        """Returns the lowest tier that may whistle: P1 cannot wait, so the tier that registered it may too."""
        urgent = self.importance is Priority.P1 and bool(self.registering_tier)
        return max(self.tier, self.registering_tier, key=tiers.depth_of) if urgent else self.tier

    def _require_in_table(self, order: Order) -> None:
        requested = {order.lead.id, *(unit.id for unit in order.called)} - {self.lead}
        if order.rule is None or not requested <= set(order.rule.units):
            raise NotInWhistleTable(units=sorted(requested), category=self.category)

    def _emit_whistled(self, called: list[str], order: Order) -> None:
        entry, rule = order.entry.id if order.entry else "", order.rule.id if order.rule else ""
        self.emit(Whistled(case=self.public_state(), called=called, entry=entry, rule=rule))
        self._report_gap(order)
