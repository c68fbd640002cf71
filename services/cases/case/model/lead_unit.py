"""Lead unit, called units and supervision: exactly one unit leads, from the responsibility lists or by a ruling."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chassis.errors import Invalid, Refused
from chassis.security.principal import Principal, codes_of
from services.cases.api.states import State
from services.cases.case.acts import Act
from services.cases.case.events import Dispatched, GapFound, SupervisionClosed, SupervisionOpened, SupervisionRaised
from services.cases.case.model import embedded, routing
from services.cases.case.model.base import MOST_ENTRIES, require_room
from services.cases.case.model.clock import TimedCase
from services.cases.case.model.inputs import Input
from services.cases.case.model.limits import Limits
from vocabulary import tiers
from vocabulary.rights import HOLDERS, UNIT_ROLES, units_with
from vocabulary.roles import Permission, Role
from vocabulary.tiers import Tier

#: States of a call to a unit that is still expected.
LIVE_CALLS = ("CALLED", "REPORTED_IN", "NO_SHOW")


class UnitRef(Input, frozen=True, kw_only=True):
    """A unit from the replica. `kind`: department, street, community, centre; `path`: its division."""

    id: str
    path: str
    kind: str = "department"


class ListEntry(Input, frozen=True, kw_only=True):
    """An entry of a responsibility list that is in force for the case's category and place."""

    id: str
    lead: str
    supporting: tuple[str, ...] = ()


class WhistleRule(Input, frozen=True, kw_only=True):
    """A row of the tenant's whistle table: this caller may call these units for this category."""

    id: str
    units: tuple[str, ...]


class Order(Input, frozen=True, kw_only=True):
    """A dispatch or whistle. `entry` None: not on a list; `called`: further units; `gap`: no list names an owner."""

    lead: UnitRef
    entry: ListEntry | None = None
    called: tuple[UnitRef, ...] = ()
    rule: WhistleRule | None = None
    gap: bool = False


class OffTheList(Refused):
    code = "case.off_the_list"
    en = (
        "No responsibility list gives {category:category} to {unit:unit} here. "
        "Choose a listed unit or have the case ruled."
    )
    zh = "责任清单未规定{unit:unit}在此承担{category:category}类事项，请按清单派单或提请裁定。"


class Avoided(Refused):
    """回避: a complaint never goes to the unit it is about."""

    code = "case.avoided"
    en = "The complaint is about {unit:unit} and must not go to it. Choose another unit."
    zh = "该投诉涉及{unit:unit}，按回避规定不得派给该单位，请另选单位。"


class RulingPending(Refused):
    code = "case.ruling_pending"
    en = "Two units have returned the case; {ruler:place} must rule who leads."
    zh = "本案已两次退单，须由{ruler:place}裁定责任单位。"


class LeadsNoCase(Refused):
    """A grid reports and a centre dispatches, rules and inspects; `kinds`: the kinds of units that handle cases."""

    code = "case.leads_no_case"
    en = "{unit:unit} handles no cases. Choose a unit of these kinds: {kinds}."
    zh = "{unit:unit}不承办案件，请选择以下类型的单位：{kinds}。"
    chinese = {"kinds": Role.zh_names()}
    english = {"kinds": Role.en_names()}


class TakesNoSubTask(Refused):
    """`kinds`: the roles of those who do sub-tasks; nobody of the unit has one."""

    code = "case.takes_no_sub_task"
    en = "Nobody in {unit:unit} can do sub-tasks. Choose a unit that has one of these roles: {kinds}."
    zh = "{unit:unit}不承担子任务，请选择以下人员所在的单位：{kinds}。"
    chinese = {"kinds": Role.zh_names()}
    english = {"kinds": Role.en_names()}


class GridElsewhere(Refused):
    """Who works in a grid sees the cases of the grid alone, whatever units work on them."""

    code = "case.grid_elsewhere"
    en = "The grid {unit:place} sees only what lies in it, and this case lies outside. Choose another unit."
    zh = "网格{unit:place}只能查看本网格内的案件，本案不在其中，请另选单位。"


def already_leads(field: str) -> Invalid:
    return Invalid((field, "is already the lead", "该单位已是牵头单位"))


def require_handling_units(*units: UnitRef) -> None:
    for unit in units:
        if not _has_who_may(Permission.HANDLE, unit):
            raise LeadsNoCase(unit=unit.id, kinds=sorted(HOLDERS[Permission.HANDLE]))


def _has_who_may(permission: Permission, unit: UnitRef) -> bool:
    return not HOLDERS[permission].isdisjoint(routing.acting_roles(unit.kind))


class LedCase(TimedCase):
    """Base of all concerns: a case with its lead, other units and supervision.

    Methods that several concerns call are here or in a base; no concern is a subclass of another.
    """

    meta = {"abstract": True, "strict": False}

    def _require_assignable(self, order: Order) -> None:
        self.require_no_dispute()
        require_handling_units(order.lead, *order.called)
        self._require_not_about(order.lead, *order.called)
        self._require_listed(order)

    def require_no_dispute(self) -> None:
        if self.dispute and not self.dispute.ruled_at:
            raise RulingPending(ruler=self.dispute.ruler)

    def _require_not_about(self, *units: UnitRef) -> None:
        """Raises `Avoided` for the unit complained about, and for one that lies in it."""
        self._require_not_named_in_complaint(*(unit.id for unit in units))
        for unit in units:
            if routing.above(unit.path, self.about) != unit.path:
                raise Avoided(unit=unit.id)

    def _require_doer(self, unit: UnitRef) -> None:
        """Raises unless somebody of the unit can see the case and do a sub-task of it."""
        self._require_not_about(unit)
        if not _has_who_may(Permission.DO_SUB_TASK, unit):
            raise TakesNoSubTask(unit=unit.id, kinds=sorted(HOLDERS[Permission.DO_SUB_TASK]))
        if routing.acting_roles(unit.kind).isdisjoint(UNIT_ROLES) and unit.id not in self.areas:
            raise GridElsewhere(unit=unit.id)

    def _require_not_named_in_complaint(self, *units: str) -> None:
        if self.about and self.about in units:
            raise Avoided(unit=self.about)

    def _require_listed(self, order: Order) -> None:
        """Raises `OffTheList` unless a list names the lead, and each called unit is listed or in the whistle table.

        If no list names an owner, the street of the place may lead (属地兜底).
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

    def _report_gap(self, order: Order) -> None:
        if order.gap and order.entry is None:
            self.emit(GapFound(case=self.public_state()))

    def _street_of_the_place(self) -> UnitRef | None:
        """None if the case spans several streets."""
        path = tiers.at_tier(self.area, Tier.STREET)
        codes = codes_of(path)
        return UnitRef(id=codes[-1], path=path, kind="street") if len(codes) == tiers.depth_of(Tier.STREET) else None

    def _set_lead(self, unit: UnitRef, entry: str) -> None:
        kept = self.entry if unit.id == self.lead else ""
        self.lead, self.lead_kind, self.lead_path = unit.id, unit.kind, unit.path
        self.handler, self.entry = "", entry or kept
        self.first_lead = self.first_lead or unit.id
        self._refresh_units()

    def _refresh_units(self) -> None:
        """Updates the units that work on the case, and so see it: the lead, called units, units with sub-tasks."""
        called = [call.unit for call in self.calls if call.state not in ("RELEASED", "DISPUTED")]
        tasked = [task.unit for task in self.sub_tasks if task.state not in ("RETURNED", "WAIVED")]
        self.units = list(dict.fromkeys([unit for unit in (self.lead, *called, *tasked) if unit]))

    def _name_handler(self, handler: str, limits: Limits, now: datetime) -> None:
        self.handler = handler
        if self.contacted_at is None and self._has_somebody_to_contact():
            self._await_contact(limits, now)

    def _has_somebody_to_contact(self) -> bool:
        return any(party.can_be_contacted for party in self.parties) or any(
            child.contactable for child in self.merged_children()
        )

    def _await_contact(self, limits: Limits, now: datetime) -> None:
        """Once there is a handler: the parties, of merged cases too, are to be contacted from now on."""
        self.contacted_at = None
        if self.handler:
            self.contact_due, self.contact_overdue = limits.contact_due(self.importance, now), False

    # -- assigning the lead ---------------------------------------------------------------------------

    def _assign_lead(
        self,
        act: Act,
        to: State,
        by: Principal,
        order: Order,
        limits: Limits,
        now: datetime,
        reason: str = "",
        note: str = "",
    ) -> None:
        self._move(act, to, by, now, reason=reason, note=note)
        self._release_calls()
        self.ruled = act is Act.RULE
        self._set_lead(order.lead, order.entry.id if order.entry else "")
        if to == State.WHISTLED:
            self._call((order.lead, *order.called), by, limits, now)
            self._await_step("accept", limits.report_in_due(self.importance, now))
        else:
            self._await_step("accept", limits.accept_due(self.importance, now))

    def _emit_dispatched(self, how: str, order: Order, source: str = "") -> None:
        entry = order.entry.id if order.entry else ""
        self.emit(Dispatched(case=self.public_state(), how=how, entry=entry, from_unit=source))
        self._report_gap(order)

    def _call(self, units: tuple[UnitRef, ...], by: Principal, limits: Limits, now: datetime) -> list[str]:
        """Calls the units that have no live call yet; returns their ids."""
        due, called = limits.report_in_due(self.importance, now), []
        caller = next(iter(units_with(by, Permission.SETTLE_CALL)), by.unit)
        for unit in units:
            if any(call.unit == unit.id and call.state in LIVE_CALLS for call in self.calls):
                continue
            require_room("calls", self.calls, MOST_ENTRIES)
            self.calls.append(
                embedded.UnitCall(
                    unit=unit.id, unit_kind=unit.kind, unit_path=unit.path,
                    by=by.subject, by_unit=caller, called_at=now, due=due,
                )
            )  # fmt: skip
            called.append(unit.id)
        self._refresh_units()
        return called

    def _release_calls(self) -> None:
        """Releases all live calls, because another whistle, a dispatch or a merge replaces them."""
        for call in self.calls:
            if call.state in LIVE_CALLS:
                call.state = "RELEASED"

    # -- supervision of the lead ----------------------------------------------------------------------

    def _dispatching_tier(self) -> str:
        """Path of the lowest street or centre above the lead; without a lead, of the tier that holds the case."""
        if self.lead:
            return self._kept(routing.coordinator_above((self.lead_kind, self.lead_path)))
        depth = min(len(codes_of(self.area)), tiers.depth_of(Tier.STREET), tiers.depth_of(self.tier))
        return self._kept(tiers.at_tier(self.area, tiers.TIERS[depth - 1]))

    def _raise_supervision(self, why: str, at: datetime) -> None:
        """Moves the newest open supervision up one tier, or opens one at the next centre above."""
        supervision = next((s for s in reversed(self.supervisions) if not s.closed_at), None)
        if supervision is None:
            self._supervise(why, self._kept(routing.centre_above(self._dispatching_tier())), self._system(), at)
            return
        supervision.tier = self._kept(routing.centre_above(supervision.tier))
        supervision.reasons.append(why)
        self._record_step(Act.RAISE_SUPERVISION, self._system(), at, reason=why)
        number = supervision.number
        self.emit(SupervisionRaised(case=self.public_state(), number=number, tier=supervision.tier, why=why))

    def _supervise(self, why: str, tier: str, by: Principal, at: datetime) -> int:
        """Opens a supervision, or adds the reason to the one the tier already has open. Returns its number."""
        found = next((s for s in self.supervisions if not s.closed_at and s.tier == tier), None)
        self._record_step(Act.SUPERVISE, by, at, reason=why)
        if found is not None:
            found.reasons.append(why)
            return int(found.number)
        if by.subject != self._system().subject:
            require_room("supervisions", self.supervisions)
        number = len(self.supervisions) + 1
        self.supervisions.append(
            embedded.Supervision(number=number, tier=tier, reasons=[why], opened_at=at, opened_by=by.subject)
        )
        self.emit(SupervisionOpened(case=self.public_state(), number=number, tier=tier, why=why))
        return number

    def _end_supervision(self, why: str, at: datetime) -> None:
        """Closes what is supervised for this reason alone, which has fallen away."""
        for supervision in self.supervisions:
            if not supervision.closed_at and set(supervision.reasons) == {why}:
                supervision.closed_at = at
                self._record_step(Act.CLOSE_SUPERVISION, self._system(), at, reason=why)
                self.emit(SupervisionClosed(case=self.public_state(), number=supervision.number))


def of_dispatcher(case: LedCase) -> dict[str, Any]:
    """The facts of a step that the dispatching tier takes."""
    return {"area": case._dispatching_tier(), "spans": ()}
