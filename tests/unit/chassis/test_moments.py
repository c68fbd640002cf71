from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from chassis.moments import is_in_years, months_from, timed_fields
from chassis.validation import convert


class Plain(msgspec.Struct):
    name: str
    parts: list[Plain] = []


class Dated(msgspec.Struct):
    at: datetime
    parts: list[Dated] = []


def test_a_struct_may_hold_others_of_its_own_kind() -> None:
    assert timed_fields(Plain) == ()
    assert timed_fields(Dated) == ("at", "parts")
    now, never = datetime(2026, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)
    assert is_in_years(Dated(now, [Dated(now)]))
    assert not is_in_years(Dated(now, [Dated(now, [Dated(never)])]))


@pytest.mark.parametrize("strict", [True, False])
def test_a_conversion_looks_at_the_moments_once(strict: bool) -> None:
    given = {"at": "2026-01-01T00:00:00Z"}
    convert(given, Dated, strict)
    looks = timed_fields.cache_info().hits
    convert(given, Dated, strict)
    assert timed_fields.cache_info().hits == looks + 1


@pytest.mark.parametrize("written", ["0", "1767225600", "1e9", "-5", "0001-01-01T00:00:00Z", "2300-01-01T00:00:00Z"])
def test_a_moment_of_a_query_is_written_and_lies_in_the_years(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        convert({"at": written}, Dated, strict=False)
    assert [field for field, *_ in refused.value.faults] == ["at"]


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [("2026-01-31", 1, "2026-02-28"), ("2028-02-29", 12, "2029-02-28"), ("2026-12-15", 1, "2027-01-15"),
     ("2026-03-31", -1, "2026-02-28"), ("2026-01-01", -1, "2025-12-01"), ("2026-05-05", 0, "2026-05-05")],
)  # fmt: skip
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day: str, months: int, then: str) -> None:
    assert months_from(datetime.fromisoformat(day), months) == datetime.fromisoformat(then)


@given(st.dates(), st.integers(0, 120), st.integers(0, 120))
def test_more_months_never_end_earlier(day: date, months: int, more: int) -> None:
    start = datetime(day.year % 200 + 1900, day.month, min(day.day, 28), tzinfo=UTC)
    assert start <= months_from(start, months) <= months_from(start, months + more)
