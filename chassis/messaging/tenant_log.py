"""Event log of a tenant: a RabbitMQ stream of all events that the tenant's services publish."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from chassis.messaging import amqp
from chassis.messaging.names import EVENTS, log_of

log = logging.getLogger(__name__)


def declare_tenant_log(uri: str, tenant: str) -> None:
    """Declares and binds the tenant's stream; idempotent. Raises one of `amqp.LOST`.

    The stream must exist before the tenant's first event: until then no event leaves its outbox.
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


class TenantLogs:
    """The logs of all tenants, as kept by the one service that may declare them."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._publisher = amqp.Publisher(uri)

    def keep(self, tenants: Sequence[str]) -> None:
        """Makes the logs again that the broker has lost; a broker that is away is asked again by the next call."""
        try:
            missing = self._publisher.missing([log_of(tenant) for tenant in tenants])
            for tenant in [tenant for tenant in tenants if log_of(tenant) in missing]:
                declare_tenant_log(self._uri, tenant)
                log.error(
                    "the broker had lost the log of %s, which was made again: live events from before are gone, and "
                    "services may have missed some; send their state again with `./linli resync SERVICE --tenant %s`",
                    tenant, tenant,
                )  # fmt: skip
        except amqp.LOST as error:
            log.warning("cannot look for the logs of tenants yet: %s", type(error).__name__)

    def close(self) -> None:
        self._publisher.close()
