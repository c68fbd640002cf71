"""Reconciliation loop: binds a service's queue to the event types that a running process handles, and to no others.

AMQP cannot list bindings, so leases in the service's database tell what is bound (docs/decisions/0015).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import eventlet
from eventlet.event import Event as Signal
from pymongo.errors import PyMongoError

from chassis.entrypoints.leases import Lease, Leases
from chassis.messaging import amqp
from chassis.messaging.names import EVENTS

log = logging.getLogger(__name__)
_RENEW_SECONDS = 60.0
_RETRY_SECONDS = 2.0


class Bindings:
    """The bindings of one queue to the types whose leases one process holds, as kept by that process."""

    def __init__(self, leases: Leases, queue: str, amqp_uri: str) -> None:
        self._leases = leases
        self._queue = queue
        self._amqp_uri = amqp_uri
        self._stopping = Signal()

    def bind(self, channel: Any) -> None:
        """Renews the leases if the database answers, and binds. Raises `amqp.LOST`."""
        self._renew_if_possible()
        self._bind(channel)

    def maintain(self) -> None:
        """Keeps the bindings until `stop`: every minute, and sooner while the leases, which others ask for, are old."""
        kept = False
        while not self._stopping.ready():
            with eventlet.Timeout(_RENEW_SECONDS if kept else _RETRY_SECONDS, False):
                self._stopping.wait()
                return
            kept = self._keep_if_possible()

    def stop(self) -> None:
        self._stopping.send(True)

    def keep(self) -> None:
        """Renews and binds, then removes abandoned bindings; may stop at any step and be repeated.

        It always binds: another process may have taken this one for dead, and may itself have died while it unbound.
        Raises the driver's errors and `amqp.LOST`.
        """
        self._renew()
        with self._channel() as channel:
            self._bind(channel)
            for lease in self._leases.abandoned():
                self._unbind(channel, lease)

    def _keep_if_possible(self) -> bool:
        """Returns whether the leases were renewed. The consumer binds again itself when it has the broker back."""
        try:
            self.keep()
        except PyMongoError as error:
            log.warning("cannot renew the leases yet: %s", type(error).__name__)
            return False
        except amqp.LOST as error:
            log.warning("cannot keep bindings yet: %s", type(error).__name__)
        return True

    def _renew_if_possible(self) -> None:
        try:
            self._renew()
        except PyMongoError as error:
            log.warning("cannot note yet which event types are handled: %s", type(error).__name__)

    def _renew(self) -> None:
        for kind, last in self._leases.renew().items():
            log.warning(
                "event type %s was unbound, since this process last said at %s that it handles it; events may be "
                "missing from then on: send their state again with `./linli resync %s --tenant TENANT`",
                kind, last.isoformat(timespec="seconds"), self._queue,
            )  # fmt: skip

    def _bind(self, channel: Any) -> None:
        """Only after the renewal: a process that unbinds a type checks the lease afterwards."""
        for kind in self._leases.kinds:
            channel.queue_bind(self._queue, EVENTS, f"*.{kind}")

    def _unbind(self, channel: Any, lease: Lease) -> None:
        kind = lease["_id"]
        channel.queue_unbind(self._queue, EVENTS, f"*.{kind}")
        if self._leases.remove(lease):
            log.info("unbound event type %s, which no process handles any more", kind)
        elif self._leases.exists(kind):
            # A process of an older version has started, and may have bound the type before this unbind.
            channel.queue_bind(self._queue, EVENTS, f"*.{kind}")

    @contextmanager
    def _channel(self) -> Iterator[Any]:
        connection = amqp.connect(self._amqp_uri)
        try:
            yield connection.channel()
        finally:
            amqp.close(connection)
