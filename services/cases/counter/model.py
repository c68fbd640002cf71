"""Ticket aggregate of the counter (一窗通办, 最多跑一次, 社区会客厅): one ticket for all services of a visit.

首问负责: the first owner stays on record and owes the answer; in their absence their B post does (AB岗).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from mongoengine import (
    DateTimeField,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    StringField,
)

from chassis.envelope import STAFF
from chassis.errors import Invalid, Refused
from chassis.persistence.aggregate import Embedded
from chassis.security.principal import Principal, codes_of
from chassis.usecases.visibility import Visible
from services.cases.api.counter import TicketState
from services.cases.case.model.embedded import FirstOwner
from services.cases.case.model.permissions import require_permission
from services.cases.case.texts_zh import ITEM_STATES
from services.cases.counter import events
from vocabulary.rights import Resource, may, units_with
from vocabulary.roles import Permission


class ItemState(StrEnum):
    OPEN = "OPEN"
    WAITING = "WAITING"
    DONE = "DONE"
    REFUSED = "REFUSED"


class TicketClosed(Refused):
    code = "ticket.closed"
    en = "The ticket is closed. Open a new one for a new matter."
    zh = "该工单已办结，如有新事项请另开工单。"


class ItemEnded(Refused):
    code = "ticket.item_ended"
    en = "Item {item} has already ended as {state}."
    zh = "第 {item} 项事项已办结（{state}）。"
    chinese = {"state": ITEM_STATES}


class AskedBefore(Refused):
    """一次性告知: the visitor is told once, and completely, what is missing."""

    code = "ticket.asked_before"
    en = "The visitor has been told what is missing for item {item}; the ticket says what. You may not ask for more."
    zh = "第 {item} 项事项所缺材料已一次性告知，详见工单，不得再次追加。"


class NothingToBring(Refused):
    """A return visit counts only for papers that the visitor was told to bring, and has not brought yet."""

    code = "ticket.nothing_to_bring"
    en = "Nothing is missing for item {item}. Name only items whose papers the visitor was told to bring."
    zh = "第 {item} 项事项没有待补材料，请仅填写已告知补正的事项。"


class Item(Embedded):
    """One service. `unit`: the unit that decides it; `missing`: the papers that the visitor was told to bring.

    `missing` and `reason` are sealed: officials write names in them.
    """

    number: int = IntField(required=True)
    service: str = StringField(required=True)
    unit: str = StringField(required=True)
    state: str = StringField(default=ItemState.OPEN)
    missing: list[str] = ListField(StringField())
    ended_at: datetime | None = DateTimeField()
    reason: str = StringField(default="")


class Ticket(Visible):
    """Aggregate: one visitor, one receipt, several services. `visitor`: a blind index; name and phone are sealed.

    The counter deals with the deciding units on the visitor's behalf. `visits`: how often the visitor came.
    """

    meta: ClassVar[dict[str, Any]] = {"collection": "tickets"}
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("counter", "state", "-opened_at", "-_id"),
        ("owner.person", "state", "-opened_at", "-_id"),
        ("units", "state", "-opened_at", "-_id"),
        ("visitor", "-opened_at", "-_id"),
        ("counter", "receipt"),
    ]
    visible_to = STAFF

    counter: str = StringField(required=True)
    area: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    owner: FirstOwner = EmbeddedDocumentField(FirstOwner, required=True)
    visitor: str = StringField(default="")
    name: str = StringField(default="")
    phone: str = StringField(default="")
    note: str = StringField(default="")
    case: str = StringField(default="")
    receipt: str = StringField(required=True)
    items: list[Item] = EmbeddedDocumentListField(Item)
    units: list[str] = ListField(StringField())
    state: str = StringField(default=TicketState.OPEN)
    visits: int = IntField(default=1)
    opened_at: datetime = DateTimeField(required=True)
    closed_at: datetime | None = DateTimeField()

    @classmethod
    def open(
        cls,
        key: str,
        by: Principal,
        *,
        area: str,
        services: list[tuple[str, str]],
        receipt: str,
        now: datetime,
        visitor: str = "",
        name: str = "",
        phone: str = "",
        note: str = "",
    ) -> Ticket:
        """`services`: pairs of a service and the unit that decides it."""
        require_permission(by, Permission.OPEN_TICKET, on=Resource(area=area))
        if len({service for service, _ in services}) != len(services) or not services:
            raise Invalid(("services", "name at least one service, each only once", "至少填写一项事项，且不得重复"))
        ticket = cls(id=cls.identity(by.tenant, key), tenant=by.tenant, area=area, codes=codes_of(area))
        ticket.counter = next(iter(units_with(by, Permission.FIND_TICKET)), "")
        ticket.owner = FirstOwner(post=by.post, person=by.subject, unit=by.unit)
        ticket.visitor, ticket.name, ticket.phone, ticket.note = visitor, name, phone, note
        ticket.items = [
            Item(number=number, service=service, unit=unit) for number, (service, unit) in enumerate(services, 1)
        ]
        ticket.units = sorted({unit for _, unit in services})
        ticket.receipt, ticket.opened_at = receipt, now
        ticket.emit(events.TicketOpened(counter=ticket.counter, area=area, items=[service for service, _ in services]))
        return ticket

    def tell_missing(self, by: Principal, number: int, missing: list[str]) -> None:
        """一次性告知: names all missing papers of an item. Raises `AskedBefore` the second time."""
        item = self._item_to_serve(by, number)
        if item.missing:
            raise AskedBefore(item=number)
        item.missing = missing
        item.state = ItemState.WAITING

    def come_again(self, by: Principal, brought: list[int]) -> None:
        """Records a return visit with the missing papers for these items. Raises `NothingToBring`."""
        require_permission(by, Permission.SERVE_ITEM, on=self.resource)
        for number in dict.fromkeys(brought):
            item = self._item_to_serve(by, number, "brought")
            if item.state != ItemState.WAITING:
                raise NothingToBring(item=number)
            item.state = ItemState.OPEN
        self.visits += 1

    def end_item(self, by: Principal, number: int, done: bool, reason: str, now: datetime) -> None:
        """By the counter or the deciding unit; a refusal needs a reason. The ticket closes with its last item."""
        item = self._item_to_serve(by, number)
        if not done and not reason:
            raise Invalid(("reason", "a refusal needs a reason", "不予办理须说明理由"))
        item.state = ItemState.DONE if done else ItemState.REFUSED
        item.ended_at, item.reason = now, reason
        self.emit(
            events.TicketItemEnded(counter=self.counter, item=item.service, unit=item.unit, outcome=item.state.lower())
        )
        if all(item.ended_at for item in self.items):
            self.state = TicketState.CLOSED
            self.closed_at = now
            self.emit(events.TicketClosed(counter=self.counter, area=self.area, visits=self.visits))

    def name_case(self, by: Principal, case: str) -> None:
        """Links the ticket to the case that resulted from the visit."""
        require_permission(by, Permission.FIND_TICKET, on=Resource(units=(self.counter,)))
        self.case = case

    def seen_by(self, principal: Principal) -> bool:
        """Visible to the first owner, the counter and the deciding units."""
        return may(principal, Permission.READ_TICKET, self.resource)

    @property
    def resource(self) -> Resource:
        return Resource(taken_by=(self.owner.person,), units=(self.counter, *self.units))

    def event_area(self) -> str:
        return self.area

    def event_units(self) -> list[str]:
        return list(self.units)

    def _item_to_serve(self, by: Principal, number: int, field: str = "item") -> Item:
        """`field`: of the form, that names the item."""
        item = next((item for item in self.items if item.number == number), None)
        deciding = self.units if item is None else (item.unit,)
        require_permission(by, Permission.SERVE_ITEM, on=Resource(units=(*deciding, self.counter)))
        if self.state == TicketState.CLOSED:
            raise TicketClosed()
        if item is None:
            raise Invalid((field, f"the ticket has no item {number}", f"该工单没有第 {number} 项"))
        if item.ended_at:
            raise ItemEnded(item=number, state=item.state)
        return item
