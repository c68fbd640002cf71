"""The log of a tenant, read from its beginning."""

from __future__ import annotations

from typing import Any

from chassis.messaging import amqp
from chassis.messaging.tenant_log import log_of

_PREFETCH = 1000
_SECONDS = 10.0


def bodies(uri: str, tenant: str) -> list[bytes]:
    """Every event that the log holds now, as it went over the broker, in order, doubles included.

    Not with pika: it hands back what it still has when it ends, which a stream refuses.
    """
    found: list[bytes] = []

    def keep(message: Any) -> None:
        found.append(message.body if isinstance(message.body, bytes) else message.body.encode())
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
        # Any question will do: a channel answers in order, so after all that the acknowledgements made it send.
        # The number of messages which it answers is some seconds old.
        channel.queue_declare(log_of(tenant), passive=True)
    connection.collect()
    return found
