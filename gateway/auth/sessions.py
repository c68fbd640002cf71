"""Token verification: our own sessions and those of trusted OpenID Connect issuers.

A token carries only subject, tenant, post and a count of revocations. Roles and area come from org, at each request.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.errors import Unauthenticated, Unavailable
from gateway.settings import TrustedIssuer

log = logging.getLogger(__name__)
AUDIENCE = "linli"
#: Minimum seconds between two fetches of an issuer's keys, however many unknown key ids arrive.
_MIN_REFETCH = 30.0
#: Seconds for which an issuer that did not answer is not asked again.
_RETRY = 5.0
_MAX_AGE = 600.0
_ALGORITHMS = ["EdDSA", "ES256", "ES384", "RS256", "RS384", "RS512", "PS256"]
# `Sessions` checks the times, against the clock that it is given.
_REQUIRED: Any = {"require": ["exp", "iat", "iss", "aud", "sub"], "verify_exp": False, "verify_iat": False}
#: Seconds by which the clock of an issuer may be ahead of ours.
_SKEW = 30


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """Verified claims. `issuer` is "" for our own tokens; `issued` and `expires` are in unix seconds.

    `revocations`: how often the user's tokens had been revoked before; None if the token does not say.
    """

    issuer: str
    tenant: str
    subject: str
    post: str
    issued: float
    expires: float
    revocations: int | None = None


def _verified(issuer: str, tenant: str, claims: dict[str, Any], revocations: int | None = None) -> VerifiedToken:
    post = str(claims.get("post", ""))
    times = float(claims["iat"]), float(claims["exp"])
    return VerifiedToken(issuer, tenant, str(claims["sub"]), post, *times, revocations)


class OwnIssuer:
    """Issuer of our own session tokens, for people who sign in with a password."""

    def __init__(self, key: Ed25519PrivateKey, url: str, seconds: int, *, now: Callable[[], float] = time.time) -> None:
        self._key = key
        self._public = key.public_key()
        self._raw = self._public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._key_id = hashlib.sha256(self._raw).hexdigest()[:16]
        self._now = now
        self.url = url
        self.seconds = seconds

    def issue(self, tenant: str, subject: str, post: str, revocations: int) -> str:
        issued = int(self._now())
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": subject,
            "tenant": tenant,
            "post": post,
            "revocations": revocations,
            "iat": issued,
            "exp": issued + self.seconds,
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._key_id})

    def verify(self, token: str) -> VerifiedToken:
        """Verifies one of our tokens. Raises jwt.PyJWTError."""
        claims = jwt.decode(
            token, self._public, algorithms=["EdDSA"], audience=AUDIENCE, issuer=self.url, options=_REQUIRED
        )
        # A release before the count issued tokens without it; they are valid until they expire.
        return _verified("", str(claims["tenant"]), claims, claims.get("revocations"))

    def key_set(self) -> dict[str, Any]:
        """Returns the JWKS (RFC 7517, RFC 8037) to verify our tokens."""
        x = base64.urlsafe_b64encode(self._raw).rstrip(b"=").decode()
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self._key_id, "x": x}]}


class ForeignIssuer:
    """Verifier for a trusted OpenID Connect issuer; caches the keys of its discovery document."""

    def __init__(
        self, trusted: TrustedIssuer, client: httpx.AsyncClient, *, now: Callable[[], float] = time.time
    ) -> None:
        self._trusted = trusted
        self._client = client
        self._now = now
        self._keys: dict[str, Any] = {}
        self._fetched = self._failed = float("-inf")
        self._fetching = asyncio.Lock()

    async def verify(self, token: str, key_id: str) -> VerifiedToken:
        """Verifies a token. Raises jwt.PyJWTError; `Unauthenticated` for a tenant that the issuer may not vouch for."""
        key = await self._key(key_id)
        claims = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=self._trusted.audience,
            issuer=self._trusted.issuer,
            options=_REQUIRED,
        )
        tenants = self._trusted.tenants
        tenant = str(claims.get("tenant", tenants[0] if len(tenants) == 1 else ""))
        if tenant not in tenants:
            raise Unauthenticated()
        return _verified(self._trusted.issuer, tenant, claims)

    async def _key(self, key_id: str) -> Any:
        if self._must_fetch(key_id):
            # One fetch for all who wait for it.
            async with self._fetching:
                if self._must_fetch(key_id):
                    await self._read_keys()
        if key_id in self._keys:
            return self._keys[key_id]
        raise Unauthenticated() if self._keys else Unavailable()

    def _must_fetch(self, key_id: str) -> bool:
        age = self._now() - self._fetched
        is_due = age > _MAX_AGE or (key_id not in self._keys and age > _MIN_REFETCH)
        return is_due and self._now() - self._failed > _RETRY

    async def _read_keys(self) -> None:
        """Fetches the keys; the cached ones stay in use while the issuer cannot be reached."""
        try:
            discovery = await self._fetch(f"{self._trusted.issuer.rstrip('/')}/.well-known/openid-configuration")
            if discovery.get("issuer") != self._trusted.issuer:
                raise ValueError("the document of another issuer")
            found = await self._fetch(str(discovery["jwks_uri"]))
            keys = jwt.PyJWKSet.from_dict(found).keys
        except (httpx.HTTPError, ValueError, KeyError, jwt.PyJWTError) as error:
            self._failed = self._now()
            log.warning("the keys of the issuer %s cannot be read: %s", self._trusted.issuer, type(error).__name__)
            return
        self._fetched = self._now()
        self._keys = {key.key_id or "": key for key in keys if key.algorithm_name in _ALGORITHMS}

    async def _fetch(self, url: str) -> dict[str, Any]:
        answer = await self._client.get(url, timeout=5)
        return dict(answer.raise_for_status().json())


class Sessions:
    """Verifier for all accepted bearer tokens."""

    def __init__(self, own: OwnIssuer, foreign: dict[str, ForeignIssuer], now: Callable[[], float] = time.time) -> None:
        self.own = own
        self._foreign = foreign
        self._now = now

    async def verify(self, token: str) -> VerifiedToken:
        """Verifies a token. Raises `Unauthenticated` if it is expired or its issuer is not trusted."""
        try:
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
            if issuer == self.own.url:
                verified = self.own.verify(token)
            elif isinstance(issuer, str) and issuer in self._foreign:
                verified = await self._foreign[issuer].verify(
                    token, str(jwt.get_unverified_header(token).get("kid", ""))
                )
            else:
                raise Unauthenticated()
        except (jwt.PyJWTError, KeyError, ValueError, TypeError) as error:
            raise Unauthenticated() from error
        if verified.expires <= self._now() or verified.issued > self._now() + _SKEW:
            raise Unauthenticated()
        return verified
