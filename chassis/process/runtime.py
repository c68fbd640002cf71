"""What one service process has: settings, clock, data, the relay, the verifier of principals, its health."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from nameko.extensions import DependencyProvider

from chassis.clock import Clock
from chassis.messaging import amqp
from chassis.messaging.outbox_relay import OutboxRelay
from chassis.persistence.collections import TenantCollections
from chassis.persistence.tenant_data import DataSource
from chassis.persistence.typed import Document
from chassis.process.settings import Settings
from chassis.security.principal_token import Verifier


class Health:
    """Parts that must be up before the process is ready, and why one is not."""

    def __init__(self) -> None:
        self._parts: dict[str, str] = {}

    def expect(self, *parts: str) -> None:
        for part in parts:
            self._parts.setdefault(part, "starting")

    def up(self, part: str) -> None:
        self._parts[part] = ""

    def down(self, part: str, reason: str) -> None:
        self._parts[part] = reason or "down"

    @property
    def ready(self) -> bool:
        return not any(self._parts.values()) and not amqp.blocked()

    def report(self) -> dict[str, str]:
        alarm = {"publishing": "blocked by the broker's alarm"} if amqp.blocked() else {}
        return {part: reason or "up" for part, reason in self._parts.items()} | alarm


@dataclass
class Runtime:
    settings: Settings
    health: Health = field(default_factory=Health)
    models: list[type[Document]] = field(default_factory=list)

    @cached_property
    def clock(self) -> Clock:
        return self.settings.clock()

    @cached_property
    def shelves(self) -> TenantCollections:
        settings = self.settings
        return TenantCollections(
            settings.mongodb_uri, settings.database, settings.placement, settings.write_concern, self.models
        )

    @cached_property
    def relay(self) -> OutboxRelay:
        return OutboxRelay(self.settings.amqp_uri, self.shelves, self.clock)

    @cached_property
    def data(self) -> DataSource:
        return DataSource(self.settings.service, self.shelves, self.relay, self.clock)

    @cached_property
    def verifier(self) -> Verifier:
        pem = self.settings.secret("LINLI_PRINCIPAL_PUBLIC_KEY_FILE", "the gateway's public key for principals")
        return Verifier(load_pem_public_key(pem))  # type: ignore[arg-type]  # Ed25519 by agreement


def runtime_of(container: Any) -> Runtime:
    """The runtime that `chassis.run` put on the nameko container."""
    runtime: Runtime = container.linli
    return runtime


class Data(DependencyProvider):  # type: ignore[misc]  # nameko has no types
    """`data = Data()`: the data of a service, whose parts declare their `documents = (Case, Photo)`.

    See `chassis.persistence.tenant_data`.
    """

    def setup(self) -> None:
        runtime_of(self.container).models.extend(documents_of(self.container.service_cls))

    def get_dependency(self, worker_ctx: Any) -> DataSource:
        return runtime_of(self.container).data


def documents_of(service: type[Any]) -> list[type[Document]]:
    """What the service and its bases declare, each once."""
    return list(dict.fromkeys(each for part in service.__mro__ for each in vars(part).get("documents", ())))


class Provided(DependencyProvider):  # type: ignore[misc]
    """`seals = Provided(lambda runtime: KeyRing(...))`: one object of the process, closed when it stops."""

    def __init__(self, make: Callable[[Runtime], Any]) -> None:
        super().__init__()
        self._make = make

    @cached_property
    def _made(self) -> Any:
        return self._make(runtime_of(self.container))

    def start(self) -> None:
        self._made  # noqa: B018  # a missing secret must stop the start, not the first call

    def stop(self) -> None:
        """When the last worker has ended."""
        if hasattr(self._made, "close"):
            self._made.close()

    def get_dependency(self, worker_ctx: Any) -> Any:
        return self._made
