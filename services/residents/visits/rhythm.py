"""The rhythm of visits: how often a household is visited, and on which day the next time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from vocabulary.care import Care

_DAY = timedelta(days=1)
#: On the day of a visit, its worker is reminded then.
_REMINDED = time(8)


class Day(NamedTuple):
    """A day of the city's calendar. `due`: its date, as midnight UTC; the others are moments."""

    due: datetime
    remind_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, day: date, zone: ZoneInfo) -> Day:
        reminded = datetime.combine(day, _REMINDED, zone).astimezone(UTC)
        ends = datetime.combine(day + _DAY, time(), zone).astimezone(UTC)
        return cls(datetime.combine(day, time(), UTC), reminded, ends)


def days_between(care: Care, colour: str, needs: Iterable[str]) -> int:
    """Returns the shortest rhythm of the card's colour and the open needs; 0 if none asks for visits."""
    of_needs = {each.code: each.visit_every for each in care.needs}
    of_colours = {each.code: each.visit_every for each in care.colours}
    asked = [of_colours.get(colour, 0), *(of_needs.get(need, 0) for need in needs)]
    return min((days for days in asked if days), default=0)


def next_day(since: date, every: int, today: date, planned: date | None = None) -> date:
    """Returns the day of the next visit: `every` days after `since`, the last one or the first plan.

    If that is over, it is tomorrow, unless the visit is `planned` for an earlier day.
    """
    day = since + every * _DAY
    if day > today:
        return day
    tomorrow = today + _DAY
    return min(planned, tomorrow) if planned else tomorrow
