"""API types of dwellings."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.types import Form, Page, Path, Record
from services.residents.api.types import BuildingIfAny, Door, DwellingKind

_AREA = "The grid, or the community where it has no grids yet."


class NewDwelling(Form, frozen=True, kw_only=True):
    area: Annotated[Path, msgspec.Meta(description=_AREA)]
    building: BuildingIfAny = ""
    door: Door
    kind: DwellingKind = "home"


class ListDwellings(Page, frozen=True, kw_only=True):
    area: Path | None = None
    building: BuildingIfAny = ""


class ListedDwelling(Record, frozen=True, kw_only=True):
    """`door`: opened for whoever may read it, else empty."""

    area: str
    estate: str
    building: str
    kind: str
    state: str
    door: str


class HouseholdOfDwelling(Record, frozen=True, kw_only=True):
    head: str
    colour: str
    state: str


class ShownDwelling(ListedDwelling, frozen=True, kw_only=True):
    """A dwelling with the households that live there."""

    households: list[HouseholdOfDwelling]
