"""The rows of lists: what OpenAPI shows of each, and what `fields` may ask for. One without a value may be absent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gateway.api.answers import Open
from gateway.api.types import CategoryIfAny, LeadIfAny, Path, UnitIfAny

Part = dict[str, Any]


class ListedDivision(Open):
    id: str
    version: int
    code: str
    parent: str
    tier: str
    name: str
    path: Path
    outline: Part | None


class ListedGrid(Open):
    """A retired grid names where its matters go."""

    id: str
    version: int
    code: str
    inventory: str
    level: str
    tier: str
    name: str
    parent: str
    path: Path
    covers: list[str]
    geometry: Part | None
    state: str
    merged_into: str
    merge: str


class ListedEstate(Open):
    id: str
    version: int
    name: str
    division: str
    path: Path
    grids: list[str]


class ListedBuilding(Open):
    id: str
    version: int
    estate: str
    name: str
    path: Path
    grids: list[str]


class ListedPartyOrganisation(Open):
    id: str
    version: int
    kind: str
    name: str
    parent: str
    path: Path
    building: str
    active: bool


class ListedGridMerge(Open):
    """How far it has come and why it halted; a completed one has its `departments` and old `grids` to new."""

    id: str
    version: int
    name: str
    state: str = ""
    done: int = 0
    steps: int = 0
    next: Part | None = None
    reason: str = ""
    departments: list[str] = []
    grids: list[Part] = []


class ListedEmergency(Open):
    id: str
    version: int
    hazard: str
    area: str
    state: str
    order: str
    since: datetime
    until: datetime
    limits: Part
    roster: list[str]
    ended: datetime | None


class ListedUnit(Open):
    id: str
    version: int
    name: str
    kind: str
    path: Path
    active: bool


class ListedPost(Open):
    id: str
    version: int
    kind: str
    title: str
    unit: UnitIfAny
    area: str
    roles: list[str]
    duties: list[str]
    active: bool


class ListedAssignment(Open):
    id: str
    version: int
    subject: str
    post: str
    unit: UnitIfAny
    area: str
    roles: list[str]
    valid_from: datetime
    valid_until: datetime | None
    backup_of: str
    absences: list[Part]
    ended: bool


class ListedUser(Open):
    subject: str
    kind: str
    active: bool
    name: str


class ListedEntry(Open):
    id: str
    version: int
    kind: str
    category: CategoryIfAny
    tier: str
    lead: LeadIfAny
    supporting: list[str]
    legal_basis: str
    valid_from: datetime
    valid_until: datetime | None


class ListedWhistleRule(Open):
    """No categories named: all."""

    id: str
    version: int
    caller: str
    units: list[str]
    categories: list[str]
    area: str
    active: bool


class ListedSponsorship(Open):
    id: str
    version: int
    kind: str
    area: str
    subject: str
    unit: UnitIfAny
    active: bool
