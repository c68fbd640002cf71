"""Device tokens: say that a person has signed in on this device before. They sign nobody in by themselves.

Any replica verifies them, since their key derives from the secret that all share.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.ids import fresh
from chassis.security.sealing import plain

_AUDIENCE = "linli.device"
_ALGORITHM = "HS256"
#: Seconds after which a device that is not used any more counts as unknown: half a year.
LIFETIME = 180 * 24 * 3600
_REQUIRED = {"require": ["exp", "sub", "jti", "tenant"], "verify_exp": False}


@dataclass(frozen=True, slots=True)
class Device:
    """A device on which the user `subject` has signed in. `login_digest`: of the login that they used."""

    id: str
    subject: str
    login_digest: str

    def as_arguments(self) -> dict[str, str]:
        return {"device": self.id, "device_of": self.subject}


class Devices:
    """Issues and verifies device tokens."""

    def __init__(self, key: Ed25519PrivateKey, now: Callable[[], float]) -> None:
        self._key = hashlib.sha256(b"linli devices" + key.private_bytes_raw()).digest()
        self._now = now

    def issue(self, tenant: str, subject: str, login: str, device: Device | None) -> str:
        """Returns the token of a device on which the user has just signed in. `device`: what it was known as."""
        known = device is not None and device.subject == subject
        claims = {
            "aud": _AUDIENCE,
            "tenant": tenant,
            "sub": subject,
            "login": self._digest(tenant, login),
            "jti": device.id if device and known else fresh(),
            "exp": int(self._now()) + LIFETIME,
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def read(self, token: str, tenant: str) -> Device | None:
        """Returns the device, or None for a token that is missing, expired, forged or of another tenant."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM], audience=_AUDIENCE, options=_REQUIRED)  # type: ignore[arg-type]
        except jwt.PyJWTError:
            return None
        if claims["tenant"] != tenant or claims["exp"] <= self._now():
            return None
        return Device(str(claims["jti"]), str(claims["sub"]), str(claims.get("login", "")))

    def knows(self, device: Device, tenant: str, login: str) -> bool:
        """Whether it was with this login that somebody signed in on the device: at others it is as a stranger's."""
        return hmac.compare_digest(device.login_digest, self._digest(tenant, login))

    def _digest(self, tenant: str, login: str) -> str:
        """Returns what stands for a login, however it is typed, which the token must not show."""
        return hmac.digest(self._key, f"{tenant}\0{plain(login)}".encode(), hashlib.sha256).hex()
