"""Execution context of a call, event or timer: tenant, actor, time, and correlation ids."""

from __future__ import annotations

import hashlib
import hmac
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from chassis.envelope import Envelope
from chassis.errors import Expired
from chassis.ids import derived
from chassis.security.principal import Principal

T = TypeVar("T")

#: The context of this greenlet or task: set where work enters the process, read by `chassis.process.logs`.
current: ContextVar[Context | None] = ContextVar("linli_context", default=None)


@dataclass(frozen=True, kw_only=True)
class Context:
    """Context of any piece of work: `correlation_id` groups what belongs together, `causation_id` is the event that
    caused it."""

    tenant: str
    actor: str
    now: datetime
    correlation_id: str
    causation_id: str = ""
    traceparent: str = ""


@dataclass(frozen=True, kw_only=True)
class Call(Context):
    """Context of one command or query. `key` is the caller's idempotency key ("" if none)."""

    principal: Principal
    method: str = ""
    key: str = ""
    fingerprint: str = ""
    if_match: int | None = None
    deadline: float = float("inf")

    @property
    def dedup_key(self) -> str:
        """Returns the idempotency key within its scope (tenant, subject, method); "" without a key."""
        return derived(self.tenant, self.principal.subject, self.method, self.key) if self.key else ""

    def require_time(self, unix_now: float) -> None:
        """Raises `Expired` if the deadline has passed: the caller no longer waits for the reply."""
        if unix_now > self.deadline:
            raise Expired()


@dataclass(frozen=True, kw_only=True)
class Received(Context):
    """Context of one event in its handler. `replayed`: an operator took it out of the parking queue."""

    envelope: Envelope
    replayed: bool = False
    data: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, envelope: Envelope, actor: str, now: datetime, replayed: bool = False) -> Received:
        """Returns the context of an event. Raises `Unreadable`."""
        return cls(
            tenant=envelope.tenant,
            actor=actor,
            now=now,
            correlation_id=envelope.correlationid,
            causation_id=envelope.id,
            traceparent=envelope.traceparent,
            envelope=envelope,
            replayed=replayed,
            data=envelope.data_fields(),
        )

    @property
    def dedup_key(self) -> str:
        return self.envelope.id

    def as_(self, kind: type[T]) -> T:
        """Returns the event's data as an instance of `kind`; ignores unknown fields."""
        decoded: T = self.envelope.decode(kind)
        return decoded


def fingerprint(method: str, arguments: Any, key: str) -> str:
    """Returns a digest of the request, which tells a repeated request from a different one that reuses its key.

    Keyed with the idempotency key, which nothing stores: a digest alone could be guessed, as one of an identity number.
    """
    body = msgspec.json.encode(arguments, order="deterministic")
    return hmac.digest(key.encode(), method.encode() + b"\x00" + body, hashlib.sha256).hex()[:24]
