"""Bindings: a queue is unbound from the event types that no running process handles, and only from those."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import MongoClient

from chassis.entrypoints.bindings import Bindings
from chassis.entrypoints.leases import GRACE, Leases
from chassis.messaging import amqp
from launcher.servers.process import wait_until
from tests.integration.chassis.sample import Added
from tests.servers.set_clock import SetClock
from tests.servers.site import Site

OLD, KEPT = "cases.tally.counted.v1", "cases.tally.opened.v1"
MINUTE = timedelta(minutes=1)
Replica = Callable[..., Bindings]


@pytest.fixture
def site(sample_site: Site) -> Site:
    sample_site.collections("org")["bindings"].delete_many({})
    return sample_site


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 2, 8, tzinfo=UTC))


@pytest.fixture
def replica(site: Site, clock: SetClock) -> Replica:
    """A process that handles these types and has just bound them."""

    def start(*kinds: str, clock: SetClock = clock) -> Bindings:
        leases = Leases(site.collections("org")["bindings"], kinds, clock)
        bindings = Bindings(leases, "org", site.amqp("org"))
        connection = amqp.connect(site.amqp("org"))
        bindings.bind(connection.channel())
        amqp.close(connection)
        return bindings

    return start


def bound(site: Site, queue: str = "org") -> set[str]:
    found: list[dict[str, Any]] = site.broker.call("GET", f"/api/queues/{site.name}/{queue}/bindings")
    return {each["routing_key"].removeprefix("*.") for each in found if each["source"] == "linli.events"}


def pass_time(clock: SetClock, by: timedelta, *replicas: Bindings) -> None:
    """Each process renews its bindings once a minute, then removes abandoned ones."""
    for _ in range(by // MINUTE):
        clock.advance(MINUTE)
        for each in replicas:
            each.keep()


def test_a_type_that_no_version_handles_any_more_is_unbound(site: Site, clock: SetClock, replica: Replica) -> None:
    replica(OLD, KEPT)
    new = replica(KEPT)
    pass_time(clock, GRACE + MINUTE, new)
    assert bound(site) == {KEPT}
    assert site.collections("org")["bindings"].count_documents({}) == 1


def test_as_long_as_an_older_replica_runs_its_types_stay_bound(site: Site, clock: SetClock, replica: Replica) -> None:
    old, new = replica(OLD, KEPT), replica(KEPT)
    pass_time(clock, 3 * GRACE, old, new)
    assert bound(site) == {OLD, KEPT}
    pass_time(clock, GRACE + MINUTE, new)
    assert bound(site) == {KEPT}


def test_after_the_database_was_away_an_older_replica_has_time_to_say_what_it_handles(
    site: Site, clock: SetClock, replica: Replica
) -> None:
    old, _ = replica(OLD, KEPT), replica(KEPT)
    clock.advance(2 * GRACE)  # no process could renew
    fresh = replica(KEPT)
    fresh.keep()
    assert bound(site) == {OLD, KEPT}
    pass_time(clock, 2 * GRACE, old, fresh)
    assert bound(site) == {OLD, KEPT}


def test_a_type_that_an_older_version_binds_again_while_it_is_unbound_stays_bound(
    site: Site, clock: SetClock, replica: Replica
) -> None:
    replica(OLD)
    new = replica(KEPT)
    pass_time(clock, GRACE, new)
    clock.advance(MINUTE)
    stale = site.collections("org")["bindings"].find_one({"_id": OLD})
    assert stale
    replica(OLD)  # a rollback, after `new` has read which types are abandoned
    with new._channel() as channel:
        new._unbind(channel, stale)
    assert OLD in bound(site)


def test_two_replicas_that_unbind_at_once_leave_it_unbound(site: Site, clock: SetClock, replica: Replica) -> None:
    replica(OLD)
    new = replica(KEPT)
    pass_time(clock, GRACE, new)
    stale = site.collections("org")["bindings"].find_one({"_id": OLD})
    assert stale
    with new._channel() as channel:
        new._unbind(channel, stale)
        new._unbind(channel, stale)
    assert OLD not in bound(site)


def test_a_replica_that_was_paused_binds_again_and_says_what_may_be_missing(
    site: Site, clock: SetClock, replica: Replica, caplog: pytest.LogCaptureFixture
) -> None:
    paused, new = replica(OLD, KEPT), replica(KEPT)
    pass_time(clock, GRACE + MINUTE, new)
    assert bound(site) == {KEPT}
    paused.keep()
    assert bound(site) == {OLD, KEPT}
    [warning] = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert f"event type {OLD} " in warning
    assert "2026-03-02T08:00:00+00:00" in warning
    assert "./linli resync org --tenant" in warning


def test_what_was_unbound_by_a_process_that_died_before_it_could_say_so_is_bound_again(
    site: Site, clock: SetClock, replica: Replica
) -> None:
    old = replica(OLD, KEPT)
    with old._channel() as channel:
        channel.queue_unbind("org", "linli.events", f"*.{OLD}")
    assert bound(site) == {KEPT}
    pass_time(clock, MINUTE, old)
    assert bound(site) == {OLD, KEPT}


@pytest.mark.parametrize("late", [2 * GRACE, -2 * GRACE], ids=["late", "early"])
def test_the_types_of_a_replica_whose_clock_is_wrong_stay_bound(
    site: Site, clock: SetClock, replica: Replica, late: timedelta
) -> None:
    wrong = SetClock(clock.now() - late)
    old, new = replica(OLD, KEPT, clock=wrong), replica(KEPT)
    for _ in range(2 * GRACE // MINUTE):
        pass_time(wrong, MINUTE, old)
        pass_time(clock, MINUTE, new)
        assert bound(site) == {OLD, KEPT}


def test_after_all_were_paused_together_an_older_replica_has_time_to_say_what_it_handles(
    site: Site, clock: SetClock, replica: Replica
) -> None:
    old, new = replica(OLD, KEPT), replica(KEPT)
    pass_time(clock, 2 * MINUTE, old, new)
    clock.advance(2 * GRACE)
    new.keep()
    assert bound(site) == {OLD, KEPT}


def test_what_a_service_handled_before_it_lost_its_last_handler_is_unbound(
    site: Site, clock: SetClock, replica: Replica
) -> None:
    replica(OLD)
    pass_time(clock, GRACE + MINUTE, replica())
    assert OLD not in bound(site)
    assert site.collections("org")["bindings"].count_documents({}) == 0


def test_who_handles_a_type_is_known_from_the_moment_it_is_noted_and_in_doubt_assumed(
    site: Site, clock: SetClock, replica: Replica
) -> None:
    rows = site.collections("org")["bindings"]
    leases = Leases(rows, [KEPT], clock)
    assert leases.held({OLD}) == set()
    replica(OLD)
    assert leases.held({OLD, "cases.tally.never.v1"}) == {OLD}
    nowhere: MongoClient[Any] = MongoClient("mongodb://127.0.0.1:9", serverSelectionTimeoutMS=1)
    assert Leases(nowhere["x"]["bindings"], [KEPT], clock).held({OLD}) == {OLD}
    nowhere.close()


def test_a_running_service_says_what_it_handles(sample_site: Site, sample: Any) -> None:
    rows = sample_site.collections("cases")["bindings"]
    assert wait_until(lambda: rows.find_one({"_id": Added.type}) is not None, 60)
    assert Added.type in bound(sample_site, "cases")
