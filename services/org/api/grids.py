"""Shapes of grids, of the estates and buildings that lie in them, and of their merges."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from chassis.types import Form, Id, Lat, Lon, Page, Path, Title, Word
from services.org.api.types import Code, Codes, Geometry

MAIN = "main"
"""The inventory of grids that counts; every other one is dedicated and counted by itself."""

Level = Literal["general", "base", "micro"]
MergeState = Literal["planned", "running", "halted", "completed"]


class GridPlan(Form, frozen=True, kw_only=True):
    """A grid to open, below `above`: a base grid's community, a general grid's street, a micro-grid's base grid.

    `covers`: the communities of a general grid; its street itself where it covers a whole town.
    `inventory`: `main`, or a dedicated one that the tenant's settings name.
    """

    code: Code
    name: Title
    level: Level
    above: Code
    inventory: Annotated[str, msgspec.Meta(max_length=40)] = MAIN
    covers: Annotated[list[Code], msgspec.Meta(max_length=60)] = []
    geometry: Geometry | None = None


class GridPlans(Form, frozen=True, kw_only=True):
    plans: Annotated[list[GridPlan], msgspec.Meta(min_length=1, max_length=500)]


class GridRevision(Form, frozen=True, kw_only=True):
    """The boundary stays without a `geometry`."""

    name: Title
    geometry: Geometry | None = None


class ListGrids(Page, frozen=True, kw_only=True):
    """The active grids directly below `parent`; without one, all of a level in an inventory, retired ones too."""

    parent: Word = ""
    inventory: Word = MAIN
    level: Level = "base"


class GridState(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of a grid."""

    code: str
    inventory: str
    level: str
    tier: str
    name: str
    parent: str
    path: str
    covers: list[str]
    geometry: dict[str, Any] | None
    state: str
    merged_into: str
    merge: str


class ListedGrid(GridState, frozen=True, kw_only=True):
    """A retired grid names where its matters go."""

    id: str
    path: Path
    version: int


class Locate(Form, frozen=True, kw_only=True):
    """A point in WGS 84 degrees."""

    longitude: Lon
    latitude: Lat
    inventory: Word = MAIN


class LocatedPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A place that holds the point."""

    code: str
    tier: str
    name: str
    path: Path


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """Where a point lies: its smallest place first; empty outside the tenant's area."""

    places: list[LocatedPlace]


class EstatePlan(Form, frozen=True, kw_only=True):
    """An estate to open. `division` is the community (or village) that it belongs to."""

    name: Title
    division: Code
    grids: Codes = []


class EstatePlans(Form, frozen=True, kw_only=True):
    plans: Annotated[list[EstatePlan], msgspec.Meta(min_length=1, max_length=500)]


class BuildingPlan(Form, frozen=True, kw_only=True):
    name: Title
    estate: Id
    grids: Codes = []


class InGrids(Form, frozen=True, kw_only=True):
    """The grids that an estate or building lies in."""

    grids: Codes


class ListEstates(Page, frozen=True, kw_only=True):
    division: Code


class EstateState(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of an estate."""

    id: str
    name: str
    division: str
    path: str
    grids: list[str]


class ListedEstate(EstateState, frozen=True, kw_only=True):
    path: Path
    version: int


class BuildingState(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of a building."""

    id: str
    estate: str
    name: str
    path: str
    grids: list[str]


class ListedBuilding(BuildingState, frozen=True, kw_only=True):
    path: Path
    version: int


class MergeTarget(Form, frozen=True, kw_only=True):
    """A new base grid in `community`, and the old `grids` that go into it."""

    code: Code
    name: Title
    community: Code
    grids: Annotated[list[Code], msgspec.Meta(min_length=1, max_length=200)]


class MergePlan(Form, frozen=True, kw_only=True):
    """`departments`: the units whose grids they were."""

    name: Title
    departments: Annotated[list[Id], msgspec.Meta(max_length=60)]
    targets: Annotated[list[MergeTarget], msgspec.Meta(min_length=1, max_length=200)]


class GridMergeProposal(Form, frozen=True, kw_only=True):
    """`area`: the code of the division whose grids are merged."""

    area: Id
    plan: MergePlan


class ListGridMerges(Page, frozen=True, kw_only=True):
    state: MergeState = "running"


class MergeStep(msgspec.Struct, frozen=True, kw_only=True):
    """The next grid to write: opened (`into` empty), or retired into another."""

    action: str
    grid: str
    into: str = ""


class Successor(msgspec.Struct, frozen=True, kw_only=True):
    """`old` was retired; what lay there now lies in `new`, whose path is `path`."""

    old: str
    new: str
    path: str


class ListedSuccessor(Successor, frozen=True, kw_only=True):
    path: Path


class ListedGridMerge(msgspec.Struct, frozen=True, kw_only=True):
    """How far it has come and why it halted; a completed one has its `departments` and old `grids` to new."""

    id: str
    name: str
    state: str = ""
    done: int = 0
    steps: int = 0
    next: MergeStep | None = None
    reason: str = ""
    departments: list[str] = []
    grids: list[ListedSuccessor] = []
    version: int
