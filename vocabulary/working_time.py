"""Calendars: how a span of clock hours, working hours, working days or natural days is counted from a moment.

A span is written as text in settings: `10min`, `2h` (clock), `2wh` (working hours), `3wd` (working days),
`15d` (natural days). All moments are aware and answered in UTC.
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

_DAY = timedelta(days=1)
_LONGEST = timedelta(days=3650)


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
_TEXT = re.compile(r"(\d{1,5})(min|h|wh|wd|d)")


class NoSpan(ValueError):
    """A text that is no span: why, in English and in Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.reasons = en, zh


class Span(msgspec.Struct, frozen=True):
    """A length of time of one kind. A working day is as long as the calendar's opening hours."""

    kind: Kind
    length: timedelta

    @classmethod
    def parse(cls, text: str) -> Span:
        """`Span.parse("2wh")`; raises `NoSpan`, which names the forms that are allowed."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise NoSpan(
                "write a whole number and min, h, wh, wd or d: 10min, 2h, 2wh, 3wd, 15d",
                "须为整数加 min、h、wh、wd 或 d,如 10min、2h、2wh、3wd、15d",
            )
        kind, one = _UNITS[found[2]]
        length = int(found[1]) * one
        if not timedelta(0) < length <= _LONGEST:
            raise NoSpan("it must be more than nothing and at most ten years", "须大于零且不超过十年")
        return cls(kind, length)

    def __mul__(self, share: float) -> Span:
        return Span(self.kind, self.length * share)

    def __truediv__(self, other: Span) -> float:
        """How much of `other` this is: 0.8 when four fifths are used. Both must be of one kind."""
        if self.kind != other.kind:
            raise ValueError(f"{self.kind} are not {other.kind}")
        return self.length / other.length


class Holidays(StrEnum):
    """Whose public holidays a calendar keeps; others list theirs as `days_off`."""

    CHINA = "china"
    NONE = "none"


class Calendar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a tenant works. `days_off` and `working_days` overrule the public holidays and the week."""

    zone: str = "Asia/Shanghai"
    opens: time = time(9)
    closes: time = time(17)
    holidays: Holidays = Holidays.CHINA
    days_off: frozenset[date] = frozenset()
    working_days: frozenset[date] = frozenset()

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Calendar:
        """Raises `Invalid` naming what is wrong."""
        try:
            calendar = msgspec.convert(settings, cls)
            ZoneInfo(calendar.zone)
        except msgspec.ValidationError as error:
            raise Invalid(fault_of(error, "calendar")) from error
        except (KeyError, ValueError, OSError) as error:  # ZoneInfo raises any of these for a bad name
            raise Invalid(
                ("calendar.zone", "not a time zone name such as Asia/Shanghai", "须为时区名,如 Asia/Shanghai")
            ) from error
        if calendar.opens >= calendar.closes:
            raise Invalid(("calendar.opens", "must be before closes", "须早于 closes"))
        if calendar.opens.tzinfo or calendar.closes.tzinfo:
            raise Invalid(("calendar.opens", "must be local times without an offset", "须为当地时间,不带时差"))
        return calendar

    def works_on(self, day: date) -> bool:
        if day in self.working_days:
            return True
        if day in self.days_off:
            return False
        if self.holidays is Holidays.CHINA:
            return _china_works_on(day)
        return day.weekday() < 5

    def day(self, day: date) -> datetime:
        """The local midnight with which it begins."""
        return self._at_local(datetime.combine(day, time()))

    def is_open(self, moment: datetime) -> bool:
        """True in working time, its first and last moment included."""
        day = moment.astimezone(self._zone).date()
        opens, closes = self._hours_of(day)
        return self.works_on(day) and opens <= moment <= closes

    def add(self, start: datetime, span: Span) -> datetime:
        """The moment at which `span` has passed since `start`.

        Working time starts to count at the next opening and ends within working time. Natural days end
        at the same local time; where the clocks jump over that time, as much later as they jump (RFC 5545).
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
        """What passed from `start` to `end`, counted as `kind`; nothing when `end` is not later."""
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
        """Openings and closings from `start` on, without end."""
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


@lru_cache(maxsize=4096)
def _china_works_on(day: date) -> bool:
    """Public holidays and make-up days as the State Council announces them each November for one year.

    For a year not yet announced the plain week holds, so a limit can only end too early, never too late;
    a tenant can list `days_off` and `working_days` before the package knows them.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5
