"""Deliveries of the event queue: decodes messages and runs their handler in batches."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import eventlet

from chassis import metrics
from chassis.context import Received, current
from chassis.envelope import UNREADABLE, Unreadable, decode, require_key
from chassis.messaging.names import HANDLER, KEY, REASON, REPLAYED, ROUNDS, TRIES
from chassis.persistence.data_source import DataSource
from chassis.persistence.failures import is_away

#: No event is tried or put back more often.
_MOST = 100


class Delivery:
    """A message of the queue, and the outcome of its handlers."""

    def __init__(self, message: Any) -> None:
        self.tag: int = message.delivery_info["delivery_tag"]
        self.redelivered: bool = message.delivery_info["redelivered"]
        # Linli's own headers are trusted only from the service's own retry exchange.
        is_retry = message.delivery_info["exchange"].endswith(".again")
        self.headers = _own_headers(message.headers or {}) if is_retry else {}
        self.key: str = self.headers.get(KEY, "") if is_retry else message.delivery_info["routing_key"]
        self.body: bytes = message.body
        self.received: Received | None = None
        self.failure: tuple[str, BaseException] | None = None
        self.is_left = False  # to a process of another version, which handles its type

    @property
    def kind(self) -> str:
        """The event type as handlers name it; empty if the message is unreadable."""
        return self.received.envelope.name if self.received else ""

    @property
    def tries(self) -> int:
        return int(self.headers.get(TRIES, 0))

    @property
    def rounds(self) -> int:
        return int(self.headers.get(ROUNDS, 0))

    @property
    def is_without_database(self) -> bool:
        """Whether it failed only because its database is away, which says nothing about the event."""
        return self.failure is not None and is_away(self.failure[1])

    @property
    def retryable(self) -> bool:
        """Whether a retry may help; it cannot for an unreadable message."""
        return self.failure is not None and not isinstance(self.failure[1], (Unreadable, *UNREADABLE))

    def read(self, data: DataSource) -> None:
        """Decodes the message. It is forged or broken if its routing key does not match its content."""
        try:
            envelope = decode(self.body)
            require_key(envelope, self.key, data.service)
            self.received = data.received(envelope, replayed=REPLAYED in self.headers)
        except Unreadable as error:
            self.failure = ("decode", error)


def _own_headers(headers: dict[str | bytes, Any]) -> dict[str, Any]:
    """Returns Linli's headers; one that is not what this service writes there is absent."""
    texts = {name: headers[name] for name in (KEY, REASON, HANDLER) if isinstance(headers.get(name), str)}
    counts = {name: headers[name] for name in (TRIES, ROUNDS) if _is_count(headers.get(name))}
    replayed = {REPLAYED: True} if REPLAYED in headers else {}
    return {**texts, **counts, **replayed}


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _MOST


class Batch:
    """Deliveries for one handler method."""

    def __init__(self, deliveries: list[Delivery]) -> None:
        self.deliveries = deliveries
        self._away: dict[str, Exception] = {}  # tenant: why its database does not answer

    def run(self, name: str, handle: Callable[[Received], Any]) -> None:
        """Handles different aggregates concurrently, which batches their writes, and each aggregate in order."""
        by_subject: dict[str, list[Delivery]] = defaultdict(list)
        for delivery in self.deliveries:
            if delivery.received is not None:
                by_subject[delivery.received.envelope.subject].append(delivery)
        pool = eventlet.GreenPool(64)
        for group in by_subject.values():
            pool.spawn_n(self._run_group, name, handle, group)
        pool.waitall()

    def _run_group(self, name: str, handle: Callable[[Received], Any], group: list[Delivery]) -> None:
        seconds = metrics.handler_seconds.labels(name)
        for delivery in group:
            received: Received = delivery.received  # type: ignore[assignment]  # only readable deliveries get here
            current.set(received)
            started = time.perf_counter()
            try:
                # Each event of a tenant whose database is away would wait seconds for it.
                if received.tenant in self._away:
                    raise self._away[received.tenant]
                handle(received)
            except Exception as error:  # noqa: BLE001  # the boundary: the message is retried or parked with its error
                delivery.failure = (name, error)
                if is_away(error):
                    self._away[received.tenant] = error
            seconds.observe(time.perf_counter() - started)
