"""Who calls: from a bearer token to the principal that org says it is, kept for a short while."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.errors import Problem, Unauthenticated, Unavailable
from chassis.ids import derived, fresh
from chassis.security import operator_token
from chassis.security.principal import Principal, system
from chassis.security.principal_token import sign
from gateway.auth.sessions import Sessions, Vouched
from gateway.http.problems import NoAnswer
from gateway.rpc.client import RpcClient
from vocabulary.roles import Role

log = logging.getLogger(__name__)

#: Seconds after which org is asked again who somebody is.
FRESH = 30.0
#: Seconds for which the last answer holds when org does not answer: a revocation holds within 60 s.
STALE = 55.0
_REMEMBERED = 50_000
_NO_ANSWER = (Unavailable.status, NoAnswer.status)


class _Resolved(msgspec.Struct, frozen=True):
    """What org answers to `principal_of`, apart from what the caller knows already."""

    roles: frozenset[str] = frozenset()
    area: str = ""
    unit: str = ""
    post: str = ""
    purposes: frozenset[str] = frozenset()
    subject: str = ""


_decode = msgspec.json.Decoder(_Resolved).decode


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `token`: the signed principal for services; `expires`: when the sign-in ends."""

    principal: Principal
    token: str
    expires: float
    resolved: float
    signed_in: bool = True


class Callers:
    def __init__(
        self,
        calls: RpcClient,
        sessions: Sessions,
        key: Ed25519PrivateKey,
        now: Callable[[], float] = time.time,
        operator_key: bytes = b"",
    ) -> None:
        self._calls = calls
        self._sessions = sessions
        self._key = key
        self._operator_key = operator_key
        self._now = now
        self._known: dict[str, Caller] = {}
        self._own: dict[str, tuple[str, float]] = {}

    async def of(self, token: str) -> Caller:
        """Raises `Unauthenticated`; `Unavailable` or `NoAnswer` when org cannot say who it is."""
        known = self._known.get(token)
        now = self._now()
        if known is not None and now < min(known.resolved + FRESH, known.expires):
            return known
        if operator_token.is_operators(token):
            return self._operator(token)
        vouched = await self._sessions.vouch(token)
        try:
            caller = await self._resolve(vouched)
        except Problem as problem:
            if problem.to_wire()["status"] == Unauthenticated.status:
                self._known.pop(token, None)
                raise Unauthenticated() from problem
            if problem.to_wire()["status"] not in _NO_ANSWER or known is None or now >= known.resolved + STALE:
                raise
            log.warning("org does not answer; the last answer holds a little longer")
            caller = Caller(known.principal, self.signed(known.principal), known.expires, known.resolved)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[token] = caller
        return caller

    def anonymous(self, tenant: str, visit: str) -> Caller:
        """A resident whom nobody knows. `visit`: what one visitor's requests have in common, a secret of theirs.

        Each visit is a subject of its own, so that no visitor is taken for another.
        """
        subject = "anonymous:" + (derived(tenant, visit) if visit else fresh())
        principal = Principal(tenant=tenant, subject=subject, roles=frozenset({Role.RESIDENT}))
        return Caller(principal, self.signed(principal), float("inf"), self._now(), signed_in=False)

    def gateway(self, tenant: str) -> str:
        """The signed principal of the gateway itself, which asks org who somebody is."""
        token, signed_at = self._own.get(tenant, ("", 0.0))
        if time.time() >= signed_at + FRESH:
            token = self.signed(system(tenant, "gateway"))
            self._own[tenant] = (token, time.time())
        return token

    def signed(self, principal: Principal) -> str:
        """Valid for a minute of real time, whatever clock people's sign-ins go by."""
        return sign(principal, self._key)

    def _operator(self, token: str) -> Caller:
        if not self._operator_key:
            raise Unauthenticated()
        principal, expires = operator_token.verify(token, self._operator_key)
        return Caller(principal, self.signed(principal), expires, self._now())

    async def _resolve(self, vouched: Vouched) -> Caller:
        asked = {
            "issuer": vouched.issuer,
            "subject": vouched.subject,
            "issued": vouched.issued,
            "post": vouched.post,
        }
        answer = await self._calls.call(
            "org",
            "principal_of",
            asked,
            tenant=vouched.tenant,
            principal=self.gateway(vouched.tenant),
            together=True,
        )
        found = _decode(answer)
        principal = Principal(
            tenant=vouched.tenant,
            subject=found.subject or vouched.subject,
            roles=found.roles,
            area=found.area,
            unit=found.unit,
            post=found.post,
            purposes=found.purposes,
        )
        return Caller(principal, self.signed(principal), vouched.expires, self._now())
