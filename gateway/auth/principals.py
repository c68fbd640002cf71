"""Principal cache: resolves a bearer token to a principal through org and caches it briefly."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.errors import Problem, Unauthenticated, Unavailable
from chassis.ids import derived, fresh
from chassis.security import operator_token
from chassis.security.principal import Principal, system
from chassis.security.principal_token import sign
from gateway.auth.sessions import Sessions, VerifiedToken
from gateway.http.places import UNVERIFIED
from gateway.http.problems import NoAnswer
from gateway.rpc.client import RpcClient
from services.org.api.users import Standing
from vocabulary.roles import Role

log = logging.getLogger(__name__)

#: Seconds after which a principal is resolved again.
REFRESH_AFTER = 30.0
#: Seconds for which a cached principal is used while org does not answer: a revocation applies within 60 s.
MAX_STALE = 55.0
_CACHE_SIZE = 50_000
_NO_ANSWER = (Unavailable.status, NoAnswer.status)

_decode = msgspec.json.Decoder(Standing).decode


@dataclass(frozen=True, slots=True)
class Caller:
    """A resolved caller. `token`: the signed principal for services; `expires`: end of the sign-in (unix seconds)."""

    principal: Principal
    token: str
    expires: float
    resolved: float
    signed_in: bool = True

    @property
    def counted_as(self) -> str:
        """The tenant whose share of limits and places the caller's requests use."""
        return self.principal.tenant if self.signed_in else UNVERIFIED


class Callers:
    """Cache of resolved callers by bearer token."""

    def __init__(
        self,
        rpc: RpcClient,
        sessions: Sessions,
        key: Ed25519PrivateKey,
        now: Callable[[], float] = time.time,
        operator_key: bytes = b"",
    ) -> None:
        self._rpc = rpc
        self._sessions = sessions
        self._key = key
        self._operator_key = operator_key
        self._now = now
        self._cache: dict[str, Caller] = {}
        self._renewals: dict[str, asyncio.Task[Caller]] = {}
        self._system_tokens: dict[str, tuple[str, float]] = {}

    async def of(self, token: str, *, fresh: bool = False) -> Caller:
        """Resolves a bearer token. Raises `Unauthenticated`; `Unavailable` or `NoAnswer` if org cannot be reached.

        `fresh`: asks org at this moment, for acts that must not run on rights that were withdrawn since. Otherwise
        all requests of a token share one question: under load hundreds would ask at the moment when it is due.
        """
        cached = None if fresh else self._cache.get(token)
        now = self._now()
        if cached is not None and now < min(cached.resolved + REFRESH_AFTER, cached.expires):
            return cached
        if operator_token.is_operators(token):
            return self._operator(token)
        if fresh:
            return await self._renewed(token, None)
        renewal = self._renewals.get(token)
        if renewal is None:
            renewal = self._renewals[token] = asyncio.create_task(self._renewed(token, cached))
            renewal.add_done_callback(lambda done: self._end_renewal(token, done))
        return await asyncio.shield(renewal)  # whoever goes away must not end it for the others

    def tenant_of(self, token: str) -> str | None:
        """Returns the tenant whose share a remembered token uses, also if its rights are to be asked again."""
        cached = self._cache.get(token)
        return cached.counted_as if cached else None

    def _end_renewal(self, token: str, done: asyncio.Task[Caller]) -> None:
        del self._renewals[token]
        if not done.cancelled():
            done.exception()  # whoever still waits has it

    async def _renewed(self, token: str, cached: Caller | None) -> Caller:
        now = self._now()
        verified = await self._sessions.verify(token)
        try:
            caller = await self._resolve(verified)
        except Problem as problem:
            if problem.to_wire()["status"] == Unauthenticated.status:
                self._cache.pop(token, None)
                raise Unauthenticated() from problem
            if problem.to_wire()["status"] not in _NO_ANSWER or cached is None or now >= cached.resolved + MAX_STALE:
                raise
            log.warning("org does not answer; using the cached principal")
            caller = Caller(cached.principal, self.signed(cached.principal), cached.expires, cached.resolved)
        if len(self._cache) >= _CACHE_SIZE:
            self._cache.clear()
        self._cache[token] = caller
        return caller

    def anonymous(self, tenant: str, visit: str) -> Caller:
        """Returns an anonymous resident. `visit`: a secret that one visitor's requests share.

        Each visit is a separate subject, so that visitors cannot be confused.
        """
        subject = "anonymous:" + (derived(tenant, visit) if visit else fresh())
        principal = Principal(tenant=tenant, subject=subject, roles=frozenset({Role.RESIDENT}))
        return Caller(principal, self.signed(principal), float("inf"), self._now(), signed_in=False)

    def gateway(self, tenant: str) -> str:
        """Returns the signed principal of the gateway itself, for its own calls to org."""
        token, signed_at = self._system_tokens.get(tenant, ("", 0.0))
        if time.time() >= signed_at + REFRESH_AFTER:
            token = self.signed(system(tenant, "gateway"))
            if len(self._system_tokens) >= _CACHE_SIZE:
                self._system_tokens.clear()  # a sign-in may name any city
            self._system_tokens[tenant] = (token, time.time())
        return token

    def signed(self, principal: Principal) -> str:
        """Signs a principal, valid for a minute of real time, whatever clock sign-ins use."""
        return sign(principal, self._key)

    def _operator(self, token: str) -> Caller:
        if not self._operator_key:
            raise Unauthenticated()
        principal, expires = operator_token.verify(token, self._operator_key)
        return Caller(principal, self.signed(principal), expires, self._now())

    async def _resolve(self, verified: VerifiedToken) -> Caller:
        arguments: dict[str, Any] = {
            "issuer": verified.issuer,
            "subject": verified.subject,
            "issued": verified.issued,
            "post": verified.post,
        }
        if verified.revocations is not None:
            arguments["revocations"] = verified.revocations
        answer = await self._rpc.call(
            "org",
            "principal_of",
            arguments,
            tenant=verified.tenant,
            principal=self.gateway(verified.tenant),
            batched=True,
            own=True,
        )
        standing = _decode(answer)
        principal = principal_at(verified.tenant, standing)
        return Caller(principal, self.signed(principal), verified.expires, self._now())


def principal_at(tenant: str, standing: Standing) -> Principal:
    return Principal(
        tenant=tenant,
        subject=standing.subject,
        roles=frozenset(standing.roles),
        area=standing.area,
        unit=standing.unit,
        post=standing.post,
        purposes=frozenset(standing.purposes),
    )
