from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from chassis.moments import is_in_years, timed_fields


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
