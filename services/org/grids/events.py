"""The events of grids, of the estates and buildings in them, and of their merges."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from chassis.messaging.envelope import Event
from services.org.divisions.events import Geometry


class GridChanged(Event, frozen=True, kw_only=True):
    """A grid. `tier` is `grid` or `micro_grid`; a retired one names where its matters go.

    `merge` is the grid merge that opened or retired it.
    """

    type: ClassVar[str] = "org.grid.changed.v1"
    code: str
    inventory: str
    level: str
    tier: str
    name: str
    parent: str
    path: str
    covers: list[str]
    geometry: Geometry | None
    state: str
    merged_into: str
    merge: str


class EstateChanged(Event, frozen=True, kw_only=True):
    """A residential estate (小区) and the grids that it lies in."""

    type: ClassVar[str] = "org.estate.changed.v1"
    id: str
    name: str
    division: str
    path: str
    grids: list[str]


class BuildingChanged(Event, frozen=True, kw_only=True):
    """A building (楼栋) of an estate and the grids that it lies in."""

    type: ClassVar[str] = "org.building.changed.v1"
    id: str
    estate: str
    name: str
    path: str
    grids: list[str]


class MergeStep(msgspec.Struct, frozen=True, kw_only=True):
    """The next grid to write: opened (`into` empty), or retired into another."""

    action: str
    grid: str
    into: str = ""


class GridMergeAdvanced(Event, frozen=True, kw_only=True):
    """How far a merge has come, and what is next. `reason`: why it halted."""

    type: ClassVar[str] = "org.grid_merge.advanced.v1"
    id: str
    name: str
    state: str
    done: int
    steps: int
    next: MergeStep | None
    reason: str


class Successor(msgspec.Struct, frozen=True, kw_only=True):
    """`old` was retired; what lay there now lies in `new`, whose path is `path`."""

    old: str
    new: str
    path: str


class GridMergeCompleted(Event, frozen=True, kw_only=True):
    """Every grid is written; open cases follow the map."""

    type: ClassVar[str] = "org.grid_merge.completed.v1"
    id: str
    name: str
    departments: list[str]
    grids: list[Successor]
