"""Use cases of the counter: one ticket for many services (一窗通办), receipts, and who answers (首问, AB岗)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.context import Call
from chassis.errors import NotFound
from chassis.ids import derived
from chassis.messaging.rpc_server import command, query
from services.cases.api.old_types import Answer, Id, Limit, NoteIfAny, Path, Word
from services.cases.case import sealed_text
from services.cases.counter.model import Ticket, TicketState
from services.cases.directory.absences import backups_of, who_answers
from services.cases.records import After, Body, Listed, Phone, RecordCommands, step_answer, to_answer
from vocabulary.roles import Role

MODELS = (Ticket,)

_SUMMARY = ("counter", "area", "state", "receipt", "visits", "opened_at", "closed_at", "case", "owner", "items")
_RECEIPT_LENGTH = 8


class Service(Body, frozen=True, kw_only=True):
    """`unit` decides it behind the counter."""

    service: Id
    unit: Id


class Visit(Body, frozen=True, kw_only=True):
    """What somebody came for. `note`, name and phone are kept sealed."""

    area: Path
    services: Annotated[list[Service], msgspec.Meta(min_length=1, max_length=20)]
    name: Word = ""
    phone: Phone = ""
    note: NoteIfAny = ""


Documents = Annotated[list[Word], msgspec.Meta(min_length=1, max_length=30)]
Numbers = Annotated[list[int], msgspec.Meta(min_length=1, max_length=20)]


class CounterCommands(RecordCommands):
    @command
    def open_ticket(self, call: Call, visit: Visit) -> Answer:
        """Answers the receipt to hand over."""

        def build(key: str) -> Ticket:
            return Ticket.open(
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

        answer: Answer = self.data.of(call).create(
            Ticket, build, lambda ticket: step_answer(ticket) | {"receipt": ticket.receipt}
        )
        return answer

    @command
    def tell_missing(self, call: Call, ticket: Id, item: int, missing: Documents) -> Answer:
        return self._act(call, Ticket, ticket, lambda found: found.tell_missing(call.principal, item, missing))

    @command
    def note_visit(self, call: Call, ticket: Id, brought: Numbers) -> Answer:
        """The visitor came again with what was missing for these items."""
        return self._act(call, Ticket, ticket, lambda found: found.come_again(call.principal, brought))

    @command
    def end_item(self, call: Call, ticket: Id, item: int, done: bool, reason: Word = "") -> Answer:
        return self._act(
            call, Ticket, ticket, lambda found: found.end_item(call.principal, item, done, reason.strip(), call.now)
        )

    @command
    def name_ticket_case(self, call: Call, ticket: Id, case: Id) -> Answer:
        """What was told at the counter became this case; the receipt leads there."""
        return self._act(call, Ticket, ticket, lambda found: found.name_case(call.principal, case))

    @query
    def get_ticket(self, call: Call, ticket: Id) -> Answer:
        found = self._visible(call, Ticket, ticket)
        opened = self._open(
            call, ticket, {f"ticket.{name}": getattr(found, name) for name in ("name", "phone", "note")}
        )
        return to_answer(found, *_SUMMARY) | opened | {"answers": self._who_answers(call, found)}

    @query
    def find_ticket(self, call: Call, receipt: Id) -> Answer:
        """By the receipt that the visitor shows, at the counter that gave it; no personal data."""
        where = {"counter": call.principal.unit, "receipt": receipt}
        found = self.data.of(call).find(Ticket, where, limit=1) if call.principal.unit else []
        if not found:
            raise NotFound()
        return to_answer(found[0], *_SUMMARY) | {"answers": self._who_answers(call, found[0])}

    @query
    def list_tickets(
        self, call: Call, state: TicketState = TicketState.OPEN, limit: Limit = 50, after: After = None
    ) -> Listed:
        """A counter's; a department's those with an item of its own; else those that the caller took."""
        by = call.principal
        if by.has(Role.COUNTER, Role.COMMUNITY) and by.unit:
            where: Answer = {"counter": by.unit}
        elif by.unit:
            where = {"units": by.unit}
        else:
            where = {"owner.person": by.subject}
        return self._page(
            call, Ticket, where | {"state": state}, "opened_at", after, limit, lambda one: to_answer(one, *_SUMMARY)
        )

    def _who_answers(self, call: Call, ticket: Ticket) -> str:
        data = self.data.of(call)
        return who_answers(ticket.owner.person, backups_of(data, ticket.owner.person), call.now)
