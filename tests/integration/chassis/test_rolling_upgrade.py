"""Two versions of a service share its queue: each leaves to the other what only the other handles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from chassis.envelope import Envelope
from chassis.ids import uuid7
from chassis.messaging.names import BACKOFF
from launcher.servers.process import wait_until
from tests.integration.chassis.anyone import Broker, added
from tests.integration.chassis.halves import ADDED_NEXT
from tests.integration.chassis.sample import Added
from tests.servers.caller import Caller
from tests.servers.site import Running, Site

HALVES = "tests.integration.chassis.halves"
GONE = "cases.tally.gone.v1"
EVENTS = 20


@pytest.fixture
def launch(sample_site: Site) -> Iterator[Callable[[str], Running]]:
    """Starts another version of the service next to the running one."""
    started: list[Running] = []

    def run(name: str) -> Running:
        started.append(sample_site.launch("cases", runs=f"{HALVES}:{name}"))
        started[-1].wait_until_ready()
        return started[-1]

    yield run
    for each in started:
        each.stop()


@pytest.fixture
def gone(sample_site: Site, as_anyone: Broker) -> Iterator[Any]:
    """The rows of the leases, for a type that is bound and that no process handles."""
    as_anyone.channel.queue_bind("cases", "linli.events", f"*.{GONE}")
    rows = sample_site.collections("cases")["bindings"]
    yield rows
    rows.delete_one({"_id": GONE})
    as_anyone.channel.queue_unbind("cases", "linli.events", f"*.{GONE}")


def of_type(event: Envelope, kind: str) -> Envelope:
    return msgspec.structs.replace(event, id=uuid7(), type=f"linli.{kind}")


def waiting(broker: Broker) -> int:
    """The number of messages in the queue of the service and its retry queues."""
    return sum(broker.waiting(queue) for queue in ("cases", *(f"cases.retry.{each}" for each in set(BACKOFF))))


def log_of(running: Running) -> str:
    return running.part.log.read_text()


def test_during_a_rolling_upgrade_no_version_loses_an_event(
    caller: Caller,
    as_anyone: Broker,
    sample_site: Site,
    tenant: str,
    total: Callable[[str], int],
    launch: Callable[[str], Running],
) -> None:
    launch("Successor")
    caller("sum", name="a")
    for number in range(EVENTS):
        as_anyone.publish(added(tenant, "a", by=1, subject=f"T{number}"))
        as_anyone.publish(of_type(added(tenant, "a", by=1, subject=f"N{number}"), ADDED_NEXT))
    mirror = sample_site.collections("cases").mirror
    handled_next = {"tenant": tenant, "name": "next"}
    wait_until(lambda: total("a") == EVENTS and mirror.count_documents(handled_next) == EVENTS, 60)
    assert (total("a"), mirror.count_documents(handled_next)) == (EVENTS, EVENTS)
    assert list(as_anyone.messages("cases.parked")) == []


def test_an_event_for_a_process_that_does_not_answer_waits_without_a_failed_try_and_blocks_nothing(
    caller: Caller, as_anyone: Broker, tenant: str, total: Callable[[str], int], gone: Any
) -> None:
    gone.insert_one({"_id": GONE, "seen": datetime.now(UTC)})
    caller("sum", name="a")
    for number in range(EVENTS):
        as_anyone.publish(of_type(added(tenant, "a", by=1, subject=f"T{number}"), GONE))
    as_anyone.publish(added(tenant, "a", by=1))
    assert wait_until(lambda: total("a") == 1, 60)
    found: list[Any] = []
    assert wait_until(lambda: bool(found.extend(as_anyone.messages("cases.retry.5")) or len(found) == EVENTS), 60)
    headers = [properties.headers for _, properties, _ in found]
    assert {each["linli-rounds"] for each in headers} == {5}
    assert not any("linli-tries" in each for each in headers)
    assert list(as_anyone.messages("cases.parked")) == []


def test_an_event_that_waits_is_acknowledged_once_its_type_is_given_up(
    caller: Caller, as_anyone: Broker, sample: Running, tenant: str, gone: Any
) -> None:
    gone.insert_one({"_id": GONE, "seen": datetime.now(UTC)})
    as_anyone.publish(of_type(added(tenant, "a", by=1), GONE))
    assert wait_until(lambda: as_anyone.waiting("cases.retry.1") == 1, 60)
    gone.delete_one({"_id": GONE})
    told = f"events of type {GONE} are acknowledged"
    assert wait_until(lambda: told in log_of(sample), 60)
    assert wait_until(lambda: waiting(as_anyone) == 0, 60)
    assert list(as_anyone.messages("cases.parked")) == []


def test_a_service_without_handlers_empties_its_queue(
    sample: Running, sample_site: Site, as_anyone: Broker, tenant: str, launch: Callable[[str], Running]
) -> None:
    sample.stop()
    for number in range(EVENTS):
        as_anyone.publish(added(tenant, "a", by=1, subject=f"T{number}"))
    assert wait_until(lambda: as_anyone.waiting("cases") == EVENTS, 60)
    rows = sample_site.collections("cases")["bindings"]
    rows.delete_many({})  # as after the 15 minutes
    answering = launch("Answering")
    assert wait_until(lambda: f"events of type {Added.type} are acknowledged" in log_of(answering), 60)
    answering.stop()  # it drains first
    assert waiting(as_anyone) == 0
    assert list(as_anyone.messages("cases.parked")) == []
