"""Heartbeat of bindings: the queue is bound to the event types that a running replica handles, and to no others.

AMQP cannot list bindings, so what is bound stands in the service's database, with the time when a replica last said
that it handles the type (docs/decisions/0010).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import eventlet
from pymongo import UpdateOne
from pymongo.collection import Collection as Rows
from pymongo.errors import PyMongoError

from chassis.clock import Clock
from chassis.messaging import amqp
from chassis.messaging.names import EVENTS

log = logging.getLogger(__name__)
#: A type that no replica has said to handle for so long is handled by none: an older version has ended by then.
GRACE = timedelta(minutes=15)
_SECONDS = 60.0


class Bindings:
    """Of one queue, by one replica. `kinds` are the types that this replica handles: `{_id: type, seen}` each."""

    def __init__(
        self, rows: Rows[dict[str, Any]], queue: str, amqp_uri: str, kinds: Collection[str], clock: Clock
    ) -> None:
        self._rows = rows
        self._queue = queue
        self._amqp_uri = amqp_uri
        self._kinds = kinds
        self._clock = clock
        self._steady_since: datetime | None = None

    def bind(self, channel: Any) -> None:
        """Says first that they are handled: whoever unbinds a type looks for that afterwards."""
        self._renew_if_possible()
        for kind in self._kinds:
            channel.queue_bind(self._queue, EVENTS, f"*.{kind}")

    def tend_always(self) -> None:
        """As long as the process runs."""
        while True:
            eventlet.sleep(_SECONDS)
            if self._renew_if_possible():
                self._unbind_if_possible()

    def renew(self) -> None:
        """Raises the driver's errors."""
        now = self._clock.now()
        if self._kinds:
            self._rows.bulk_write(
                [UpdateOne({"_id": kind}, {"$set": {"seen": now}}, upsert=True) for kind in sorted(self._kinds)]
            )
        self._steady_since = self._steady_since or now

    def unbind_abandoned(self) -> None:
        """Raises the driver's errors and `amqp.LOST`; may end at any step and be repeated."""
        now = self._clock.now()
        # While the database was away nobody could say what they handle: first they must have had the time to.
        if self._steady_since is None or now - self._steady_since < GRACE:
            return
        abandoned = list(self._rows.find({"_id": {"$nin": sorted(self._kinds)}, "seen": {"$lt": now - GRACE}}))
        if abandoned:
            with self._channel() as channel:
                for row in abandoned:
                    self._unbind(channel, row)

    def _unbind(self, channel: Any, row: dict[str, Any]) -> None:
        kind = row["_id"]
        channel.queue_unbind(self._queue, EVENTS, f"*.{kind}")
        if self._rows.delete_one({"_id": kind, "seen": row["seen"]}).deleted_count:
            log.info("events of type %s are handled no more: unbound", kind)
        elif self._rows.find_one({"_id": kind}):
            # An older version has come back meanwhile, and may have bound it before we unbound it.
            channel.queue_bind(self._queue, EVENTS, f"*.{kind}")

    def _renew_if_possible(self) -> bool:
        try:
            self.renew()
        except PyMongoError as error:
            self._steady_since = None
            log.warning("what is handled is noted later: %s", type(error).__name__)
            return False
        return True

    def _unbind_if_possible(self) -> None:
        try:
            self.unbind_abandoned()
        except (PyMongoError, *amqp.LOST) as error:
            log.warning("what is handled no more is unbound later: %s", type(error).__name__)

    @contextmanager
    def _channel(self) -> Iterator[Any]:
        connection = amqp.connect(self._amqp_uri)
        try:
            yield connection.channel()
        finally:
            amqp.close(connection)
