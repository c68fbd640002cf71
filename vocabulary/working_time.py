"""Business calendar: adds and measures spans of clock hours, working hours, working days or natural days.

Settings write a span as `vocabulary.calendars.SpanText`. All datetimes are aware; results are in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
import msgspec

from chassis.errors import Invalid
from chassis.validation import fault_of
from vocabulary.calendars import SPAN, Calendar

_DAY = timedelta(days=1)


class Kind(StrEnum):
    """What a span counts."""

    CLOCK_HOURS = "clock_hours"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"
    NATURAL_DAYS = "natural_days"


# Unit of the text form → kind and length of one.
_UNITS = {
    "min": (Kind.CLOCK_HOURS, timedelta(minutes=1)),
    "h": (Kind.CLOCK_HOURS, timedelta(hours=1)),
    "wh": (Kind.WORKING_HOURS, timedelta(hours=1)),
    "wd": (Kind.WORKING_DAYS, _DAY),
    "d": (Kind.NATURAL_DAYS, _DAY),
}
_TEXT = re.compile(SPAN)


class NoSpan(ValueError):
    """A text that is not a valid span. `reasons`: why, in English and in Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.reasons = en, zh


class Span(msgspec.Struct, frozen=True):
    """Value object: a length of time of one kind. A working day is as long as the calendar's opening hours."""

    kind: Kind
    length: timedelta

    @classmethod
    def parse(cls, text: str) -> Span:
        """Parses `2wh`. Raises `NoSpan`, which names the allowed forms."""
        match = _TEXT.match(text)
        if match is None:
            raise NoSpan(
                "write a whole number from 1 and min, h, wh, wd or d: 10min, 2h, 2wh, 3wd, 15d; "
                "at most 9999 of min, h and wh, and 999 of wd and d",
                "须为正整数加 min、h、wh、wd 或 d，如 10min、2h、2wh、3wd、15d；min、h、wh 至多 9999，wd、d 至多 999",
            )
        unit = match[2] or match[3]
        kind, one = _UNITS[unit]
        return cls(kind, int(match[1].removesuffix(unit)) * one)

    def __mul__(self, share: float) -> Span:
        return Span(self.kind, self.length * share)


class BusinessCalendar(Calendar, frozen=True, kw_only=True):
    """Value object: the calendar that a tenant declares, as what counts its working time."""

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> BusinessCalendar:
        """Reads a calendar from a tenant's settings. Raises `Invalid`, which names each wrong field."""
        try:
            calendar = msgspec.convert(settings, cls)
        except msgspec.ValidationError as error:
            raise Invalid(fault_of(error, "calendar")) from error
        if faults := list(calendar.faults()):
            raise Invalid(*faults)
        return calendar

    def works_on(self, day: date) -> bool:
        """Returns whether `day` is a working day."""
        if day in self.working_days:
            return True
        if day in self.days_off:
            return False
        if self.holidays == "china":
            return _china_works_on(day)
        return day.weekday() < 5

    def day(self, day: date) -> datetime:
        """Returns the local midnight at which the day begins, in UTC."""
        return self._at_local(datetime.combine(day, time()))

    def add(self, start: datetime, span: Span) -> datetime:
        """Returns the moment at which `span` has passed since `start`.

        Working time counts from the next opening and ends within working time. Natural days end at the same
        local time; if the clocks skip that time, later by the length of the gap (RFC 5545).
        """
        match span.kind:
            case Kind.CLOCK_HOURS:
                return start.astimezone(UTC) + span.length
            case Kind.NATURAL_DAYS:
                return self._at_local(start.astimezone(self._zone).replace(tzinfo=None) + span.length)
            case Kind.WORKING_HOURS:
                return self._add_working(start, span.length)
            case Kind.WORKING_DAYS:
                return self._add_working(start, span.length / _DAY * self._working_day)

    def between(self, start: datetime, end: datetime, kind: Kind) -> Span:
        """Returns the time from `start` to `end`, counted as `kind`; zero if `end` is not later."""
        if end <= start:
            return Span(kind, timedelta(0))
        match kind:
            case Kind.CLOCK_HOURS:
                return Span(kind, end - start)
            case Kind.NATURAL_DAYS:
                local_start, local_end = (m.astimezone(self._zone).replace(tzinfo=None) for m in (start, end))
                return Span(kind, max(local_end - local_start, timedelta(0)))
            case Kind.WORKING_HOURS:
                return Span(kind, self._worked(start, end))
            case Kind.WORKING_DAYS:
                return Span(kind, self._worked(start, end) / self._working_day * _DAY)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def _working_day(self) -> timedelta:
        return datetime.combine(date.min, self.closes) - datetime.combine(date.min, self.opens)

    def _at_local(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=self._zone).astimezone(UTC)

    def _hours_of(self, day: date) -> tuple[datetime, datetime]:
        return self._at_local(datetime.combine(day, self.opens)), self._at_local(datetime.combine(day, self.closes))

    def _windows(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yields opening and closing times from `start` on, endlessly."""
        day = start.astimezone(self._zone).date()
        while True:
            if self.works_on(day):
                opens, closes = self._hours_of(day)
                if closes >= start:
                    yield max(opens, start.astimezone(UTC)), closes
            day += _DAY

    def _add_working(self, start: datetime, length: timedelta) -> datetime:
        for opens, closes in self._windows(start):
            if length <= closes - opens:
                return opens + length
            length -= closes - opens
        raise AssertionError("windows have no end")

    def _worked(self, start: datetime, end: datetime) -> timedelta:
        worked = timedelta(0)
        for opens, closes in self._windows(start):
            if opens >= end:
                break
            worked += min(closes, end) - opens
        return worked


#: The last year whose public holidays in China this version knows.
ANNOUNCED_UNTIL: int = max(chinese_calendar.constants.holidays).year
#: Public holidays with a fixed date (month, day): New Year, Labour Day, National Day.
_FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)})


@lru_cache(maxsize=4096)
def _china_works_on(day: date) -> bool:
    """Applies the public holidays and make-up days that the State Council announces each November for one year.

    In a year that is not announced yet only the holidays with a fixed date hold, see decision 0014. Until the package
    knows the year, a tenant can list its `days_off` and `working_days`.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5 and (day.month, day.day) not in _FIXED_HOLIDAYS
