"""Hot spots (分析研判): where cases of a category have become more than usual. About places, never about persons."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import date

import msgspec

from services.cases.analytics.indicators import SMALLEST_SHOWN

#: Earlier windows of the same length that say what is usual.
EARLIER = 4
LEAST = 3
UNUSUAL = 0.01


class Sighting(msgspec.Struct, frozen=True):
    """One case as the analysis sees it: a cell, a category, a local day and hour, and nothing of anybody."""

    cell: str
    category: str
    day: date
    hour: int


class HotSpot(msgspec.Struct, frozen=True, kw_only=True):
    """`expected`: cases in a usual window; `chance`: how likely so many are without a cause; `hours`: busiest first."""

    cell: str
    category: str
    count: int
    expected: float
    chance: float
    hours: list[int]


def hot_spots(sightings: Iterable[Sighting], since: date, days: int, leaving: bool = False) -> list[HotSpot]:
    """Of the window of `days` from `since`, against the four windows before it; the least likely first.

    `leaving`: what goes outside the tenant shows no count under ten.
    """
    inside: dict[tuple[str, str], list[int]] = {}
    before: Counter[tuple[str, str]] = Counter()
    for sighting in sightings:
        where = sighting.cell, sighting.category
        distance = (sighting.day - since).days
        if 0 <= distance < days:
            inside.setdefault(where, []).append(sighting.hour)
        elif -EARLIER * days <= distance < 0:
            before[where] += 1
    least = SMALLEST_SHOWN if leaving else LEAST
    found = [_spot(*where, hours, before[where] / EARLIER) for where, hours in inside.items() if len(hours) >= least]
    return sorted(
        (spot for spot in found if spot.chance < UNUSUAL), key=lambda spot: (spot.chance, spot.cell, spot.category)
    )


def _spot(cell: str, category: str, hours: list[int], usual: float) -> HotSpot:
    # A place without a past is not infinitely surprising: half a case in all earlier windows is assumed.
    expected = max(usual, 0.5 / EARLIER)
    busiest = [hour for hour, _ in sorted(Counter(hours).items(), key=lambda item: (-item[1], item[0]))]
    return HotSpot(
        cell=cell,
        category=category,
        count=len(hours),
        expected=round(expected, 3),
        chance=_poisson_tail(len(hours), expected),
        hours=busiest[:3],
    )


def _poisson_tail(count: int, expected: float) -> float:
    """How likely `count` or more are, where `expected` are usual and cases come independently (Poisson)."""
    term = total = math.exp(-expected)
    for number in range(1, count):
        term *= expected / number
        total += term
    return max(0.0, 1.0 - total)
