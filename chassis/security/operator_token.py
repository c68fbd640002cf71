"""Operator token: authenticates whoever runs the installation, who creates tenants and resyncs replicas.

The token is a short-lived JWT for one tenant, signed with a key that only the gateway and the operator's command
line have. No user can be given the role.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import jwt

from chassis.errors import Unauthenticated
from chassis.security.principal import Principal
from chassis.types import TENANT

AUDIENCE = "linli.operator"
LIFETIME = 900
_ALGORITHM = "HS256"


def operator_of(tenant: str) -> Principal:
    """Returns the operator as a principal of the tenant."""
    return Principal(tenant=tenant, subject="operator", roles=frozenset({"operator"}))


def issue(tenant: str, key: bytes, *, now: Callable[[], float] = time.time) -> str:
    """Returns an operator token for the tenant, valid for `LIFETIME` seconds."""
    issued = int(now())
    claims = {"aud": AUDIENCE, "sub": "operator", "tenant": tenant, "iat": issued, "exp": issued + LIFETIME}
    return jwt.encode(claims, key, algorithm=_ALGORITHM)


def is_operators(token: str) -> bool:
    """Returns whether a token claims to be an operator token, without a check; `verify` checks it."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return False
    return claims.get("aud") == AUDIENCE


def verify(token: str, key: bytes, *, now: Callable[[], float] = time.time) -> tuple[Principal, float]:
    """Returns the principal and the expiry in Unix seconds. Raises `Unauthenticated` if the token is not valid."""
    options = {"require": ["exp", "tenant"], "verify_exp": False, "verify_iat": False}
    try:
        claims = jwt.decode(token, key, algorithms=[_ALGORITHM], audience=AUDIENCE, options=options)  # type: ignore[arg-type]
    except jwt.PyJWTError as error:
        raise Unauthenticated() from error
    tenant = claims["tenant"]
    if claims["exp"] <= now() or not isinstance(tenant, str) or not TENANT.fullmatch(tenant):
        raise Unauthenticated()
    return operator_of(tenant), float(claims["exp"])
