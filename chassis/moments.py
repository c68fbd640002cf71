"""Bounds of moments and days: whatever is read from outside lies in `YEARS`, whether a form, a query or an event.

None of these years is so near to the ends of the calendar that another time zone, or a limit that is added, leads
beyond them. msgspec has no bounds for moments, so `chassis.validation` and `chassis.envelope` ask here.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec

YEARS = range(1900, 2200)


def months_from(moment: datetime, months: int) -> datetime:
    """Returns the same day and time so many months later, or earlier if negative; the last day of a shorter month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def is_in_years(value: Any) -> bool:
    """Returns whether every moment and day in a converted value lies in `YEARS`."""
    if value is None:
        return True
    if isinstance(value, msgspec.Struct):
        # No generator expression: every call and query comes by here, and it would take as long as the conversion.
        for name in timed_fields(type(value)):  # noqa: SIM110
            if not is_in_years(getattr(value, name)):
                return False
        return True
    if isinstance(value, date):
        return value.year in YEARS
    return not isinstance(value, list | tuple) or all(map(is_in_years, value))


@cache
def timed_fields(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    """Returns the fields that hold moments or days, in them or deeper."""
    hints = get_type_hints(struct)
    return tuple(name for name in struct.__struct_fields__ if _is_timed(hints[name], set()))


def _is_timed(kind: Any, seen: set[Any]) -> bool:
    """`seen`: the structs that were looked into, since a struct may hold others of its own kind."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind in seen:
            return False
        seen.add(kind)
        return any(_is_timed(each, seen) for each in get_type_hints(kind).values())
    return kind in (date, datetime) or any(_is_timed(each, seen) for each in get_args(kind))
