"""Reads a tenant's log from its beginning."""

from __future__ import annotations

from typing import Any

from chassis.messaging import amqp
from chassis.messaging.tenant_log import log_of

_PREFETCH = 1000
_SECONDS = 30.0


def bodies(uri: str, tenant: str) -> list[bytes]:
    """Returns the encoded events in the log now, in order, including duplicates.

    Not with pika: on closing it returns unacknowledged messages, which a stream refuses.
    """
    found: list[bytes] = []

    def keep(message: Any) -> None:
        found.append(message.body)
        message.channel.basic_ack(message.delivery_tag)

    connection = amqp.connect(uri)
    channel = connection.channel()
    channel.basic_qos(0, _PREFETCH, False)
    channel.basic_consume(log_of(tenant), callback=keep, arguments={"x-stream-offset": "first"})
    while not found:
        assert amqp.drain(connection, _SECONDS), f"the log of {tenant} is empty"
    seen = 0
    while seen < len(found):
        seen = len(found)
        # Any request will do: a channel answers in order, after all deliveries that the acknowledgements caused.
        # The message count that it returns is some seconds old.
        channel.queue_declare(log_of(tenant), passive=True)
    connection.collect()
    return found
