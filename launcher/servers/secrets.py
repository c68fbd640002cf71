"""Secrets that an installation makes for itself, once, in files that only its owner reads."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# Ed25519: with one the gateway tells a service who is asking, with the other it signs sign-ins.
_PRINCIPAL_PRIVATE, _PRINCIPAL_PUBLIC = "principal.pem", "principal.pub"
_SIGNING = (_PRINCIPAL_PRIVATE, "session.pem")


@dataclass(frozen=True)
class Keys:
    """The files in `folder`: symmetric keys as base64 of 32 bytes, signing keys as PEM, passwords as text.

    docs/operations.md says what each key does.
    """

    folder: Path

    def file(self, name: str) -> Path:
        """One of the keys, made where it was not there."""
        if name == _PRINCIPAL_PUBLIC:
            return self._made(name, lambda: _public_half(self.file(_PRINCIPAL_PRIVATE)))
        return self._made(name, _signing if name in _SIGNING else _symmetric)

    @property
    def operator(self) -> Path:
        """Signs what the operator's own commands show to the gateway."""
        return self.file("operator.key")

    def password(self, server: str, user: str) -> str:
        return self._made(f"{server}.{user}.password", lambda: secrets.token_urlsafe(24).encode()).read_text()

    def _made(self, name: str, make: Callable[[], bytes]) -> Path:
        file = self.folder / name
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = file.with_suffix(f".{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_bytes(make())
            draft.rename(file)
        return file


def _symmetric() -> bytes:
    return base64.b64encode(secrets.token_bytes(32))


def _signing() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public_half(private: Path) -> bytes:
    key = serialization.load_pem_private_key(private.read_bytes(), None).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
