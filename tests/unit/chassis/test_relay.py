"""Outbox relay: publishes events, removes them from their outboxes, and survives the loss of broker or database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import eventlet
import pytest
from amqp import exceptions as amqp_exceptions
from pymongo.errors import AutoReconnect

from chassis.clock import SystemClock
from chassis.messaging import amqp
from chassis.messaging.tenant_log import REMADE_AFTER
from chassis.persistence import outbox_relay
from chassis.persistence.outbox_relay import OutboxRelay


class Broker:
    """Fake publisher: returns the ids in `returned`, and raises one error of `lost` for each batch.

    It refuses the ids in `refused`, as the broker does, without saying which; `without` are queues that it lacks;
    `during` runs while it publishes.
    """

    def __init__(self, done: list[str]) -> None:
        self.returned: set[str] = set()
        self.refused: set[str] = set()
        self.without: set[str] = set()
        self.lost: list[Exception] = []
        self.during: Callable[[], object] = lambda: None
        self._done = done

    def publish(self, messages: Sequence[amqp.Message]) -> set[str]:
        if self.lost:
            raise self.lost.pop()
        if self.refused & {message.id for message in messages}:
            raise amqp_exceptions.AccessRefused("write access refused", (60, 40))
        self._done += [f"{message.id} published" for message in messages]
        self.during()
        return self.returned & {message.id for message in messages}

    def missing(self, queues: Iterable[str]) -> set[str]:
        return self.without & set(queues)

    def beat(self) -> None:
        pass

    def close(self) -> None:
        self._done.append("closed")


class Outboxes:
    """Fake collection: raises one error of `lost` for each update."""

    def __init__(self, done: list[str]) -> None:
        self.lost: list[Exception] = []
        self._done = done

    def update_many(self, where: Any, update: Any) -> None:
        if self.lost:
            raise self.lost.pop()
        documents = "".join(sorted(where["_id"]["$in"]))
        events = "".join(sorted(update["$pull"]["outbox"]["id"]["$in"]))
        self._done.append(f"{events} taken out of {documents}")


class Running:
    """A running relay; `done` lists its actions in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        self.broker, self.outboxes = Broker(self.done), Outboxes(self.done)
        monkeypatch.setattr(amqp, "Publisher", lambda uri: self.broker)
        collections: Any = None  # no test sweeps
        self.relay = OutboxRelay("amqp://nowhere", collections, SystemClock())
        self._thread = eventlet.spawn(self.relay.run)

    def offer(self, document: str, events: str) -> None:
        collection: Any = self.outboxes
        self.relay.offer(collection, document, [{"id": each, "k": "t.cases.case.made.v1", "b": b""} for each in events])

    def wait(self, condition: Callable[[], bool]) -> None:
        with eventlet.Timeout(10):
            while not condition():
                eventlet.sleep(0)

    def stop(self) -> list[str]:
        self.relay.stop()
        self._thread.wait()
        return self.done


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Running:
    return Running(monkeypatch)


def test_what_is_held_goes_out_in_the_order_of_the_offers_and_leaves_its_outboxes_together_before_the_end(
    running: Running,
) -> None:
    running.offer("B", "21")
    running.offer("A", "3")
    assert running.stop() == ["2 published", "1 published", "3 published", "123 taken out of AB", "closed"]


def test_an_event_that_the_sweep_meets_on_its_way_is_published_once(running: Running) -> None:
    running.offer("A", "1")
    running.wait(lambda: "1 taken out of A" in running.done)
    running.offer("A", "12")
    assert running.stop() == ["1 published", "1 taken out of A", "2 published", "12 taken out of A", "closed"]


def test_what_the_broker_returns_stays_in_its_outbox_and_is_published_when_it_is_offered_again(
    running: Running,
) -> None:
    running.broker.returned = {"2"}
    running.offer("A", "123")
    running.wait(lambda: "13 taken out of A" in running.done)
    running.broker.returned = set()
    running.done.clear()
    running.offer("A", "2")
    assert running.stop() == ["2 published", "2 taken out of A", "closed"]


def test_of_a_batch_with_which_the_broker_was_lost_nothing_leaves_its_outbox_and_the_next_goes_out(
    running: Running,
) -> None:
    running.broker.lost = [ConnectionResetError()]
    running.offer("A", "1")
    running.wait(lambda: not running.broker.lost)
    running.offer("B", "2")
    assert running.stop() == ["2 published", "2 taken out of B", "closed"]


def test_what_was_published_as_the_database_was_lost_is_taken_out_later_and_not_published_again(
    running: Running,
) -> None:
    running.outboxes.lost = [AutoReconnect()]
    running.offer("A", "1")
    running.wait(lambda: not running.outboxes.lost)
    running.offer("A", "1")
    assert running.stop() == ["1 published", "1 taken out of A", "closed"]


def test_more_offers_than_can_be_held_are_left_to_the_sweep(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_relay, "_MAX_QUEUED", 2)
    for document in "ABC":
        running.offer(document, document.lower())
    assert running.stop() == ["a published", "b published", "ab taken out of AB", "closed"]


def test_what_the_broker_refuses_is_set_aside_and_the_rest_goes_out_in_order(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.broker.refused = {"2"}
    running.offer("A", "123")
    running.offer("B", "4")
    running.wait(lambda: "134 taken out of AB" in running.done)
    assert running.done == ["1 published", "3 published", "4 published", "134 taken out of AB"]
    running.done.clear()
    running.offer("A", "2")
    running.offer("B", "5")
    running.wait(lambda: "5 taken out of B" in running.done)
    assert running.done == ["5 published", "5 taken out of B"]
    running.done.clear()
    running.broker.refused = set()
    monkeypatch.setattr(running.relay, "_set_aside", {"2": 0.0})
    running.offer("A", "2")
    assert running.stop() == ["2 published", "2 taken out of A", "closed"]


def test_a_refused_connection_sets_no_event_aside(running: Running) -> None:
    running.broker.lost = [amqp_exceptions.AccessRefused("login refused", (10, 11))]
    running.offer("A", "1")
    running.wait(lambda: not running.broker.lost)
    running.offer("A", "1")
    assert running.stop() == ["1 published", "1 taken out of A", "closed"]


def test_what_no_log_holds_stays_in_its_outbox_until_there_is_one(running: Running) -> None:
    running.broker.without = {"log.t"}
    running.offer("A", "1")
    running.wait(lambda: running.relay._logs.missing == {"t"})
    running.offer("A", "12")
    running.wait(running.relay._offers.empty)
    running.broker.without = set()
    running.offer("A", "12")
    assert running.stop() == ["1 published", "2 published", "12 taken out of A", "closed"]


def test_what_was_published_as_the_log_was_lost_stays_in_its_outbox(running: Running) -> None:
    running.broker.during = lambda: running.broker.without.add("log.t")
    running.offer("A", "1")
    running.wait(lambda: running.relay._logs.missing == {"t"})
    running.broker.during, running.broker.without = lambda: None, set()
    running.offer("A", "1")
    assert running.stop() == ["1 published", "1 published", "1 taken out of A", "closed"]


def test_what_was_published_in_a_time_in_which_a_log_may_have_been_made_again_is_published_once_more(
    running: Running,
) -> None:
    now = [0.0]
    running.relay._logs._clock = lambda: now[0]
    running.broker.during = lambda: now.append(now.pop() + REMADE_AFTER)
    running.offer("A", "1")
    running.wait(lambda: running.done == ["1 published"] and not running.relay._published)
    running.broker.during = lambda: None
    running.offer("A", "1")
    assert running.stop() == ["1 published", "1 published", "1 taken out of A", "closed"]
