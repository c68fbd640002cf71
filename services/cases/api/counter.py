"""Shapes of the counter: what its commands and queries take and answer."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from chassis.types import Answer, Form, Id, Moment, NoteIfAny, Page, Path, Phone, Record, Word
from services.cases.api.types import Unit


class TicketState(StrEnum):
    OPEN = "OPEN"
    CLOSED = "CLOSED"


class VisitService(Form, frozen=True, kw_only=True):
    """One thing that the visitor came for, and who does it."""

    service: Id
    unit: Unit


class Visit(Form, frozen=True, kw_only=True):
    """One ticket, many services (一窗通办). Name, phone and note are kept sealed."""

    area: Path
    services: Annotated[list[VisitService], msgspec.Meta(min_length=1, max_length=20)]
    name: Word = ""
    phone: Phone = ""
    note: NoteIfAny = ""


class MissingPapers(Form, frozen=True, kw_only=True):
    """Of one item: all that is missing, at once."""

    item: int
    missing: Annotated[list[Word], msgspec.Meta(min_length=1, max_length=30)]


class ReturnVisit(Form, frozen=True, kw_only=True):
    """`brought`: the items whose papers the visitor has now."""

    brought: Annotated[list[int], msgspec.Meta(min_length=1, max_length=20)]


class ItemEnd(Form, frozen=True, kw_only=True):
    """What cannot be done names its reason."""

    done: bool
    reason: Word = ""


class TicketCase(Form, frozen=True, kw_only=True):
    """The case that what was told became."""

    case: Id


class ListTickets(Page, frozen=True, kw_only=True):
    state: TicketState = TicketState.OPEN


class ListedTicket(Record, frozen=True, kw_only=True):
    """`owner`: who took it first; `items`: the services that the visitor came for."""

    counter: str
    area: str
    state: str
    receipt: str
    visits: int
    opened_at: Moment
    closed_at: Moment | None = None
    case: str
    owner: Answer
    items: list[Answer]
