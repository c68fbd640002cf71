"""Principal token: carries the principal from the gateway to a service; only the gateway can sign one.

Services hold only the public key, so access to the broker alone does not suffice to act as a principal.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chassis.errors import Unauthenticated
from chassis.security.principal import Principal

AUDIENCE = "linli.services"
LIFETIME = 60
_ALGORITHM = "EdDSA"
# A service sees one token per signed-in person and half minute; the cache is cleared at this size.
_CACHE_SIZE = 20_000


def sign(
    principal: Principal, key: Ed25519PrivateKey, *, lifetime: int = LIFETIME, now: Callable[[], float] = time.time
) -> str:
    """Returns a JWT (EdDSA) of the principal, valid for `lifetime` seconds."""
    issued = int(now())
    claims = {
        "tenant": principal.tenant,
        "sub": principal.subject,
        "roles": sorted(principal.roles),
        "area": principal.area,
        "unit": principal.unit,
        "post": principal.post,
        "purposes": sorted(principal.purposes),
        "iat": issued,
        "exp": issued + lifetime,
        "aud": AUDIENCE,
    }
    return jwt.encode(claims, key, algorithm=_ALGORITHM)


class Verifier:
    """Verifies principal tokens and caches each result until the token expires."""

    def __init__(self, key: Ed25519PublicKey, *, now: Callable[[], float] = time.time) -> None:
        self._key = key
        self._now = now
        self._cache: dict[str, tuple[Principal, float]] = {}

    def verify(self, token: str) -> Principal:
        """Returns the principal of a token.

        Raises `Unauthenticated` if the token is expired, not for services or not signed by the gateway.
        """
        cached = self._cache.get(token)
        if cached is None:
            cached = self._read(token)
            if len(self._cache) >= _CACHE_SIZE:
                self._cache.clear()
            self._cache[token] = cached
        principal, expires = cached
        if expires <= self._now():
            self._cache.pop(token, None)
            raise Unauthenticated()
        return principal

    def _read(self, token: str) -> tuple[Principal, float]:
        options: Any = {"require": ["exp", "aud", "tenant", "sub"], "verify_exp": False, "verify_iat": False}
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM], audience=AUDIENCE, options=options)
            return _principal_of(claims), float(claims["exp"])
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise Unauthenticated() from error


def _principal_of(claims: dict[str, Any]) -> Principal:
    return Principal(
        tenant=str(claims["tenant"]),
        subject=str(claims["sub"]),
        roles=frozenset(claims.get("roles", ())),
        area=str(claims.get("area", "")),
        unit=str(claims.get("unit", "")),
        post=str(claims.get("post", "")),
        purposes=frozenset(claims.get("purposes", ())),
    )
