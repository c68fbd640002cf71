"""What a piece of work runs in: for which tenant, by whom, when, and what it belongs to."""

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from chassis.errors import Expired
from chassis.ids import derived
from chassis.messaging.envelope import Envelope
from chassis.security.principal import Principal

T = TypeVar("T")

#: What the log lines of this greenlet or task are about; set at the edge, read by `chassis.process.logs`.
current: ContextVar[Context | None] = ContextVar("linli_context", default=None)


@dataclass(frozen=True, kw_only=True)
class Context:
    tenant: str
    actor: str
    now: datetime
    correlation_id: str
    causation_id: str = ""
    traceparent: str = ""


@dataclass(frozen=True, kw_only=True)
class Call(Context):
    """One call of a command or query. `key` is the caller's idempotency key ("" when none)."""

    principal: Principal
    method: str = ""
    key: str = ""
    fingerprint: str = ""
    if_match: int | None = None
    deadline: float = float("inf")

    @property
    def mark(self) -> str:
        """The key within its scope (tenant, subject, route); "" without a key."""
        return derived(self.tenant, self.principal.subject, self.method, self.key) if self.key else ""

    def require_time(self, unix_now: float) -> None:
        """A call past its deadline is not run: its caller no longer waits for the answer."""
        if unix_now > self.deadline:
            raise Expired()


@dataclass(frozen=True, kw_only=True)
class Received(Context):
    """One event as a handler gets it. `replayed`: somebody put it back from the parked ones."""

    envelope: Envelope
    replayed: bool = False
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        return self.envelope.id

    def as_(self, kind: type[T]) -> T:
        """The event's data as an instance of `kind`; unknown fields are ignored."""
        decoded: T = self.envelope.decode(kind)
        return decoded


def fingerprint(method: str, arguments: Any) -> str:
    """Tells a repeated request from another one that reuses its key."""
    body = msgspec.json.encode(arguments, order="deterministic")
    return hashlib.sha256(method.encode() + b"\x00" + body).hexdigest()[:24]
