"""API types of analytics: indicators, daily report, hot spots and duplicates."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Lat, Lon, Path, Text
from vocabulary.fields import CategoryCodeIfAny, UnitIfAny

Split = Literal["area", "unit", "day"]


class Indicators(Form, frozen=True, kw_only=True):
    """`split`: one line per area, unit or day. `leaving`: the figures leave the tenant; small counts are suppressed."""

    since: date
    until: date
    area: Path | None = None
    unit: UnitIfAny = ""
    split: Split | None = None
    leaving: bool = False


class DailyReport(msgspec.Struct, frozen=True, kw_only=True):
    """日报: the day's figures, and at present: `open` cases by state, their `marks`, and how many `came_back`."""

    day: date
    counts: dict[str, int]
    open: dict[str, int]
    marks: dict[str, int]
    came_back: int


class HotSpots(Form, frozen=True, kw_only=True):
    since: date
    days: Annotated[int, msgspec.Meta(ge=1, le=31)] = 7
    area: Path | None = None
    leaving: bool = False


class TypedReport(Form, frozen=True, kw_only=True):
    """A report that is still being typed."""

    category: CategoryCodeIfAny
    lon: Lon
    lat: Lat
    text: Text | None = None
