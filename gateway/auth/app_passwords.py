"""App passwords: resolves Basic credentials to a caller through org, and caches them briefly as their digest.

Only routes for apps that know nothing else take them (`gateway.openrosa`); nowhere else do they open anything.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable

import msgspec

from chassis.errors import Problem, Unauthenticated
from chassis.types import TENANT
from gateway.auth.principals import REFRESH_AFTER, Caller, Callers, principal_at
from gateway.http.places import UNVERIFIED, Places
from gateway.http.rate_limits import Rate
from gateway.rpc.client import RpcClient
from services.org.api.users import Standing

_CACHE_SIZE = 10_000
_USERNAME = re.compile(r"(?P<tenant>[a-z0-9-]{2,31})\.(?P<id>[0-9A-Z]{16})")
_LONGEST = 200


class AppPasswords:
    """Cache of callers by the digest of their credentials. `guesses`: limit of wrong ones from one address."""

    def __init__(
        self, rpc: RpcClient, callers: Callers, guesses: Rate, calls: Places, now: Callable[[], float]
    ) -> None:
        self._rpc, self._callers, self._guesses, self._calls, self._now = rpc, callers, guesses, calls, now
        self._cache: dict[bytes, Caller] = {}

    async def of(self, authorization: str, address: str) -> Caller:
        """Raises `Unauthenticated`, or `TooManyRequests` for an address that guesses."""
        tenant, app_password, password = _read(authorization)
        key = hashlib.sha256(authorization.encode()).digest()
        cached = self._cache.get(key)
        if cached is not None and self._now() < cached.resolved + REFRESH_AFTER:
            return cached
        self._cache.pop(key, None)
        caller = await self._resolve(tenant, app_password, password, address)
        if len(self._cache) >= _CACHE_SIZE:
            self._cache.clear()
        self._cache[key] = caller
        return caller

    async def _resolve(self, tenant: str, app_password: str, password: str, address: str) -> Caller:
        digest = hashlib.sha256(password.encode()).hexdigest()
        # Counted before the attempt, or many at once would pass together.
        self._guesses.take("address", address)
        try:
            with self._calls.one_for(UNVERIFIED, address):
                answer = await self._rpc.call(
                    "org",
                    "principal_of_app_password",
                    {"app_password": app_password, "digest": digest},
                    tenant=tenant,
                    principal=self._callers.gateway(tenant),
                    batched=True,
                )
        except Problem as problem:
            if problem.to_wire()["status"] == Unauthenticated.status:
                raise Unauthenticated() from problem
            self._guesses.give_back("address", address)
            raise
        self._guesses.give_back("address", address)
        principal = principal_at(tenant, msgspec.json.decode(answer, type=Standing))
        return Caller(principal, self._callers.signed(principal), float("inf"), self._now())


def _read(authorization: str) -> tuple[str, str, str]:
    """Returns tenant, id and password. Raises `Unauthenticated`."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > _LONGEST:
        raise Unauthenticated()
    try:
        username, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise Unauthenticated() from error
    found = _USERNAME.fullmatch(username)
    if found is None or not password or not TENANT.fullmatch(found["tenant"]):
        raise Unauthenticated()
    return found["tenant"], found["id"], password
