"""API types of the counter."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from chassis.types import Form, Id, Moment, NoteIfAny, Page, Path, Phone, Record, RecordState, Title, Word
from vocabulary.fields import Unit, UnitIfAny

ItemNumber = Annotated[int, msgspec.Meta(ge=0, le=1000)]


class TicketState(StrEnum):
    OPEN = "OPEN"
    CLOSED = "CLOSED"


class VisitService(Form, frozen=True, kw_only=True):
    """One service that the visitor came for, and the unit that provides it."""

    service: Id
    unit: Unit


class Visit(Form, frozen=True, kw_only=True):
    """One ticket for several services (一窗通办). Name, phone and note are stored sealed."""

    area: Path
    services: Annotated[list[VisitService], msgspec.Meta(min_length=1, max_length=20)]
    name: Word = ""
    phone: Phone = ""
    note: NoteIfAny = ""


class MissingPapers(Form, frozen=True, kw_only=True):
    """All papers that are missing for one item, at once (一次性告知)."""

    item: ItemNumber
    missing: Annotated[list[Title], msgspec.Meta(min_length=1, max_length=30)]


class ReturnVisit(Form, frozen=True, kw_only=True):
    """`brought`: the items whose missing papers the visitor has brought."""

    brought: Annotated[list[ItemNumber], msgspec.Meta(min_length=1, max_length=20)]


class ItemEnd(Form, frozen=True, kw_only=True):
    """`reason`: required if `done` is false."""

    done: bool
    reason: Word = ""


class TicketCase(Form, frozen=True, kw_only=True):
    """The case that resulted from the visit."""

    case: Id


class ListTickets(Page, frozen=True, kw_only=True):
    state: Annotated[TicketState, msgspec.Meta(description="Only tickets in this state.")] = TicketState.OPEN


class TicketOwner(msgspec.Struct, frozen=True, kw_only=True):
    """The first owner (首问): the post and person that took the ticket."""

    post: str
    person: str
    unit: UnitIfAny


class TicketItem(msgspec.Struct, frozen=True, kw_only=True):
    """One service of the ticket. `unit`: the unit that decides it."""

    number: int
    service: str
    unit: UnitIfAny
    state: str
    ended_at: Moment | None = None


class ToldItem(TicketItem, frozen=True, kw_only=True):
    """`missing`: the papers that the visitor was told to bring; `reason`: why the item was refused."""

    missing: list[str]
    reason: str


class TicketStep(RecordState, frozen=True, kw_only=True):
    """The ticket after a step."""

    state: TicketState


class OpenedTicket(TicketStep, frozen=True, kw_only=True):
    """`receipt`: to hand to the visitor."""

    receipt: str


class ListedTicket(Record, frozen=True, kw_only=True):
    """`owner`: the first owner (首问); `items`: the services that the visitor came for."""

    counter: str
    area: str
    state: TicketState
    receipt: str
    visits: int
    opened_at: Moment
    closed_at: Moment | None = None
    case: str
    owner: TicketOwner
    items: tuple[TicketItem, ...]


class FoundTicket(ListedTicket, frozen=True, kw_only=True):
    """`answers`: who answers for it today, the first owner or their B post. `merged_into`: the case that `case` was
    merged into."""

    answers: str
    merged_into: str = ""


class ShownTicket(FoundTicket, frozen=True, kw_only=True):
    """A ticket with the visitor's name, phone and note, and what they were told; each read is audited."""

    items: tuple[ToldItem, ...]

    name: str
    phone: str
    note: str
