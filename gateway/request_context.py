"""Request context: the caller, idempotency key, If-Match version and trace that go with each call to a service."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request

from chassis.blobs.store import BlobStore
from chassis.blobs.tickets import Tickets
from chassis.context import Context, current
from chassis.errors import Unauthenticated
from chassis.security.principal import Principal
from chassis.types import TENANT
from gateway.auth.app_passwords import AppPasswords
from gateway.auth.devices import Devices
from gateway.auth.principals import Caller, Callers
from gateway.auth.sessions import Sessions
from gateway.events.log_reader import Logs
from gateway.events.stream_limits import OpenStreams
from gateway.http.addresses import address_of
from gateway.http.cursors import Cursors
from gateway.http.places import Places
from gateway.http.problems import BadRequest, KeyMissing, WeakVersion
from gateway.http.rate_limits import Rate
from gateway.rpc.client import TIMEOUT, RpcClient
from gateway.settings import GatewaySettings

#: An Idempotency-Key: visible ASCII characters, and at most so many.
KEY_CHARACTER, LONGEST_KEY = "[!-~]", 128
_KEY = re.compile(f"{KEY_CHARACTER}{{1,{LONGEST_KEY}}}")
_VERSION = re.compile(r'(W/)?"(\d{1,15})"')


@dataclass(frozen=True)
class AppState:
    """Application state shared by all routes. `calls`, `uploads`, `imports`: the places that each kind of work has."""

    settings: GatewaySettings
    rpc: RpcClient
    callers: Callers
    app_passwords: AppPasswords
    sessions: Sessions
    now: Callable[[], float]
    cursors: Cursors
    rate: Rate
    devices: Devices
    guesses: Rate
    addresses: Rate
    anonymous: Rate
    calls: Places
    uploads: Places
    imports: Places
    streams: OpenStreams
    logs: Logs
    blobs: BlobStore
    tickets: Tickets
    ending: asyncio.Event


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Context of one request. `key`: the Idempotency-Key or ""; `if_match`: the version that the caller last saw."""

    state: AppState
    caller: Caller
    key: str
    if_match: int | None
    correlation_id: str
    traceparent: str
    address: str

    @property
    def principal(self) -> Principal:
        return self.caller.principal

    async def ask(
        self, service: str, method: str, args: dict[str, Any], *, batched: bool = False, timeout: float = TIMEOUT
    ) -> bytes:
        """Returns the service's answer as JSON. Raises its problem, `NoAnswer`, `Unavailable` or `TooManyRequests`."""
        tenant = self.caller.counted_as
        with self.state.calls.one_for(tenant, self.address):
            return await self.state.rpc.call(
                service,
                method,
                args,
                tenant=tenant,
                principal=self.caller.token,
                key=self.key,
                if_match=self.if_match,
                correlation_id=self.correlation_id,
                traceparent=self.traceparent,
                batched=batched,
                timeout=timeout,
            )


async def context_of(
    state: AppState, request: Request, *, public: bool = False, needs_key: bool = False, fresh: bool = False
) -> RequestContext:
    """Raises `Unauthenticated` (unless `public`), `TooManyRequests`, `KeyMissing`, `WeakVersion` or `BadRequest`.

    `fresh`: takes the caller's rights from org at this moment.
    """
    caller = await _caller(state, request, public, fresh)
    return context_for(state, request, caller, needs_key=needs_key)


def context_for(state: AppState, request: Request, caller: Caller, *, needs_key: bool = False) -> RequestContext:
    """Like `context_of`, for a caller who is known."""
    headers, edge = request.headers, request.state
    now = datetime.now(UTC)
    current.set(
        Context(
            tenant=caller.principal.tenant, actor=caller.principal.subject, now=now, correlation_id=edge.correlation_id
        )
    )
    state.rate.take(caller.counted_as)
    edge.headers = [
        (b"ratelimit-policy", state.rate.policy.encode()),
        (b"ratelimit", state.rate.state(caller.counted_as).encode()),
    ]
    key = headers.get("idempotency-key", "")
    if key and not _KEY.fullmatch(key):
        raise BadRequest(reason="the Idempotency-Key must be 1 to 128 visible ASCII characters")
    if needs_key and not key:
        raise KeyMissing()
    if_match = _version(headers.get("if-match", ""))
    return RequestContext(state, caller, key, if_match, edge.correlation_id, edge.traceparent, address_of(request))


async def _caller(state: AppState, request: Request, public: bool, fresh: bool) -> Caller:
    authorization = request.headers.get("authorization", "")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer" and token:
        return await state.callers.of(token, fresh=fresh)
    if not public or authorization:
        raise Unauthenticated()
    tenant = request.headers.get("linli-tenant", "")
    if not TENANT.fullmatch(tenant):
        raise BadRequest(reason="without a sign-in, the Linli-Tenant header must name the city")
    state.anonymous.take("address", address_of(request))
    visit = request.headers.get("linli-visit") or request.headers.get("idempotency-key", "")
    return state.callers.anonymous(tenant, visit)


def _version(if_match: str) -> int | None:
    if if_match in ("", "*"):
        return None
    found = _VERSION.fullmatch(if_match)
    if found is None:
        raise BadRequest(reason='If-Match must be an ETag from this API, like "7"')
    if found[1]:
        raise WeakVersion()
    return int(found[2])
