"""Spatial lookup with a quadtree: validates polygons of places, and indexes them for queries by point.

The lookup needs no spatial index. A few quadtree squares cover each polygon, and their names are stored with it.
A query by point asks for the squares that contain the point, one per level, which is an equality on an ordinary
index; shapely then tests the few candidates. Every database engine supports this, and every replica sees a changed
grid at once. The alternatives are an index in memory (an STRtree for each tenant in each replica) that must be
rebuilt, or a `2dsphere` index, which not every engine can declare twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from chassis.errors import Fault, Invalid, spoken_fault

MAX_POINTS = 4000
#: Degrees from end to end: the widest of all provinces has 37. What is wider is no place of a tenant.
_MOST_DEGREES = 40
#: How far an outline may reach beyond the one around it, in degrees and of its own area: maps of two sources differ.
_SLACK, _SHARE = 0.001, 0.05
#: What a rough outline adds around the exact one, in degrees (some 300 m): where a phone may be wrong.
_MARGIN = 0.003
_MOST_ROUGH = 100
_MOST_NAMED = 5
_MOST_SQUARES = 24
# Squares of 360°/2^6 (some 500 km) down to 360°/2^18 (some 100 m).
_LEVELS = range(6, 19)
# The Chinese of the flaws that GEOS finds in a polygon, by the text of its message.
_FLAWS: Mapping[str, str] = {
    "Self-intersection": "边线自相交",
    "Ring Self-intersection": "环自相交",
    "Ring is not closed": "环未闭合",
    "Too few points in geometry component": "环的点数不足",
    "Hole lies outside shell": "孔在外环之外",
    "Holes are nested": "孔相互嵌套",
    "Nested shells": "外环相互嵌套",
    "Duplicate Rings": "环重复",
    "Interior is disconnected": "内部不连通",
    "Invalid Coordinate": "坐标不是有限数",
}


class Outlined(NamedTuple):
    """A place with its outline (GeoJSON), as an outline in it is compared with it."""

    code: str
    outline: dict[str, Any]


def polygon(geojson: dict[str, Any], field: str = "geometry") -> BaseGeometry:
    """Parses and checks a GeoJSON Polygon or MultiPolygon in WGS-84. Raises `Invalid` that says what is wrong."""
    if geojson.get("type") not in ("Polygon", "MultiPolygon"):
        raise Invalid((field, "must be a GeoJSON Polygon or MultiPolygon", "须为 GeoJSON 的 Polygon 或 MultiPolygon"))
    try:
        area = shape(geojson)
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise Invalid(
            (
                field,
                f"is not readable GeoJSON: {error}",
                "不是可读取的 GeoJSON：coordinates 须为环的列表，每环至少 4 个点且首尾相同",
            )
        ) from error
    _check(area, field)
    return area


def _check(area: BaseGeometry, field: str) -> None:
    points = int(shapely.get_num_coordinates(area))
    if points == 0:
        raise Invalid((field, "has no points", "没有坐标点"))
    if points > MAX_POINTS:
        raise Invalid(
            (
                field,
                f"has {points} points, more than {MAX_POINTS}; simplify it",
                f"有 {points} 个点，超过 {MAX_POINTS} 个，请简化",
            )
        )
    west, south, east, north = area.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Invalid(
            (
                field,
                "lies outside WGS-84: longitude -180 to 180 first, then latitude -90 to 90",
                "超出 WGS-84 范围：先经度（-180 至 180），后纬度（-90 至 90）",
            )
        )
    if max(east - west, north - south) > _MOST_DEGREES:
        raise Invalid((field, f"spans more than {_MOST_DEGREES} degrees", f"跨度超过 {_MOST_DEGREES} 度"))
    if not area.is_valid:
        raise Invalid(_flaw(area, field))


def _flaw(area: BaseGeometry, field: str) -> Fault:
    explained = explain_validity(area)
    flaw, _, coordinates = explained.rstrip("]").partition("[")
    where = f"（位于 {coordinates}）" if coordinates else ""
    return (
        field,
        f"is not a valid polygon: {explained}",
        f"不是有效的多边形：{_FLAWS.get(flaw, '边线有误')}{where}",
    )


def require_within(area: BaseGeometry, around: Outlined | None, field: str = "geometry") -> None:
    """Raises `Invalid` unless the polygon lies in the outline around it, but for a little."""
    if around is not None and _reaches_beyond(area, shape(around.outline)):
        told = "lies outside {around:place}, or reaches far beyond it", "不在{around:place}范围内，或明显超出其范围"
        raise Invalid(spoken_fault(field, *told, around=around.code))


def require_around(area: BaseGeometry, inside: Iterable[Outlined], field: str = "geometry") -> None:
    """Raises `Invalid` unless each of the outlines lies in the polygon, but for a little."""
    outside = [each.code for each in inside if _reaches_beyond(shape(each.outline), area)]
    if outside:
        more_en, more_zh = (" and others", "等") if len(outside) > _MOST_NAMED else ("", "")
        en = f"leaves out {{places:place}}{more_en}, or much of it; redraw that first"
        zh = f"未包含{{places:place}}{more_zh}或其大部，请先调整其边界"
        raise Invalid(spoken_fault(field, en, zh, places=outside[:_MOST_NAMED]))


def _reaches_beyond(inner: BaseGeometry, outer: BaseGeometry) -> bool:
    return bool(inner.difference(outer.buffer(_SLACK)).area > _SHARE * inner.area)


def rough_outline_of(stored: Sequence[list[list[float]]], geojson: dict[str, Any] | None) -> list[list[list[float]]]:
    """Returns the stored rough outline; makes that of a place that an older version drew, which stored none."""
    return list(stored) or (rough(shape(geojson)) if geojson else [])


def rough(area: BaseGeometry) -> list[list[list[float]]]:
    """Returns rings of few points that hold the polygon with a margin; readers need no library to ask them."""
    tolerance = _MARGIN / 4
    while tolerance < 1:
        # Simplifying moves no side further than the tolerance, so the margin remains.
        around = area.buffer(_MARGIN + tolerance, join_style="mitre", mitre_limit=2).simplify(tolerance)
        parts = list(getattr(around, "geoms", [around]))
        if sum(len(part.exterior.coords) for part in parts) <= _MOST_ROUGH:
            return [_rounded(part) for part in parts]
        tolerance *= 2
    return [_rounded(shapely.box(*area.bounds).buffer(_MARGIN, join_style="mitre"))]


def _rounded(part: BaseGeometry) -> list[list[float]]:
    return [[round(lon, 4), round(lat, 4)] for lon, lat, *_ in part.exterior.coords]


def squares_over(area: BaseGeometry) -> list[str]:
    """Returns the squares that cover the polygon, at the finest level at which at most 24 cover its bounds."""
    west, south, east, north = area.bounds
    for level in reversed(_LEVELS):
        left, bottom, right, top = (*_cell(level, west, south), *_cell(level, east, north))
        if (right - left + 1) * (top - bottom + 1) <= _MOST_SQUARES:
            break
    return [
        _name(level, x, y)
        for x in range(left, right + 1)
        for y in range(bottom, top + 1)
        if area.intersects(_square(level, x, y))
    ]


def squares_at(longitude: float, latitude: float) -> list[str]:
    """Returns the squares that contain the point, one per level."""
    return [_name(level, *_cell(level, longitude, latitude)) for level in _LEVELS]


def contains_point(geojson: dict[str, Any], longitude: float, latitude: float) -> bool:
    """Returns whether the point is in the stored polygon or on its edge."""
    return bool(shape(geojson).covers(shapely.Point(longitude, latitude)))


def _cell(level: int, longitude: float, latitude: float) -> tuple[int, int]:
    side = 360 / 2**level
    return math.floor((longitude + 180) / side), math.floor((latitude + 90) / side)


def _square(level: int, x: int, y: int) -> BaseGeometry:
    side = 360 / 2**level
    return shapely.box(x * side - 180, y * side - 90, (x + 1) * side - 180, (y + 1) * side - 90)


def _name(level: int, x: int, y: int) -> str:
    return f"{level}/{x}/{y}"
