"""Schedules of reports: daily, weekly and monthly, by the clocks of the city."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_AT = time(6)
_DAY = timedelta(days=1)


def next_moment(schedule: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Returns the next moment of the schedule after `now`; what was missed meanwhile is not made up for."""
    if not schedule:
        return None
    day = now.astimezone(zone).date()
    while not _is_on(schedule, day) or (moment := datetime.combine(day, _AT, zone).astimezone(UTC)) <= now:
        day += _DAY
    return moment


def _is_on(schedule: str, day: date) -> bool:
    match schedule:
        case "weekly":
            return day.weekday() == 0
        case "monthly":
            return day.day == 1
    return True
