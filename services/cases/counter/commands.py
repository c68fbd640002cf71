"""Commands and queries of the counter: tickets for several services (一窗通办), receipts, first owners (首问, AB岗)."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import NotFound
from chassis.ids import as_derived, derived
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import newest_first
from chassis.usecases.records import create, fields_of, get, step_answer, to_answer
from chassis.usecases.service import Documents
from services.cases.api import counter as api
from services.cases.case import sealed_text
from services.cases.counter.model import Ticket
from services.cases.directory.absences import backups_of, who_answers
from services.cases.directory.lookups import require_place, unit_of
from services.cases.records import RecordCommands, require_case, shown_case
from vocabulary.access import require_role
from vocabulary.rights import units_with
from vocabulary.roles import Permission

_SUMMARY = fields_of(api.ListedTicket)
_ITEM = api.TicketItem.__struct_fields__
_RECEIPT_LENGTH = 8


class CounterCommands(RecordCommands):
    documents: Documents = (Ticket,)

    @command
    def open_ticket(self, call: Call, visit: api.Visit) -> Answer:
        """Opens a ticket; the answer includes the receipt to hand to the visitor."""
        data = self.data.of(call)

        def build(key: str) -> Ticket:
            ticket = Ticket.open(
                key,
                call.principal,
                area=visit.area,
                services=[(one.service, one.unit) for one in visit.services],
                receipt=derived(key, "receipt")[:_RECEIPT_LENGTH],
                now=call.now,
                visitor=sealed_text.person_of_phone(self.keys.of(call.tenant), visit.phone),
                name=self._seal(call, visit.name, "ticket.name"),
                phone=self._seal(call, visit.phone, "ticket.phone"),
                note=self._seal(call, visit.note, "ticket.note"),
            )
            require_place(data, visit.area, "area")
            for unit in ticket.units:
                unit_of(data, unit, "services")
            return ticket

        return create(data, Ticket, build, lambda ticket: step_answer(ticket) | {"receipt": ticket.receipt})

    @command
    def tell_missing(self, call: Call, ticket: Id, papers: api.MissingPapers) -> Answer:
        missing = [self._seal(call, paper, "ticket.missing") for paper in papers.missing]
        return self._act(call, Ticket, ticket, lambda found: found.tell_missing(call.principal, papers.item, missing))

    @command
    def note_visit(self, call: Call, ticket: Id, visit: api.ReturnVisit) -> Answer:
        """Records a return visit with the missing papers for some items."""
        return self._act(call, Ticket, ticket, lambda found: found.come_again(call.principal, visit.brought))

    @command
    def end_item(self, call: Call, ticket: Id, item: int, end: api.ItemEnd) -> Answer:
        reason = self._seal(call, end.reason, "ticket.reason")
        return self._act(
            call, Ticket, ticket, lambda found: found.end_item(call.principal, item, end.done, reason, call.now)
        )

    @command
    def name_ticket_case(self, call: Call, ticket: Id, became: api.TicketCase) -> Answer:
        """Links the ticket to the case that resulted from the visit, and that the caller sees."""
        data = self.data.of(call)

        def act(found: Ticket) -> None:
            found.name_case(call.principal, became.case)
            require_case(data, became.case)

        return self._act(call, Ticket, ticket, act)

    @query
    def get_ticket(self, call: Call, ticket: Id) -> Answer:
        found = get(self.data.of(call), Ticket, ticket)
        self._note_read(call, "ticket", [ticket])
        shown = _shown(self.data.of(call), call.principal, found)
        opened: Answer = {
            name: self._opened(call, getattr(found, name), f"ticket.{name}") for name in ("name", "phone", "note")
        }
        for item, kept in zip(shown["items"], found.items, strict=True):
            item["missing"] = [self._opened(call, paper, "ticket.missing") for paper in kept.missing]
            item["reason"] = self._opened(call, kept.reason, "ticket.reason")
        return shown | opened | {"answers": self._who_answers(call, found)}

    @query
    def find_ticket(self, call: Call, receipt: Id) -> Answer:
        """Finds a ticket by its receipt, at the counter that issued it; without personal data."""
        where = {"counter": {"$in": units_with(call.principal, Permission.FIND_TICKET)}, "receipt": as_derived(receipt)}
        found = self.data.of(call).find(Ticket, where, limit=1)
        if not found:
            raise NotFound()
        return _shown(self.data.of(call), call.principal, found[0]) | {"answers": self._who_answers(call, found[0])}

    @query
    def list_tickets(self, call: Call, page: api.ListTickets) -> Listed[Answer]:
        """Tickets of the caller's counter; for a department, those with one of its items; else the caller's own."""
        by = call.principal
        require_role(by, Permission.READ_TICKET)
        where: Answer = {"state": page.state}
        if counters := units_with(by, Permission.FIND_TICKET):
            where["counter"] = {"$in": counters}
        elif deciding := units_with(by, Permission.READ_TICKET):
            where["units"] = {"$in": deciding}
        else:
            where["owner.person"] = by.subject
        data = self.data.of(call)
        return newest_first(data, Ticket, where, "opened_at", page, lambda one: _listed(data, by, one))

    def _who_answers(self, call: Call, ticket: Ticket) -> str:
        data = self.data.of(call)
        return who_answers(ticket.owner.person, backups_of(data, ticket.owner.person), call.now)


def _listed(data: TenantData, by: Principal, one: Ticket) -> Answer:
    """Returns a row, which has no place for the parent of its case."""
    row = _shown(data, by, one)
    del row["merged_into"]
    return row


def _shown(data: TenantData, by: Principal, one: Ticket) -> Answer:
    """Returns the ticket; it names its case unless the caller may not connect the visitor with it (`shown_case`)."""
    row = to_answer(one, *_SUMMARY)
    items = [{name: item.get(name) for name in _ITEM} for item in row["items"]]
    return row | {"items": items} | shown_case(data, by, one.case)
