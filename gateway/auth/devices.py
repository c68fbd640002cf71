"""Device tokens: say that a person has signed in on this device before. They sign nobody in by themselves.

Any replica verifies them, since their key derives from the secret that all share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.ids import fresh

_AUDIENCE = "linli.device"
_ALGORITHM = "HS256"
#: Seconds after which a device that is not used any more counts as unknown: half a year.
LIFETIME = 180 * 24 * 3600
_REQUIRED = {"require": ["exp", "sub", "jti", "tenant"], "verify_exp": False}


@dataclass(frozen=True, slots=True)
class Device:
    """A device on which the user `subject` has signed in."""

    id: str
    subject: str

    def as_arguments(self) -> dict[str, str]:
        return {"device": self.id, "device_of": self.subject}


class Devices:
    """Issues and verifies device tokens."""

    def __init__(self, key: Ed25519PrivateKey, now: Callable[[], float]) -> None:
        self._key = hashlib.sha256(b"linli devices" + key.private_bytes_raw()).digest()
        self._now = now

    def issue(self, tenant: str, subject: str, device: Device | None) -> str:
        """Returns the token of a device on which the user has just signed in. `device`: what it was known as."""
        known = device is not None and device.subject == subject
        claims = {
            "aud": _AUDIENCE,
            "tenant": tenant,
            "sub": subject,
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
        return Device(str(claims["jti"]), str(claims["sub"]))
