"""Hot spot analysis (分析研判): places with unusually many cases of a category; never about persons."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import date

import msgspec

from services.cases.api.analytics import HotSpot
from vocabulary.small_counts import SMALLEST_SHOWN

#: Number of earlier windows of the same length that define the usual count.
EARLIER = 4
LEAST = 3
UNUSUAL = 0.01


class Sighting(msgspec.Struct, frozen=True):
    """One case as input of the analysis: cell, category, local day and hour; no personal data."""

    cell: str
    category: str
    day: date
    hour: int


def hot_spots(sightings: Iterable[Sighting], since: date, days: int, leaving: bool = False) -> list[HotSpot]:
    """Compares the window of `days` from `since` with the four windows before it; least likely first.

    `leaving`: the figures leave the tenant, so counts below ten are left out.
    """
    inside: dict[tuple[str, str], list[int]] = {}
    before: Counter[tuple[str, str]] = Counter()
    for sighting in sightings:
        spot = sighting.cell, sighting.category
        distance = (sighting.day - since).days
        if 0 <= distance < days:
            inside.setdefault(spot, []).append(sighting.hour)
        elif -EARLIER * days <= distance < 0:
            before[spot] += 1
    least = SMALLEST_SHOWN if leaving else LEAST
    found = [_spot(*where, hours, before[where] / EARLIER) for where, hours in inside.items() if len(hours) >= least]
    return sorted(
        (spot for spot in found if spot.chance < UNUSUAL), key=lambda spot: (spot.chance, spot.cell, spot.category)
    )


def _spot(cell: str, category: str, hours: list[int], usual: float) -> HotSpot:
    # Without earlier cases, assume half a case over all earlier windows: zero would make any case infinitely unlikely.
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
    """Returns the probability of `count` or more, for independent cases with mean `expected` (Poisson)."""
    term = total = math.exp(-expected)
    for number in range(1, count):
        term *= expected / number
        total += term
    return max(0.0, 1.0 - total)
