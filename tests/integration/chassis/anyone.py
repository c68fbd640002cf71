"""A broker user with all permissions, and events as the sample service would publish them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pika

from chassis.clock import SystemClock
from chassis.context import Context
from chassis.envelope import Envelope, encode
from chassis.ids import uuid7
from chassis.persistence.write_plan import envelope_of
from tests.integration.chassis.sample import Added, Tally


class Broker:
    """A connection of the test, as a broker user with all permissions."""

    def __init__(self, uri: str) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(uri))
        self.channel = self._connection.channel()

    def close(self) -> None:
        self._connection.close()

    def waiting(self, queue: str) -> int:
        """Returns the number of messages in a queue that are ready for delivery."""
        return int(self.channel.queue_declare(queue, passive=True).method.message_count)

    def messages(self, queue: str) -> Iterator[tuple[Any, Any, bytes]]:
        while (got := self.channel.basic_get(queue, auto_ack=True))[0] is not None:
            yield got

    def publish(self, envelope: Envelope, key: str = "", exchange: str = "linli.events", **headers: Any) -> None:
        properties = pika.BasicProperties(headers=headers, delivery_mode=2, message_id=envelope.id)
        self.channel.basic_publish(exchange, key or envelope.routing_key, encode(envelope), properties)


def added(tenant: str, name: str, by: int, subject: str = "T1", sequence: int = 1, count: int = 0) -> Envelope:
    tally = Tally(id=f"{tenant}:{subject}", tenant=tenant)
    context = Context(tenant=tenant, actor="tester", now=SystemClock().now(), correlation_id=uuid7())
    return envelope_of(tally, Added(name=name, count=count, by=by), sequence, context)
