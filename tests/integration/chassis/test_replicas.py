"""Two processes of a service at once: a decision on an outdated state is never stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

import eventlet
import pytest
from eventlet.event import Event as Signal
from pymongo.collection import Collection

from chassis.clock import SystemClock
from chassis.context import Call
from chassis.persistence.collections import TenantCollections
from chassis.persistence.data_source import DataSource
from chassis.persistence.outbox_relay import OutboxRelay
from chassis.security.principal import Principal
from tests.integration.chassis.sample import Tally
from tests.servers.site import Site

BY = Principal(tenant="wuhai", subject="u-1", roles=frozenset({"street"}), area="/1503/")


class Kept(OutboxRelay):
    """Relay that does not run: it keeps its offers."""

    offered: list[str]

    def offer(self, collection: Collection[Any], document_id: str, entries: list[dict[str, Any]]) -> None:
        self.offered += [entry["id"] for entry in entries]


@contextmanager
def replica(site: Site) -> Iterator[tuple[DataSource, Kept]]:
    own = site.service_settings("cases")
    collections = TenantCollections(own.mongodb_uri, own.database, {}, own.write_concern, [Tally])
    collections.ensure_indexes()
    relay = Kept(own.amqp_uri, collections, SystemClock())
    relay.offered = []
    yield DataSource("cases", collections, relay, SystemClock()), relay
    collections.close()


@pytest.fixture
def two(site: Site) -> Iterator[list[tuple[DataSource, Kept]]]:
    with ExitStack() as stack:
        yield [stack.enter_context(replica(site)) for _ in range(2)]


def call(key: str, correlation_id: str) -> Call:
    return Call(
        tenant="wuhai", actor="u-1", now=SystemClock().now(), correlation_id=correlation_id,
        principal=BY, method="add", key=key, fingerprint="f",
    )  # fmt: skip


def race(two: list[tuple[DataSource, Kept]], tally: str, calls: list[Call]) -> list[int]:
    """Each process adds 1, and neither writes before both have read."""
    document = Tally(id=f"wuhai:{tally}", tenant="wuhai", name=tally)
    assert two[0][0].of(call("", f"open {tally}")).add(document)
    both = Signal()
    read: set[int] = set()

    def adding(number: int) -> Callable[[Tally], int]:
        def add(found: Tally) -> int:
            read.add(number)
            if len(read) == 2 and not both.ready():
                both.send()
            both.wait()
            return found.add(1)

        return add

    changes = [
        eventlet.spawn(source.of(calls[number]).change, Tally, tally, adding(number))
        for number, (source, _) in enumerate(two)
    ]
    return [change.wait() for change in changes]


def stored(two: list[tuple[DataSource, Kept]], tally: str) -> dict[str, Any]:
    row = two[0][0].collections.of("wuhai", Tally).pymongo.find_one({"_id": f"wuhai:{tally}"})
    assert row is not None
    return row


def offered(two: list[tuple[DataSource, Kept]]) -> list[str]:
    return [event for _, relay in two for event in relay.offered]


def test_of_one_call_that_both_run_one_counts_and_its_event_alone_goes_out(two: list[tuple[DataSource, Kept]]) -> None:
    assert race(two, "T1", [call("key", "first"), call("key", "again")]) == [1, 1]
    row = stored(two, "T1")
    assert row["count"] == 1
    assert offered(two) == [entry["id"] for entry in row["outbox"]]


def test_two_calls_that_share_a_correlation_id_both_count(two: list[tuple[DataSource, Kept]]) -> None:
    assert sorted(race(two, "T2", [call("", "same"), call("", "same")])) == [1, 2]
    row = stored(two, "T2")
    assert row["count"] == 2
    assert sorted(offered(two)) == sorted(entry["id"] for entry in row["outbox"])


def test_no_replica_publishes_what_another_one_wrote(two: list[tuple[DataSource, Kept]]) -> None:
    source, _ = two[0]
    source.of(call("", "open")).add(Tally(id="wuhai:T3", tenant="wuhai", name="T3"))
    for number in range(6):
        two[number % 2][0].of(call("", f"step {number}")).change(Tally, "T3", lambda found: found.add(1))
    assert sorted(offered(two)) == sorted(entry["id"] for entry in stored(two, "T3")["outbox"])
    assert len(two[0][1].offered) == len(two[1][1].offered) == 3


def test_events_that_never_get_out_keep_no_others_waiting(two: list[tuple[DataSource, Kept]]) -> None:
    source, relay = two[0]
    collection = source.collections.of("wuhai", Tally).pymongo
    old = SystemClock().now() - timedelta(minutes=1)
    key, body = "stuck.cases.tally.opened.v1", b"{}"
    rows = [
        {
            "_id": f"stuck:S{number:04}",
            "tenant": "stuck",
            "version": 1,
            "outbox": [{"id": f"e{number}", "t": old, "k": key, "b": body}],
        }
        for number in range(700)
    ]
    collection.insert_many(rows)
    for _ in range(2):
        relay.sweep()
    assert set(relay.offered) == {row["outbox"][0]["id"] for row in rows}
