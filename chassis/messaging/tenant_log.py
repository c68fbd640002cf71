"""Event log of a tenant: a RabbitMQ stream of all events that the tenant's services publish."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from chassis import metrics
from chassis.messaging import amqp
from chassis.messaging.names import EVENTS, log_of

log = logging.getLogger(__name__)
#: Seconds for which a lost log at least stays away before it is made again, so that each publisher sees it missing.
REMADE_AFTER = 3.0


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

    def __init__(self, uri: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._uri = uri
        self._publisher = amqp.Publisher(uri)
        self._clock = clock
        self._missing_since: dict[str, float] = {}

    def keep(self, tenants: Sequence[str]) -> None:
        """Makes the logs again that the broker has lost; a broker that is away is asked again by the next call.

        The first call that misses a log only notes it: see `LogSightings`.
        """
        try:
            missing, now = _without_log(self._publisher, tenants), self._clock()
            self._missing_since = {tenant: self._missing_since.get(tenant, now) for tenant in missing}
            for tenant in [tenant for tenant, since in self._missing_since.items() if now - since >= REMADE_AFTER]:
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


class LogSightings:
    """Sightings of tenants' logs by a publisher: was the log there all the time while an event was published?

    The broker confirms an event that only another queue took, and does not say which. A log that was seen before
    the event and less than `REMADE_AFTER` later was not gone in between: nobody makes it again as fast as that.
    """

    def __init__(self, publisher: amqp.Publisher, clock: Callable[[], float] = time.monotonic) -> None:
        self._publisher = publisher
        self._clock = clock
        self._seen: dict[str, float] = {}
        self.missing: set[str] = set()

    def are_old(self, tenants: Iterable[str]) -> bool:
        """Whether one of the logs must be looked for before something is published to it."""
        now = self._clock()
        return any(now - self._seen.get(tenant, -math.inf) > REMADE_AFTER / 2 for tenant in tenants)

    def look(self, tenants: Iterable[str]) -> set[str]:
        """Looks for the logs, and returns whose log was there ever since the last look. Raises one of `amqp.LOST`."""
        started, tenants = self._clock(), set(tenants)
        missing = _without_log(self._publisher, tenants)
        ended = self._clock()
        for tenant in sorted(missing - self.missing):
            log.error("the broker has no log of %s: its events wait in their outboxes until it is made again", tenant)
        self.missing = self.missing - tenants | missing
        metrics.without_log.set(len(self.missing))
        there = tenants - missing
        unbroken = {each for each in there if ended - self._seen.get(each, -math.inf) < REMADE_AFTER}
        self._seen.update(dict.fromkeys(there, started))
        for tenant in missing:
            self._seen.pop(tenant, None)
        return unbroken


def _without_log(publisher: amqp.Publisher, tenants: Collection[str]) -> set[str]:
    queues = publisher.missing([log_of(tenant) for tenant in tenants])
    return {tenant for tenant in tenants if log_of(tenant) in queues}
