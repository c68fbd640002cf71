"""Composition root of a service process: settings, clock, data, outbox relay, principal verifier and health."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from nameko.extensions import DependencyProvider

from chassis.clock import Clock
from chassis.messaging import amqp
from chassis.persistence.collections import TenantCollections
from chassis.persistence.data_source import DataSource
from chassis.persistence.outbox_relay import OutboxRelay
from chassis.persistence.typed import Document
from chassis.security.principal_token import Verifier
from chassis.settings import Settings


class Health:
    """Readiness: the components that must be up before the process is ready, and why one is not."""

    def __init__(self) -> None:
        self._faults: dict[str, str] = {}

    def expect(self, *components: str) -> None:
        for component in components:
            self._faults.setdefault(component, "starting")

    def up(self, component: str) -> None:
        self._faults[component] = ""

    def down(self, component: str, reason: str) -> None:
        self._faults[component] = reason or "down"

    def is_up(self, component: str) -> bool:
        return not self._faults[component]

    @property
    def ready(self) -> bool:
        return not any(self._faults.values()) and not amqp.blocked()

    def report(self) -> dict[str, str]:
        """Returns the state of each component: "up", or the reason why it is not."""
        alarm = {"publishing": "blocked by the broker's alarm"} if amqp.blocked() else {}
        return {component: fault or "up" for component, fault in self._faults.items()} | alarm


@dataclass
class Runtime:
    """The objects of the process, each created at its first use."""

    settings: Settings
    health: Health = field(default_factory=Health)
    models: list[type[Document]] = field(default_factory=list)

    @cached_property
    def clock(self) -> Clock:
        return self.settings.clock()

    @cached_property
    def collections(self) -> TenantCollections:
        settings = self.settings
        return TenantCollections(
            settings.mongodb_uri, settings.database, settings.placement, settings.write_concern, self.models
        )

    @cached_property
    def relay(self) -> OutboxRelay:
        return OutboxRelay(self.settings.amqp_uri, self.collections, self.clock)

    @cached_property
    def data(self) -> DataSource:
        return DataSource(self.settings.service, self.collections, self.relay, self.clock)

    @cached_property
    def verifier(self) -> Verifier:
        pem = self.settings.secret("LINLI_PRINCIPAL_PUBLIC_KEY_FILE", "the gateway's public key for principals")
        return Verifier(load_pem_public_key(pem))  # type: ignore[arg-type]  # Ed25519 by agreement


def runtime_of(container: Any) -> Runtime:
    """Returns the runtime that `chassis.run` attached to the nameko container."""
    runtime: Runtime = container.linli
    return runtime


class Data(DependencyProvider):  # type: ignore[misc]  # nameko has no types
    """Dependency provider of a service's data: `data = Data()`; its parts declare `documents = (Case, Photo)`.

    See `chassis.persistence.tenant_data`.
    """

    def setup(self) -> None:
        runtime_of(self.container).models.extend(documents_of(self.container.service_cls))

    def get_dependency(self, worker_ctx: Any) -> DataSource:
        return runtime_of(self.container).data


def documents_of(service: type[Any]) -> list[type[Document]]:
    """Returns the document classes that the service and its bases declare, each once."""
    return list(dict.fromkeys(each for part in service.__mro__ for each in vars(part).get("documents", ())))


class Provided(DependencyProvider):  # type: ignore[misc]
    """Dependency provider of one object per process: `keys = Provided(lambda runtime: KeyRing(...))`.

    It is created at the start and closed at the stop.
    """

    def __init__(self, make: Callable[[Runtime], Any]) -> None:
        super().__init__()
        self._make = make

    @cached_property
    def _instance(self) -> Any:
        return self._make(runtime_of(self.container))

    def start(self) -> None:
        self._instance  # noqa: B018  # a missing secret must stop the start, not the first call

    def stop(self) -> None:
        """Closes the object; nameko calls this after the last worker has ended."""
        if hasattr(self._instance, "close"):
            self._instance.close()

    def get_dependency(self, worker_ctx: Any) -> Any:
        return self._instance
