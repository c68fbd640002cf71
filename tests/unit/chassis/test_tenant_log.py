"""Tenant logs: seen all the time or not, and made again only when every publisher has seen them missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from chassis.messaging import amqp, tenant_log
from chassis.messaging.tenant_log import REMADE_AFTER, LogSightings, TenantLogs


class Broker:
    """Fake publisher, which lacks the logs in `without`."""

    def __init__(self) -> None:
        self.without: set[str] = set()

    def missing(self, queues: Iterable[str]) -> set[str]:
        return {queue for queue in queues if queue.removeprefix("log.") in self.without}


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def lossy() -> Broker:
    return Broker()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sightings(lossy: Any, clock: Clock) -> LogSightings:
    return LogSightings(lossy, clock)


def test_a_first_look_says_nothing_about_the_time_before_it(sightings: LogSightings) -> None:
    assert sightings.look(["a"]) == set()
    assert sightings.look(["a", "b"]) == {"a"}


def test_a_log_was_there_all_the_time_if_it_cannot_have_been_made_again_between_two_looks(
    sightings: LogSightings, clock: Clock
) -> None:
    sightings.look(["a"])
    clock.now += REMADE_AFTER - 0.1
    assert sightings.look(["a"]) == {"a"}
    clock.now += REMADE_AFTER
    assert sightings.look(["a"]) == set()


def test_a_log_that_was_away_between_two_looks_was_not_there_all_the_time(
    sightings: LogSightings, lossy: Broker
) -> None:
    sightings.look(["a", "b"])
    lossy.without = {"a"}
    assert sightings.look(["a", "b"]) == {"b"}
    assert sightings.missing == {"a"}
    lossy.without = set()
    assert sightings.look(["a", "b"]) == {"b"}
    assert sightings.missing == set()


def test_a_log_is_looked_for_before_an_event_unless_it_was_seen_a_moment_ago(
    sightings: LogSightings, lossy: Broker, clock: Clock
) -> None:
    assert sightings.are_old(["a"])
    sightings.look(["a"])
    assert not sightings.are_old(["a"])
    clock.now += REMADE_AFTER / 2 + 0.1
    assert sightings.are_old(["a"])
    lossy.without = {"a"}
    sightings.look(["a"])
    assert sightings.are_old(["a"])


def test_a_lost_log_is_made_again_once_every_publisher_has_seen_it_missing(
    lossy: Broker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    monkeypatch.setattr(amqp, "Publisher", lambda uri: lossy)
    monkeypatch.setattr(tenant_log, "declare_tenant_log", lambda uri, tenant: made.append(tenant))
    logs = TenantLogs("amqp://nowhere", clock)
    lossy.without = {"a", "b"}
    logs.keep(["a", "b", "c"])
    clock.now += REMADE_AFTER - 0.1
    lossy.without = {"a"}
    logs.keep(["a", "b", "c"])
    assert made == []
    clock.now += 0.1
    lossy.without = {"a", "b"}
    logs.keep(["a", "b", "c"])
    assert made == ["a"]
