"""Events of visits. None names the household: what is published with a visit must not tell whom it was paid to."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from chassis.envelope import Event


class VisitPlanned(Event, frozen=True, kw_only=True):
    """Planned, or planned for another day. `worker`: who is to go; empty for whoever works in the grid."""

    type: ClassVar[str] = "residents.visit.planned.v1"
    area: str
    kind: str
    due: date
    worker: str = ""


class VisitReminded(Event, frozen=True, kw_only=True):
    """It is due today."""

    type: ClassVar[str] = "residents.visit.reminded.v1"
    area: str
    kind: str
    due: date
    worker: str = ""


class VisitMissed(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "residents.visit.missed.v1"
    area: str
    kind: str
    due: date
    worker: str = ""


class VisitRaised(Event, frozen=True, kw_only=True):
    """A missed visit was passed up. `tier`: to which; `to`: the path of that division."""

    type: ClassVar[str] = "residents.visit.raised.v1"
    area: str
    tier: str
    to: str


class VisitDone(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "residents.visit.done.v1"
    area: str
    kind: str
    planned: bool


class VisitCancelled(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "residents.visit.cancelled.v1"
    area: str
    kind: str


class VisitFound(Event, frozen=True, kw_only=True):
    """A visit found a matter for the city. `unit`, `post`: of whoever paid it, who owe the answer (首问)."""

    type: ClassVar[str] = "residents.visit.found.v1"
    visit: str
    area: str
    category: str
    unit: str = ""
    post: str = ""


class VisitFollowed(Event, frozen=True, kw_only=True):
    """`case`: was made of what the visit found."""

    type: ClassVar[str] = "residents.visit.followed.v1"
    case: str
