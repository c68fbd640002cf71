from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from vocabulary.working_time import ANNOUNCED_UNTIL, BusinessCalendar, Kind, Span

pytestmark = pytest.mark.domain("The case: Clock")

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = BusinessCalendar()
NEW_YORK = BusinessCalendar.from_settings({"zone": "America/New_York", "holidays": "none", "days_off": ["2024-05-27"]})


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def added(start: str, span: str, calendar: BusinessCalendar = CHINA) -> str:
    moment = calendar.add(local(start), Span.parse(span))
    assert moment.tzinfo is UTC
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-11-20 23:30", "10min", "2026-11-20 23:40"),
        ("2026-11-20 23:30", "24h", "2026-11-21 23:30"),
        ("2026-11-20 10:00", "15d", "2026-12-05 10:00"),
        ("2026-11-19 10:00", "2wh", "2026-11-19 12:00"),
        ("2026-11-19 16:30", "2wh", "2026-11-20 10:30"),
        ("2026-11-20 16:30", "2wh", "2026-11-23 10:30"),
        ("2026-11-21 12:00", "2wh", "2026-11-23 11:00"),
        ("2026-11-20 10:00", "2wd", "2026-11-24 10:00"),
        ("2026-11-20 05:00", "1wd", "2026-11-20 17:00"),
    ],
)
def test_a_span_ends_where_its_kind_says(start: str, span: str, end: str) -> None:
    assert added(start, span) == end


def test_public_holidays_do_not_count_as_working_time() -> None:
    assert added("2026-09-30 16:00", "2wh") == "2026-10-08 10:00"


def test_make_up_days_are_worked_although_they_are_saturdays() -> None:
    assert date(2026, 10, 10).weekday() == 5
    assert added("2026-10-09 16:00", "2wh") == "2026-10-10 10:00"


def test_beyond_the_announced_years_the_plain_week_holds_unless_the_tenant_lists_days() -> None:
    assert CHINA.works_on(date(2060, 1, 2)) is True
    listed = BusinessCalendar.from_settings({"days_off": ["2060-01-02"], "working_days": ["2060-01-03"]})
    assert listed.works_on(date(2060, 1, 2)) is False
    assert listed.works_on(date(2060, 1, 3)) is True
    assert CHINA.works_on(date(2060, 1, 3)) is False


def test_holidays_with_a_fixed_date_hold_in_years_that_are_not_announced_yet() -> None:
    year = ANNOUNCED_UNTIL + 1
    fixed = [date(year, 1, 1), date(year, 5, 1), *(date(year, 10, day) for day in (1, 2, 3))]
    assert not any(CHINA.works_on(day) for day in fixed)
    assert CHINA.works_on(date(2060, 10, 4)) is True, "a Monday, off only once it is announced"
    worked = BusinessCalendar.from_settings({"working_days": [fixed[0].isoformat()]})
    assert worked.works_on(fixed[0]) is True


def test_a_tenant_abroad_keeps_its_own_zone_and_days_off() -> None:
    friday = datetime(2024, 5, 24, 20, tzinfo=UTC)  # 16:00 in New York, before Memorial Day
    assert NEW_YORK.add(friday, Span.parse("2wh")) == datetime(2024, 5, 28, 14, tzinfo=UTC)


def test_natural_days_end_at_the_same_local_time_over_a_clock_change() -> None:
    before = datetime(2024, 3, 9, 17, tzinfo=UTC)  # noon, still standard time
    assert NEW_YORK.add(before, Span.parse("2d")) == datetime(2024, 3, 11, 16, tzinfo=UTC)
    assert NEW_YORK.add(before, Span.parse("48h")) == datetime(2024, 3, 11, 17, tzinfo=UTC)


def test_natural_days_that_end_in_a_skipped_hour_end_as_much_later_as_the_clocks_jump() -> None:
    half_past_two = datetime(2024, 3, 9, 7, 30, tzinfo=UTC)
    end = NEW_YORK.add(half_past_two, Span.parse("1d")).astimezone(ZoneInfo("America/New_York"))
    assert end.strftime("%d %H:%M") == "10 03:30"


@pytest.mark.parametrize("text", ["", "2", "h", "-2h", "2.5h", "0d", "99999d", "2 h", "2hours", "2h "])
def test_an_invalid_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Span.parse(text)


@pytest.mark.parametrize(
    "settings",
    [
        {"zone": "Mars/Olympus"},
        {"days_off": ["2026-10-10"], "working_days": ["2026-10-10"]},
        {"zone": "../etc/passwd"},
        {"opens": "18:00"},
        {"opens": "09:00Z"},
        {"days_off": ["31.12.2026"]},
        {"lunch": "12:00"},
    ],
)
def test_an_invalid_calendar_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        BusinessCalendar.from_settings(settings)


seconds = st.integers(0, 5 * 366 * 24 * 3600)
moments = seconds.map(lambda passed: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=passed))
kinds = st.sampled_from(Kind)
lengths = st.integers(0, 30 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
spans = st.builds(Span, kinds, lengths)
calendars = st.sampled_from([CHINA, NEW_YORK])


@given(moments, spans, lengths)
def test_a_longer_span_never_ends_earlier(start: datetime, span: Span, more: timedelta) -> None:
    assert CHINA.add(start, Span(span.kind, span.length + more)) >= CHINA.add(start, span) >= start


@given(moments, lengths, spans)
def test_a_later_start_never_ends_earlier(start: datetime, later: timedelta, span: Span) -> None:
    assert CHINA.add(start + later, span) >= CHINA.add(start, span)


@given(calendars, moments, spans)
def test_working_spans_end_in_working_time(calendar: BusinessCalendar, start: datetime, span: Span) -> None:
    if span.kind in (Kind.WORKING_HOURS, Kind.WORKING_DAYS):
        end = calendar.add(start, span).astimezone(ZoneInfo(calendar.zone))
        assert calendar.works_on(end.date())
        assert calendar.opens <= end.time() <= calendar.closes


@given(moments, spans)
def test_between_is_the_inverse_of_add(start: datetime, span: Span) -> None:
    passed = CHINA.between(start, CHINA.add(start, span), span.kind)
    assert abs(passed.length - span.length) <= timedelta(microseconds=2)


@given(calendars, kinds, moments, moments, moments)
def test_elapsed_time_is_additive(
    calendar: BusinessCalendar, kind: Kind, one: datetime, two: datetime, three: datetime
) -> None:
    first, second, third = sorted((one, two, three))
    halves = calendar.between(first, second, kind).length + calendar.between(second, third, kind).length
    slack = timedelta(hours=1) if kind is Kind.NATURAL_DAYS else timedelta(microseconds=2)  # an hour of clock change
    assert abs(halves - calendar.between(first, third, kind).length) <= slack


@given(kinds, moments, lengths)
def test_no_time_elapses_backwards(kind: Kind, start: datetime, back: timedelta) -> None:
    assert CHINA.between(start, start - back, kind).length == timedelta(0)


def test_a_share_of_a_limit_is_of_its_kind() -> None:
    assert Span.parse("8d") * 0.25 == Span.parse("2d")
