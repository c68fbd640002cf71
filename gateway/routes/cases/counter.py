"""The counter: tickets, receipts, and what becomes of each item."""

from __future__ import annotations

from gateway.api.table import ANYBODY, Service
from services.cases.api import counter as api

cases = Service("cases")

COUNTER = "counter"
SERVES = "who serves the item"
_TICKET = "/v1/tickets/{ticket}"

OPERATIONS = [
    cases.creates("/v1/tickets", "open_ticket", "Open a ticket; answers the receipt", COUNTER, api.Visit),
    cases.lists(
        "/v1/tickets", "list_tickets", "Tickets of the counter, or with the department", ANYBODY, api.ListedTicket,
        api.ListTickets,
    ),
    cases.reads("/v1/receipts/{receipt}", "find_ticket", "The ticket behind a receipt", COUNTER),
    cases.reads(_TICKET, "get_ticket", "A ticket", "who took it, its counter, its departments"),
    cases.acts(_TICKET + "/missing", "tell_missing", "Say which papers are missing", SERVES, api.MissingPapers),
    cases.acts(_TICKET + "/visits", "note_visit", "The visitor came again", COUNTER, api.ReturnVisit),
    cases.acts(
        _TICKET + "/items/{item:int}/end", "end_item", "An item is done, or cannot be", SERVES, api.ItemEnd
    ),
    cases.acts(_TICKET + "/case", "name_ticket_case", "What was told became this case", COUNTER, api.TicketCase),
]  # fmt: skip
