from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from chassis.errors import Invalid
from chassis.moments import is_in_years, timed_fields
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
