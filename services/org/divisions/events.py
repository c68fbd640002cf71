"""The events of places and tenants.

Each `changed` carries the full public state of its aggregate, and every field of it, so that a copy never
keeps a value which has been taken away.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from chassis.messaging.envelope import Event
from services.org.tenants.categories import Category
from services.org.tenants.settings import Calendar, EmergencyRules, Features, Inventory, Limits, Retention

Geometry = dict[str, Any]
"""A GeoJSON Polygon or MultiPolygon, WGS-84."""


class TenantChanged(Event, frozen=True, kw_only=True):
    """`root` and `path` are the top of its division tree; `categories` the standard ones with its own."""

    type: ClassVar[str] = "org.tenant.changed.v1"
    id: str
    root: str
    path: str
    name: str
    languages: tuple[str, ...]
    limits: Limits
    categories: tuple[Category, ...]
    calendar: Calendar
    features: Features
    retention: Retention
    inventories: tuple[Inventory, ...]
    emergency: EmergencyRules


class DivisionChanged(Event, frozen=True, kw_only=True):
    """A division from the tenant's root down to a community."""

    type: ClassVar[str] = "org.division.changed.v1"
    code: str
    parent: str
    tier: str
    name: str
    path: str
    outline: Geometry | None


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


class PartyOrganisationChanged(Event, frozen=True, kw_only=True):
    """An organisation of the second tree, at its place. Never who belongs to it."""

    type: ClassVar[str] = "org.party_organisation.changed.v1"
    id: str
    kind: str
    name: str
    parent: str
    path: str
    building: str
    active: bool


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


class EmergencyChanged(Event, frozen=True, kw_only=True):
    """While `active`, cases registered in `area` have `limits`, and `roster` (posts) is on duty."""

    type: ClassVar[str] = "org.emergency.changed.v1"
    id: str
    hazard: str
    area: str
    state: str
    order: str
    since: datetime
    until: datetime
    limits: Limits
    roster: list[str]
    ended: datetime | None
