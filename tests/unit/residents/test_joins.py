"""A code opens a record only while it is the last one, in time, unused, and not tried too often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.residents.joins.model import (
    CODE_HOLDS,
    JOINED,
    NOT_JOINED,
    Join,
    RecordJoined,
    Redemptions,
    SignIn,
    SignInJoined,
)
from tests.unit.residents import samples as s

pytestmark = pytest.mark.domain("Privacy: rights of the resident")


def offered(code: str = "hash") -> Join:
    join = Join.blank(s.resident())
    join.issue_code(s.WORKER, code, s.GRID, s.NOW)
    return join


def redeem(join: Join, code: str = "hash", fits: bool = True, after: timedelta = timedelta(0)) -> bool:
    return join.redeem("r-1", code, fits, s.GRID, s.NOW + after)


def test_a_code_that_was_replaced_after_it_was_looked_up_opens_nothing() -> None:
    join = offered("old")
    join.issue_code(s.WORKER, "new", s.GRID, s.NOW)
    assert not redeem(join, "old")
    assert (join.state, join.code_tries) == (NOT_JOINED, 0)
    assert redeem(join, "new")


def test_a_code_holds_until_its_last_moment() -> None:
    assert redeem(offered(), after=CODE_HOLDS - timedelta(milliseconds=1))
    assert not redeem(offered(), after=CODE_HOLDS)


def test_a_record_that_a_counter_joined_meanwhile_takes_no_code() -> None:
    join = offered()
    join.make("r-2", "passport", "k-1", s.GRID, s.NOW)
    assert not redeem(join)
    assert (join.state, join.subject) == (JOINED, "r-2")
    with pytest.raises(RecordJoined):
        join.issue_code(s.WORKER, "new", s.GRID, s.NOW)


def test_a_join_that_ended_does_not_give_its_code_back() -> None:
    join = offered()
    assert redeem(join)
    join.end()
    assert not redeem(join)


def test_tries_are_counted_by_the_day_of_the_first() -> None:
    tries = Redemptions.blank(s.TENANT, "r-1", s.NOW)
    assert [tries.take_one(s.NOW) for _ in range(6)] == [True] * 5 + [False]
    assert not tries.take_one(s.NOW + timedelta(hours=23))
    assert tries.take_one(s.NOW + timedelta(days=1))


def test_a_sign_in_keeps_its_record_though_a_merge_ends_while_the_join_is_settled() -> None:
    sign_in = SignIn.blank(s.TENANT, "r-1")
    sign_in.claim("R1", "")
    sign_in.claim("R1", "R2")  # R1 was merged into R2 a moment ago
    assert sign_in.resident == "R1"
    with pytest.raises(SignInJoined):
        sign_in.claim("R3", "R1")
