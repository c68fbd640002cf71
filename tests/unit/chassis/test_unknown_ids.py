"""An unknown id is "not known yet" while its event may be on its way, and then does not exist."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from chassis.errors import Invalid
from chassis.persistence.tenant_data import TenantData
from chassis.replicas import NotKnownYet, Unknown

START = datetime(2026, 3, 2, tzinfo=UTC)


def at(seconds: float, known: float | None = None) -> TenantData:
    """Data at that second, of a service that knows the events up to the second `known` (else all)."""
    now = START + timedelta(seconds=seconds)
    known_until = now if known is None else START + timedelta(seconds=known)
    context = SimpleNamespace(tenant="wuhai", now=now)
    return cast(TenantData, SimpleNamespace(context=context, events_known_until=known_until))


def told(unknown: Unknown, seconds: float, key: str = "fire", known: float | None = None) -> str:
    try:
        unknown.raise_for(at(seconds, known), "lead", key)
    except NotKnownYet:
        return "try again"
    except Invalid:
        return "does not exist"
    raise AssertionError("an unknown id is always refused")


def test_within_the_lag_it_says_try_again_and_then_that_there_is_none() -> None:
    unknown = Unknown()
    assert [told(unknown, seconds) for seconds in (0, 1, 4.9, 5, 30)] == [*["try again"] * 3, *["does not exist"] * 2]


def test_who_asks_again_gets_an_answer_whatever_else_is_asked_for() -> None:
    unknown = Unknown()
    for second in range(5):
        assert told(unknown, second) == "try again"
        for other in range(3_000):
            told(unknown, second, f"{second}-{other}")
    assert told(unknown, 5) == "does not exist"


def test_what_it_keeps_is_bounded() -> None:
    unknown = Unknown()
    for other in range(10_100):
        told(unknown, 0, f"{other}")
    assert len(unknown._lookups) == 10_000


def test_an_id_that_was_asked_for_long_ago_may_have_been_made_since() -> None:
    unknown = Unknown()
    told(unknown, 0)
    assert told(unknown, 601) == "try again"


@pytest.mark.parametrize("pause", [1, 30, 600])
def test_however_slowly_somebody_repeats_it_ends(pause: int) -> None:
    unknown = Unknown()
    assert [told(unknown, pause * number) for number in range(12)][-1] == "does not exist"


def test_while_the_events_lag_it_says_try_again_and_once_they_have_caught_up_that_there_is_none() -> None:
    unknown = Unknown()
    assert {told(unknown, seconds, known=-30) for seconds in range(0, 600, 50)} == {"try again"}
    assert told(unknown, 600, known=4.9) == "try again"
    assert told(unknown, 600, known=5) == "does not exist"


def test_it_lags_once_what_was_made_a_while_ago_may_be_unknown() -> None:
    assert not Unknown.lags(at(60, known=55))
    assert Unknown.lags(at(60, known=54.9))
