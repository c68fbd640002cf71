"""Who leads and who works with it: exactly one unit leads, on the responsibility lists unless it was ruled."""

from __future__ import annotations

from datetime import datetime

from chassis.errors import Forbidden, Refused
from chassis.security.principal import Principal, codes_of
from services.cases.case.events import GapFound
from services.cases.case.model.inputs import Form
from services.cases.case.model.limits import Limits
from services.cases.case.model.permissions import NotYours, acts_for
from services.cases.case.model.withdrawal import Ending
from vocabulary import tiers
from vocabulary.tiers import Tier


class UnitRef(Form, frozen=True, kw_only=True):
    """A unit as the service's copy knows it. `kind`: department, street, community, centre; `path`: its division."""

    id: str
    path: str
    kind: str = "department"


class ListEntry(Form, frozen=True, kw_only=True):
    """An entry of a responsibility list that holds now for the case's category and place."""

    id: str
    lead: str
    supporting: tuple[str, ...] = ()


class WhistleRule(Form, frozen=True, kw_only=True):
    """A row of the tenant's whistle table: this caller may call these units for this category."""

    id: str
    units: tuple[str, ...]


class Order(Form, frozen=True, kw_only=True):
    """`entry` None: off the list. `called`: units whistled for besides the lead. `gap`: no list names an owner."""

    lead: UnitRef
    entry: ListEntry | None = None
    called: tuple[UnitRef, ...] = ()
    rule: WhistleRule | None = None
    gap: bool = False


class OffTheList(Refused):
    code = "case.off_the_list"
    en = "No responsibility list names {unit} for {category} here: dispatch on the list, or have it ruled."
    zh = "清单中没有 {unit} 在此承担 {category} 的条目,请按清单派单或提请裁定。"


class Avoided(Refused):
    """回避."""

    code = "case.avoided"
    en = "The complaint is about {unit}: it never goes to that unit; choose another."
    zh = "该投诉涉及 {unit},按回避规定不得派给该单位。"


class RulingPending(Refused):
    code = "case.ruling_pending"
    en = "Two units returned it; {ruler} rules who leads."
    zh = "已两次退单,由 {ruler} 裁定责任单位。"


class AtWrongTier(Forbidden):
    """`tier`: the tier that has it."""

    code = "case.at_wrong_tier"
    en = "The case lies with the {tier} tier, above yours."
    zh = "案件已上报至{tier}层级,由上级办理。"
    chinese = {"tier": Tier.zh_names()}


class Leading(Ending):
    meta = {"abstract": True, "strict": False}

    def _require_desk(self, by: Principal) -> None:
        """The tier that has the case, or one above it, over the whole area that it touches."""
        if not by.covers(self.area):
            raise NotYours(owner=self.area)
        if len(codes_of(by.area)) > tiers.depth_of(self.tier):
            raise AtWrongTier(tier=self.tier)

    def _require_lead(self, by: Principal) -> None:
        if not acts_for(by, self.lead):
            raise NotYours(owner=self.lead or "the lead")

    def _require_free_to_give(self, order: Order) -> None:
        if self.dispute and not self.dispute.ruled_at:
            raise RulingPending(ruler=self.dispute.ruler)
        for unit in (order.lead, *order.called):
            self._require_not_about(unit.id)
        self._require_listed(order)

    def _require_not_about(self, unit: str) -> None:
        if self.about and unit == self.about:
            raise Avoided(unit=unit)

    def _require_listed(self, order: Order) -> None:
        """The list names the lead; those called support it there, or stand in the whistle table.

        Where no list names an owner, the street of the place leads (属地兜底).
        """
        named = order.entry is not None and order.entry.lead == order.lead.id
        street = self._street_of_the_place() if order.gap else None
        if not named and (street is None or street.id != order.lead.id):
            raise OffTheList(unit=order.lead.id, category=self.category)
        self._require_called_listed(order)

    def _require_called_listed(self, order: Order) -> None:
        listed = {order.entry.lead, *order.entry.supporting} if order.entry else set()
        listed |= set(order.rule.units) if order.rule else set()
        for unit in order.called:
            if unit.id not in listed:
                raise OffTheList(unit=unit.id, category=self.category)

    def _tell_gap(self, order: Order) -> None:
        if order.gap and order.entry is None:
            self.emit(GapFound(case=self.public_state()))

    def _street_of_the_place(self) -> UnitRef | None:
        """None for a matter that lies in several streets."""
        path = tiers.at_tier(self.area, Tier.STREET)
        codes = codes_of(path)
        return UnitRef(id=codes[-1], path=path, kind="street") if len(codes) == tiers.depth_of(Tier.STREET) else None

    def _hand_lead_to(self, unit: UnitRef, entry: str, by: Principal) -> None:
        self.lead, self.lead_kind, self.lead_path = unit.id, unit.kind, unit.path
        self.handler, self.entry = "", entry or self.entry
        self.dispatched_by = by.unit or self.dispatched_by
        self.first_lead = self.first_lead or unit.id
        self._settle_units()

    def _settle_units(self) -> None:
        """The lead and whoever else works on it: these see the case."""
        called = [call.unit for call in self.calls if call.state not in ("RELEASED", "DISPUTED")]
        tasked = [task.unit for task in self.sub_tasks if task.state not in ("RETURNED", "WAIVED")]
        self.units = list(dict.fromkeys([unit for unit in (self.lead, *called, *tasked) if unit]))

    def _name_handler(self, handler: str, limits: Limits, now: datetime) -> None:
        self.handler = handler
        if self.contacted_at is None:
            self.contact_due, self.contact_overdue = limits.contact_due(self.importance, now), False
