"""The route of a day: from each visit to the nearest one that is left, by where the places lie.

Org publishes no point of a building, only rough outlines of grids and divisions, whose middles stand for what lies in
them. Visits of one place stand together, by building.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, hypot, radians
from typing import NamedTuple, TypeAlias

Point: TypeAlias = tuple[float, float]
"""Longitude and latitude."""
Rings: TypeAlias = Sequence[Sequence[Sequence[float]]]


class Stop(NamedTuple):
    """`at`: None where nothing is drawn; `building`: orders the visits of one place."""

    visit: str
    at: Point | None
    building: str = ""


def in_order_of_nearness(stops: Sequence[Stop]) -> list[Stop]:
    """Returns the stops from the first one on, each followed by the nearest left; those without a point last."""
    left, ordered = list(stops), list[Stop]()
    while left:
        last = ordered[-1] if ordered else left[0]
        nearest = min(left, key=lambda stop: _effort(last, stop))
        left.remove(nearest)
        ordered.append(nearest)
    return ordered


def middle(rings: Rings) -> Point | None:
    """Returns the middle of an outline's corners, None without any; the last corner repeats the first."""
    corners = [corner for ring in rings for corner in ring[:-1]]
    if not corners:
        return None
    return sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)


def distance(one: Point, other: Point) -> float:
    """Returns the distance in degrees of latitude; the earth counts as flat within a city."""
    return hypot((one[0] - other[0]) * cos(radians((one[1] + other[1]) / 2)), one[1] - other[1])


def _effort(last: Stop, stop: Stop) -> tuple[bool, float, bool, str]:
    far = distance(last.at, stop.at) if last.at and stop.at else 0.0
    return stop.at is None and last.at is not None, far, stop.building != last.building, stop.building
