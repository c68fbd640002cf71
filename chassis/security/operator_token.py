"""The operator: whoever runs an installation and holds its operator key. Opens tenants, brings copies up to date.

An operator's token is a short-lived JWT for one tenant, signed with a key that only the gateway and the operator's
own command have. No user can be given the role.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import jwt

from chassis.errors import Unauthenticated
from chassis.security.principal import Principal

AUDIENCE = "linli.operator"
LIFETIME = 900
_ALGORITHM = "HS256"


def operator_of(tenant: str) -> Principal:
    return Principal(tenant=tenant, subject="operator", roles=frozenset({"operator"}))


def issue(tenant: str, key: bytes, *, now: Callable[[], float] = time.time) -> str:
    issued = int(now())
    claims = {"aud": AUDIENCE, "sub": "operator", "tenant": tenant, "iat": issued, "exp": issued + LIFETIME}
    return jwt.encode(claims, key, algorithm=_ALGORITHM)


def is_operators(token: str) -> bool:
    """Whether it claims to be an operator's token; `verify` tells whether it is one."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return False
    return claims.get("aud") == AUDIENCE


def verify(token: str, key: bytes, *, now: Callable[[], float] = time.time) -> tuple[Principal, float]:
    """The principal and when it ends, in Unix seconds. Raises `Unauthenticated`."""
    options = {"require": ["exp", "tenant"], "verify_exp": False, "verify_iat": False}
    try:
        claims = jwt.decode(token, key, algorithms=[_ALGORITHM], audience=AUDIENCE, options=options)  # type: ignore[arg-type]
    except jwt.PyJWTError as error:
        raise Unauthenticated() from error
    if claims["exp"] <= now():
        raise Unauthenticated()
    return operator_of(str(claims["tenant"])), float(claims["exp"])
