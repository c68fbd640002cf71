"""Event log of a tenant: a RabbitMQ stream of all events that the tenant's services publish."""

from __future__ import annotations

from typing import Any

from chassis.messaging import amqp
from chassis.messaging.names import EVENTS, log_of


def declare_tenant_log(uri: str, tenant: str) -> None:
    """Declares and binds the tenant's stream; idempotent. Raises one of `amqp.LOST`.

    The stream must exist before the tenant's first event, so that every event is routed.
    """
    connection: Any = amqp.connect(uri)
    try:
        channel = connection.channel()
        channel.queue_declare(
            log_of(tenant), durable=True, exclusive=False, auto_delete=False, arguments={"x-queue-type": "stream"}
        )
        channel.queue_bind(log_of(tenant), EVENTS, f"{tenant}.#")
    finally:
        amqp.close(connection)
