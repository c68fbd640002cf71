"""Data of a service: the repository of each tenant, and timers over all of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from eventlet.greenpool import GreenPool
from pymongo.errors import PyMongoError

from chassis import metrics
from chassis.clock import Clock
from chassis.context import Context, Received
from chassis.envelope import Envelope
from chassis.errors import Problem
from chassis.ids import uuid7
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.collections import TenantCollections
from chassis.persistence.leader import Leader
from chassis.persistence.outbox_relay import OutboxRelay
from chassis.persistence.tenant_data import Source, TenantData
from chassis.security.principal import system

A = TypeVar("A", bound=Aggregate)
log = logging.getLogger(__name__)
_CONCURRENT = 64


class DataSource(Source):
    """Factory of tenant repositories, a service's `data`: `of(call)` and `of(received)` return the tenant's."""

    def __init__(self, service: str, collections: TenantCollections, relay: OutboxRelay, clock: Clock) -> None:
        super().__init__(collections, relay, clock)
        self.service = service
        self.clock = clock
        self._leaders: dict[str, Leader] = {}

    def of(self, context: Context) -> TenantData:
        """Returns the repository of the context's tenant."""
        return TenantData(self, context)

    def as_system(self, tenant: str) -> TenantData:
        """Returns the tenant's repository for timers, with the actor `system:<service>`."""
        actor = system(tenant, self.service).subject
        return TenantData(self, Context(tenant=tenant, actor=actor, now=self.clock.now(), correlation_id=uuid7()))

    def leads(self, task: str) -> bool:
        """Returns whether this process does the task for all of the service; ask more often than `leader.GRACE`."""
        if task not in self._leaders:
            self._leaders[task] = Leader(self.collections.database()["leaders"], task)
        return self._leaders[task].is_mine()

    def tenants(self) -> list[str]:
        """Returns every tenant that has data here."""
        return self.collections.tenants()

    def each_tenant(self, act: Callable[[TenantData], Any]) -> None:
        """Runs a timer for every tenant; the failure of one tenant's cluster does not stop the others."""
        with _logging_failure("a timer"):
            for tenant in self.tenants():
                with _logging_failure(f"the timer of tenant {tenant}"):
                    act(self.as_system(tenant))

    def each_due(self, model: type[A], act: Callable[[A, datetime], Any]) -> None:
        """Runs `act` on every document of the model whose timer is due."""
        self.each_tenant(lambda data: self.fire_due(data, model, lambda document: act(document, data.context.now)))

    @staticmethod
    def fire_due(data: TenantData, model: type[A], act: Callable[[A], Any]) -> None:
        """Runs `act` on every due document of a tenant, each once; one that fails stays due and holds up no other."""

        def fire(key: str) -> None:
            with _logging_failure(f"the timer of {model.__name__} {key}"):
                data.change(model, key, lambda document: act(document) and None)

        pool = GreenPool(_CONCURRENT)
        stuck: list[str] = []
        while keys := data.due(model, but=stuck):
            for key in keys:
                pool.spawn_n(fire, key)
            pool.waitall()
            stuck += data.due(model, of=keys)

    def received(self, envelope: Envelope, replayed: bool = False) -> Received:
        """Returns the context in which an event is handled. Raises `Unreadable`."""
        actor = system(envelope.tenant, self.service).subject
        return Received.of(envelope, actor, self.clock.now(), replayed)


@contextmanager
def _logging_failure(what: str) -> Iterator[None]:
    """Logs a failure, which the next tick retries, and continues with the rest."""
    try:
        yield
    except (PyMongoError, Problem) as error:
        log.warning("%s failed: %s", what, error.code if isinstance(error, Problem) else type(error).__name__)
    except Exception:  # the boundary: one odd row, or one tenant with such a row, must not hold up the others
        metrics.timer_failures.inc()
        log.exception("%s failed", what)
