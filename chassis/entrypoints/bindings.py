"""Leases of queue bindings: a service's queue is bound only to the event types that a running process handles.

AMQP cannot list bindings, so the service's database holds them, each with the time when a process last renewed it
(docs/decisions/0015).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import eventlet
from eventlet.event import Event as Signal
from pymongo import UpdateOne
from pymongo.collection import Collection as Rows
from pymongo.errors import PyMongoError

from chassis.clock import Clock
from chassis.messaging import amqp
from chassis.messaging.names import EVENTS

log = logging.getLogger(__name__)
#: A binding that no process has renewed for this long is abandoned: by then an older version has stopped.
GRACE = timedelta(minutes=15)
_RENEW_SECONDS = 60.0


class Bindings:
    """The bindings of one queue, as renewed by one process. `kinds`: the event types that this process handles.

    Rows: `{_id: type, seen: time of the last renewal}`.
    """

    def __init__(
        self, rows: Rows[dict[str, Any]], queue: str, amqp_uri: str, kinds: Collection[str], clock: Clock
    ) -> None:
        self._rows = rows
        self._queue = queue
        self._amqp_uri = amqp_uri
        self._kinds = kinds
        self._clock = clock
        self._renewing_since: datetime | None = None
        self._stopping = Signal()

    def bind(self, channel: Any) -> None:
        """Renews the leases, then binds: a process that unbinds a type checks its lease afterwards."""
        self._renew_if_possible()
        for kind in self._kinds:
            channel.queue_bind(self._queue, EVENTS, f"*.{kind}")

    def maintain(self) -> None:
        """Renews and cleans up bindings until `stop`."""
        while not self._stopping.ready():
            with eventlet.Timeout(_RENEW_SECONDS, False):
                self._stopping.wait()
                return
            if self._renew_if_possible():
                self._unbind_if_possible()

    def stop(self) -> None:
        self._stopping.send(True)

    def renew(self) -> None:
        """Renews the leases of this process. Raises the driver's errors."""
        now = self._clock.now()
        if self._kinds:
            self._rows.bulk_write(
                [UpdateOne({"_id": kind}, {"$set": {"seen": now}}, upsert=True) for kind in sorted(self._kinds)]
            )
        self._renewing_since = self._renewing_since or now

    def unbind_abandoned(self) -> None:
        """Removes abandoned bindings; may stop at any step and be repeated.

        Raises the driver's errors and `amqp.LOST`.
        """
        now = self._clock.now()
        # While the database was unreachable, no process could renew; give all of them the time to do so first.
        if self._renewing_since is None or now - self._renewing_since < GRACE:
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
            log.info("unbound event type %s, which no process handles any more", kind)
        elif self._rows.find_one({"_id": kind}):
            # A process of an older version has started, and may have bound the type before this unbind.
            channel.queue_bind(self._queue, EVENTS, f"*.{kind}")

    def _renew_if_possible(self) -> bool:
        try:
            self.renew()
        except PyMongoError as error:
            self._renewing_since = None
            log.warning("cannot renew bindings yet: %s", type(error).__name__)
            return False
        return True

    def _unbind_if_possible(self) -> None:
        try:
            self.unbind_abandoned()
        except (PyMongoError, *amqp.LOST) as error:
            log.warning("cannot remove abandoned bindings yet: %s", type(error).__name__)

    @contextmanager
    def _channel(self) -> Iterator[Any]:
        connection = amqp.connect(self._amqp_uri)
        try:
            yield connection.channel()
        finally:
            amqp.close(connection)
