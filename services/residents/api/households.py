"""API types of households."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.types import Form, Page, Path, Record, Word
from services.residents.api.people import ListedResident
from services.residents.api.types import DwellingId, ResidentId


class NewHousehold(Form, frozen=True, kw_only=True):
    dwelling: DwellingId


class Move(Form, frozen=True, kw_only=True):
    """All of the household moves."""

    dwelling: DwellingId


class NewHead(Form, frozen=True, kw_only=True):
    resident: ResidentId


class SplitOff(Form, frozen=True, kw_only=True):
    """These members become a household of their own."""

    residents: Annotated[tuple[ResidentId, ...], msgspec.Meta(min_length=1, max_length=40)]
    dwelling: Annotated[Word, msgspec.Meta(description="Where they live now; empty: where they lived.")] = ""


class ListHouseholds(Page, frozen=True, kw_only=True):
    area: Path | None = None


class ListedHousehold(Record, frozen=True, kw_only=True):
    """`head`: the resident's id; empty until there is one."""

    area: str
    dwelling: str
    head: str
    colour: str
    state: str


class ShownHousehold(ListedHousehold, frozen=True, kw_only=True):
    """A household with its members, masked."""

    members: list[ListedResident]
