"""The service's own queue on the broker: made again if it is gone, with a report of what may be missing.

A service cannot see what a broker has lost. So it leaves a mark there, an empty queue that no definitions contain,
behind its bindings, and notes the mark in its database: a mark that was made and is gone has taken the rest with it.
The note counts such losses (`lost`) until `./linli up`, `status` or `resync` has taken them over.
"""

from __future__ import annotations

import logging
from typing import Any

import amqp
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from chassis import metrics
from chassis.messaging.names import RESYNC, mark_of

log = logging.getLogger(__name__)
_MADE = {"_id": "mark"}


class OwnQueue:
    """The queue `service`. `rows`: where the database holds the note about its mark."""

    def __init__(self, service: str, rows: Collection[dict[str, Any]]) -> None:
        self._name = service
        self._rows = rows

    def restore(self, connection: Any) -> None:
        """Declares the queue if it is gone, and binds it to what the definitions bind it to. Raises `amqp.LOST`.

        It is bound in any case: a connection lost behind the declaration would leave a queue that hears of nothing.
        """
        is_there = self._exists(connection, self._name)
        channel = connection.channel()
        if not is_there:
            channel.queue_delete(mark_of(self._name))  # first: a crash behind this must not hide the loss
            channel.queue_declare(self._name, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
        channel.queue_bind(self._name, f"{self._name}.again", "again")
        channel.queue_bind(self._name, RESYNC, f"{self._name}.#")

    def mark(self, connection: Any) -> None:
        """Leaves the mark, once all bindings are there, and reports if the former one is gone. Raises `amqp.LOST`.

        The database has the note before the broker has the mark: the mark hides the loss. If it does not answer, the
        next connection does it again.
        """
        if self._exists(connection, mark_of(self._name)):
            return
        if is_lost := self._was_marked():
            metrics.queue_lost.inc()
            log.error(
                "the broker had lost the queue of %s or its bindings, which were made again: events may be missing; "
                "send their state again with `./linli resync %s --tenant TENANT`", self._name, self._name,
            )  # fmt: skip
        try:
            self._rows.update_one(_MADE, {"$inc": {"lost": int(is_lost)}}, upsert=True)
        except PyMongoError as error:
            log.warning("cannot note the mark on the broker: %s", type(error).__name__)
            return
        connection.channel().queue_declare(mark_of(self._name), durable=True, auto_delete=False)

    def _was_marked(self) -> bool:
        """Returns whether the mark had been made; yes if the database does not answer, as it may have been."""
        try:
            return self._rows.find_one(_MADE) is not None
        except PyMongoError:
            return True

    @staticmethod
    def _exists(connection: Any, queue: str) -> bool:
        try:
            connection.channel().queue_declare(queue, passive=True)
        except amqp.exceptions.NotFound:
            return False  # the broker has closed the channel
        return True
