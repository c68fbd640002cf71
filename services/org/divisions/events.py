"""The event of a division."""

from __future__ import annotations

from typing import Any, ClassVar

from chassis.messaging.envelope import Event

Geometry = dict[str, Any]
"""A GeoJSON Polygon or MultiPolygon, WGS-84."""


class DivisionChanged(Event, frozen=True, kw_only=True):
    """A division from the tenant's root down to a community."""

    type: ClassVar[str] = "org.division.changed.v1"
    code: str
    parent: str
    tier: str
    name: str
    path: str
    outline: Geometry | None
