"""How far a process has come with the events of its queue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chassis.clock import EPOCH
from chassis.messaging.event_lag import EventLag

START = datetime(2026, 3, 2, tzinfo=UTC)


class Clock:
    at = START

    def now(self) -> datetime:
        return self.at


def test_before_the_consumer_has_come_by_nothing_is_known() -> None:
    assert EventLag(Clock()).known_until == EPOCH


def test_it_stands_still_while_the_consumer_does() -> None:
    clock = Clock()
    lag = EventLag(clock)
    lag.queue_is_empty()
    clock.at += timedelta(minutes=10)
    assert lag.known_until == START
    lag.handled(START + timedelta(minutes=1))
    assert lag.known_until == START + timedelta(minutes=1)
    lag.queue_is_empty()
    assert lag.known_until == clock.at


def test_an_event_from_the_future_does_not_carry_it_beyond_now() -> None:
    lag = EventLag(Clock())
    lag.handled(START + timedelta(days=400))
    assert lag.known_until == START


def test_what_went_back_untried_is_waited_for() -> None:
    clock = Clock()
    lag = EventLag(clock)
    lag.queue_is_empty()
    lag.put_back(timedelta(seconds=30))
    clock.at += timedelta(seconds=29)
    lag.queue_is_empty()
    lag.handled(clock.at)
    assert lag.known_until == START
    clock.at += timedelta(seconds=1)
    lag.queue_is_empty()
    assert lag.known_until == clock.at
