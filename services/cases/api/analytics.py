"""API types of analytics: indicators, daily report, hot spots and duplicates."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from chassis.types import Form, Lat, Lon, Moment, Path, Text
from services.cases.api.states import State
from vocabulary.fields import CategoryCodeIfAny, LeadIfAny, Leaving, UnitIfAny

Split = Literal["area", "unit", "day"]
Since = Annotated[date, msgspec.Meta(description="The first day, by the city's calendar.")]


class Indicators(Form, frozen=True, kw_only=True):
    """`split`: one line per area, unit or day. `leaving`: the figures leave the tenant; small counts are suppressed."""

    since: Since
    until: Annotated[date, msgspec.Meta(description="The last day.")]
    area: Path | None = None
    unit: UnitIfAny = ""
    split: Annotated[Split | None, msgspec.Meta(description="One line for each area, unit or day.")] = None
    leaving: Leaving = False


class Figure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`share`: absent without a denominator; `unanswered`: share of those asked who did not answer this question.

    `suppressed`: the counts are too small to leave the tenant, so no numbers are given.
    """

    counted: int | None = None
    of: int | None = None
    share: float | None = None
    unanswered: float | None = None
    suppressed: bool = False


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """`full`: all cases; `adjusted`: without those struck by a granted appeal (申诉剔除)."""

    zh: str
    full: Figure
    adjusted: Figure


class IndicatorLine(msgspec.Struct, frozen=True, kw_only=True):
    """All indicators, by name; of one `area` (a division's code), `unit` or `day` if they were split."""

    indicators: dict[str, Indicator]
    on_the_spot: Annotated[int, msgspec.Meta(description="Matters solved on the spot.")] | UnsetType = UNSET
    area: Annotated[str, msgspec.Meta(description="The code of a division.")] | UnsetType | None = UNSET
    unit: UnitIfAny | UnsetType = UNSET
    day: date | UnsetType = UNSET


class DailyReport(msgspec.Struct, frozen=True, kw_only=True):
    """日报: the day's figures, and at its end: `open` cases by state, their `marks`, and how many `came_back`."""

    day: date
    counts: dict[str, int]
    open: dict[str, int]
    marks: dict[str, int]
    came_back: int


class HotSpots(Form, frozen=True, kw_only=True):
    since: Since
    days: Annotated[int, msgspec.Meta(ge=1, le=31, description="The length of the period.")] = 7
    area: Path | None = None
    leaving: Leaving = False


class TypedReport(Form, frozen=True, kw_only=True):
    """A report that is still being typed."""

    category: CategoryCodeIfAny
    lon: Lon
    lat: Lat
    text: Text | None = None


class HotSpot(msgspec.Struct, frozen=True, kw_only=True):
    """`expected`: usual count of a window; `chance`: probability of so many by chance; `hours`: busiest first."""

    cell: str
    category: CategoryCodeIfAny
    count: int
    expected: float
    chance: float
    hours: list[int]


class Duplicate(msgspec.Struct, frozen=True, kw_only=True):
    """An open case that may be the same matter. `score`: 0 to 1; `reasons`: text, category, group, place, time."""

    case: str
    score: float
    reasons: list[str]
    state: State
    category: CategoryCodeIfAny
    lead: LeadIfAny
    reported_at: Moment


class SuggestedUnit(msgspec.Struct, frozen=True, kw_only=True):
    """`entry`: the list entry to dispatch by; `right`: share of first dispatches kept; `why`: in both languages."""

    unit: UnitIfAny
    entry: str
    supporting: list[str]
    right: float | None
    why: dict[str, str]
