"""API type of a household's sheet: all that is held about a household, to be shown to it."""

from __future__ import annotations

import msgspec

from chassis.types import Moment, Record
from services.residents.api.needs import OpenedNeed
from services.residents.api.people import OpenedResident, ProfileChange
from services.residents.api.visits import OpenedVisit


class SheetMember(OpenedResident, frozen=True, kw_only=True):
    """A member with every change of the profile."""

    history: list[ProfileChange]


class SheetCard(msgspec.Struct, frozen=True, kw_only=True):
    """The card's colour with what it means here; all empty without a card."""

    code: str
    zh: str
    en: str


class HouseholdSheet(Record, frozen=True, kw_only=True):
    """All that is held about a household, opened for a purpose. `address`: the door of the dwelling."""

    area: str
    dwelling: str
    address: str
    head: str
    state: str
    opened_at: Moment
    card: SheetCard
    members: list[SheetMember]
    needs: list[OpenedNeed]
    visits: list[OpenedVisit]
