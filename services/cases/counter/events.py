"""Events of the counter; free text stays sealed in the document."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class TicketOpened(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.ticket.opened.v1"
    counter: str
    area: str
    items: list[str]


class TicketItemEnded(Event, frozen=True, kw_only=True):
    """`outcome`: done or refused."""

    type: ClassVar[str] = "cases.ticket.item_ended.v1"
    counter: str
    item: str
    unit: str
    outcome: str


class TicketClosed(Event, frozen=True, kw_only=True):
    """`visits`: how often the visitor came; 1 meets 最多跑一次."""

    type: ClassVar[str] = "cases.ticket.closed.v1"
    counter: str
    area: str
    visits: int
