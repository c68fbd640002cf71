"""Events of grids, estates, buildings and grid merges.

Each `changed` event carries every public field of its aggregate, so that a replica never keeps a value that was
removed.
"""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event
from services.org.api.grids import BuildingState, EstateState, GridState, MergeStep, Successor


class GridChanged(GridState, Event, frozen=True, kw_only=True):
    """A grid. `tier`: `grid` or `micro_grid`; `merged_into`: the successor of a retired grid.

    `merge`: the grid merge that opened or retired it.
    """

    type: ClassVar[str] = "org.grid.changed.v1"


class EstateChanged(EstateState, Event, frozen=True, kw_only=True):
    """A residential estate (小区) and the grids that it lies in."""

    type: ClassVar[str] = "org.estate.changed.v1"


class BuildingChanged(BuildingState, Event, frozen=True, kw_only=True):
    """A building (楼栋) of an estate and the grids that it lies in."""

    type: ClassVar[str] = "org.building.changed.v1"


class GridMergeAdvanced(Event, frozen=True, kw_only=True):
    """Progress of a grid merge: steps done and the next step. `reason`: why it halted."""

    type: ClassVar[str] = "org.grid_merge.advanced.v1"
    id: str
    name: str
    state: str
    done: int
    steps: int
    next: MergeStep | None
    reason: str


class GridMergeCompleted(Event, frozen=True, kw_only=True):
    """A grid merge is complete; open cases move from the old grids to the new ones."""

    type: ClassVar[str] = "org.grid_merge.completed.v1"
    id: str
    name: str
    departments: list[str]
    grids: list[Successor]
