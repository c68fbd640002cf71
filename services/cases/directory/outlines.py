"""Rough outlines of places, from org's events: whether a point lies at the place that a report or an import names.

An outline here has a margin and few points, so that a point is outside only if it is far from the place: coordinates of
0, swapped ones, or those of another city.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import TypeAlias

from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import codes_of
from chassis.usecases.tenant_cache import TenantCache
from services.cases.directory.replicas import PlaceReplica

Rings: TypeAlias = Sequence[Sequence[Sequence[float]]]
_outlines: TenantCache[tuple[str, Rings]] = TenantCache(timedelta(seconds=5))


def place_without(data: TenantData, path: str, lon: float | None, lat: float | None) -> str:
    """Returns the code of the smallest place with an outline on the path if the point lies outside it, else ""."""
    if lon is None or lat is None:
        return ""
    code, rings = _outlines.of(data, path, lambda: _outline_on(data, path))
    return code if rings and not any(_is_in(ring, lon, lat) for ring in rings) else ""


def _outline_on(data: TenantData, path: str) -> tuple[str, Rings]:
    codes = codes_of(path)
    ids = [f"{data.context.tenant}:{code}" for code in codes]
    rows = data.rows(PlaceReplica, {"_id": {"$in": ids}}, ["rough_outline"], limit=len(ids))
    outlines = {row["key"]: row.get("rough_outline") or () for row in rows}
    return next(((code, outlines[code]) for code in reversed(codes) if outlines.get(code)), ("", ()))


def _is_in(ring: Sequence[Sequence[float]], lon: float, lat: float) -> bool:
    """Counts the sides that a ray to the east crosses: an odd number of them from inside the ring."""
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
