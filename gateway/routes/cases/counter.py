"""Routes of the counter: tickets, receipts, and the outcome of each item."""

from __future__ import annotations

from gateway.api.table import RouteBuilder
from services.cases.api import counter as api
from vocabulary.roles import Permission

cases = RouteBuilder("cases", api.TicketStep, tag="counter")

COUNTER = Permission.FIND_TICKET
SERVES = Permission.SERVE_ITEM
_TICKET = "/v1/tickets/{ticket}"

OPERATIONS = [
    cases.creates(
        "/v1/tickets", "open_ticket", "Open a ticket and get its receipt", Permission.OPEN_TICKET, api.Visit,
        answer=api.OpenedTicket,
    ),
    cases.lists(
        "/v1/tickets", "list_tickets", "List the tickets of the counter or the department", Permission.READ_TICKET,
        api.ListedTicket, api.ListTickets,
    ),
    cases.reads(
        "/v1/receipts/{receipt}", "find_ticket", "Find a ticket by its receipt", COUNTER, answer=api.FoundTicket,
    ),
    cases.reads(_TICKET, "get_ticket", "Get a ticket", Permission.READ_TICKET, answer=api.ShownTicket),
    cases.acts(_TICKET + "/missing", "tell_missing", "Report missing papers", SERVES, api.MissingPapers),
    cases.acts(_TICKET + "/visits", "note_visit", "Record that the visitor came again", SERVES, api.ReturnVisit),
    cases.acts(_TICKET + "/items/{item:int}/end", "end_item", "End an item: done, or impossible", SERVES, api.ItemEnd),
    cases.acts(
        _TICKET + "/case", "name_ticket_case", "Link the case that was reported at the counter", COUNTER,
        api.TicketCase,
    ),
]  # fmt: skip
