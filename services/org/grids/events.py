"""The events of grids, of what lies in them, and of their merges.

Each `changed` carries the full public state of its aggregate, and every field of it, so that a copy never
keeps a value which has been taken away.
"""

from __future__ import annotations

from typing import ClassVar

from chassis.messaging.envelope import Event
from services.org.api.grids import BuildingState, EstateState, GridState, MergeStep, Successor


class GridChanged(GridState, Event, frozen=True, kw_only=True):
    """A grid. `tier` is `grid` or `micro_grid`; a retired one names where its matters go.

    `merge` is the grid merge that opened or retired it.
    """

    type: ClassVar[str] = "org.grid.changed.v1"


class EstateChanged(EstateState, Event, frozen=True, kw_only=True):
    """A residential estate (小区) and the grids that it lies in."""

    type: ClassVar[str] = "org.estate.changed.v1"


class BuildingChanged(BuildingState, Event, frozen=True, kw_only=True):
    """A building (楼栋) of an estate and the grids that it lies in."""

    type: ClassVar[str] = "org.building.changed.v1"


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


class GridMergeCompleted(Event, frozen=True, kw_only=True):
    """Every grid is written; open cases follow the map."""

    type: ClassVar[str] = "org.grid_merge.completed.v1"
    id: str
    name: str
    departments: list[str]
    grids: list[Successor]
