"""API structs of grids, of the estates and buildings in them, and of grid merges."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from chassis.types import AnyText, Form, Id, Lat, Lon, Page, Path, Title, Word
from services.org.api.types import Code, Codes, Geometry, OwnPath, RoughOutline

MAIN = "main"
"""The main inventory of grids; every other one is dedicated and counted separately."""

Level = Literal["general", "base", "micro"]
InventoryCode = Annotated[Word, msgspec.Meta(description="`main`, or a dedicated inventory of the settings.")]
MergeState = Literal["planned", "running", "halted", "completed"]


class GridPlan(Form, frozen=True, kw_only=True):
    """A grid to open. `above`: the community of a base grid, street of a general grid, or base grid of a micro-grid.

    `covers`: the communities of a general grid, or its street if it covers a whole town.
    `inventory`: `main`, or a dedicated one that the tenant's settings name.
    """

    code: Code
    name: Title
    level: Level
    above: Code
    inventory: Annotated[AnyText, msgspec.Meta(max_length=40)] = MAIN
    covers: Annotated[list[Code], msgspec.Meta(max_length=60)] = []
    geometry: Geometry | None = None


class GridPlans(Form, frozen=True, kw_only=True):
    plans: Annotated[list[GridPlan], msgspec.Meta(min_length=1, max_length=500)]


class GridRevision(Form, frozen=True, kw_only=True):
    """New name and boundary; without a `geometry` the boundary stays."""

    name: Title
    geometry: Geometry | None = None


class ListGrids(Page, frozen=True, kw_only=True):
    """The active grids directly below `parent`; without it all grids of a level and inventory, retired ones too."""

    parent: Annotated[Word, msgspec.Meta(description="The code of a division or grid; empty for all of a level.")] = ""
    inventory: InventoryCode = MAIN
    level: Annotated[Level, msgspec.Meta(description="Without a parent, the level of the grids.")] = "base"


class GridState(msgspec.Struct, frozen=True, kw_only=True):
    """The public state of a grid: the data of its event. `rough_outline`: see `RoughOutline`."""

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
    rough_outline: RoughOutline


class ListedGrid(GridState, frozen=True, kw_only=True):
    """A grid; `merged_into` names the successor of a retired one."""

    id: str
    path: Path
    geometry: Geometry | None
    version: int


class Locate(Form, frozen=True, kw_only=True):
    """A point in WGS 84 degrees."""

    lon: Annotated[Lon, msgspec.Meta(description="Degrees, WGS 84.")]
    lat: Annotated[Lat, msgspec.Meta(description="Degrees, WGS 84.")]
    inventory: InventoryCode = MAIN


class LocatedPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A place that contains the point."""

    code: str
    tier: str
    name: str
    path: Path


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """The places that contain a point, smallest first; empty outside the tenant's area."""

    places: list[LocatedPlace]


class EstatePlan(Form, frozen=True, kw_only=True):
    """An estate to open. `division`: its community (or village)."""

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
    division: Annotated[Code, msgspec.Meta(description="The code of a division.")]


class EstateState(msgspec.Struct, frozen=True, kw_only=True):
    """The public state of an estate: the data of its event."""

    id: str
    name: str
    division: str
    path: str
    grids: list[str]


class ListedEstate(EstateState, frozen=True, kw_only=True):
    path: OwnPath
    version: int


class BuildingState(msgspec.Struct, frozen=True, kw_only=True):
    """The public state of a building: the data of its event."""

    id: str
    estate: str
    name: str
    path: str
    grids: list[str]


class ListedBuilding(BuildingState, frozen=True, kw_only=True):
    path: OwnPath
    version: int


class MergeTarget(Form, frozen=True, kw_only=True):
    """A new base grid in `community`, and the old `grids` that are merged into it."""

    code: Code
    name: Title
    community: Code
    grids: Annotated[list[Code], msgspec.Meta(min_length=1, max_length=200)]


class MergePlan(Form, frozen=True, kw_only=True):
    """The plan of a grid merge. `departments`: the units whose grids are merged."""

    name: Title
    departments: Annotated[list[Id], msgspec.Meta(max_length=60)]
    targets: Annotated[list[MergeTarget], msgspec.Meta(min_length=1, max_length=200)]


class GridMergeProposal(Form, frozen=True, kw_only=True):
    """A grid merge to plan. `area`: the code of the division whose grids are merged."""

    area: Id
    plan: MergePlan


class ListGridMerges(Page, frozen=True, kw_only=True):
    state: Annotated[MergeState, msgspec.Meta(description="Only merges in this state.")] = "running"


class MergeStep(msgspec.Struct, frozen=True, kw_only=True):
    """The next grid to write: to open (`into` is empty), or to retire in favour of `into`."""

    action: str
    grid: str
    into: str = ""


class Successor(msgspec.Struct, frozen=True, kw_only=True):
    """The successor of a retired grid: everything in `old` is now in `new`, whose path is `path`."""

    old: str
    new: str
    path: str


class ListedSuccessor(Successor, frozen=True, kw_only=True):
    path: Path


class ListedGridMerge(msgspec.Struct, frozen=True, kw_only=True):
    """A grid merge: its progress and why it halted; once completed, its `departments` and the map of `grids`."""

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
