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

#: Services that are older than key sets of their own.
_SHARED_ONE_SET = ("org", "cases")


@dataclass(frozen=True)
class Keys:
    """The files in `folder`: symmetric keys as base64 of 32 bytes, signing keys as PEM, passwords as text."""

    folder: Path

    def root(self, service: str) -> Path:
        """Wraps the data keys of the service's tenants."""
        return self._own(service, "root.key")

    def index(self, service: str) -> Path:
        """Wraps the keys of the service's blind indexes."""
        return self._own(service, "index.key")

    def audit(self, service: str) -> Path:
        """Keys the service's audit chains."""
        return self._own(service, "audit.key")

    def old(self, key: Path) -> Path:
        """Beside a root key that is being rotated, the one before it."""
        return key.with_name(f"old-{key.name}")

    def begin_rotation(self, key: Path) -> None:
        """Puts a new root key in the place of `key`; after a crash it goes on where it was."""
        old = self.old(key)
        if not old.exists():
            self._write(old, key.read_bytes())
        if old.read_bytes() == key.read_bytes():
            self._write(key, _symmetric())

    @property
    def ticket(self) -> Path:
        """Signs the tickets by which photos go between a caller and the store."""
        return self._made("ticket.key", _symmetric)

    @property
    def operator(self) -> Path:
        """Signs what the operator's own commands show to the gateway."""
        return self._made("operator.key", _symmetric)

    @property
    def principal_private(self) -> Path:
        """Ed25519: with it the gateway tells a service who is asking."""
        return self._made("principal.pem", _signing)

    @property
    def session_private(self) -> Path:
        """Ed25519: with it the gateway signs what it gives to who signs in."""
        return self._made("session.pem", _signing)

    @property
    def principal_public(self) -> Path:
        private = serialization.load_pem_private_key(self.principal_private.read_bytes(), None)
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return self._made("principal.pub", lambda: public)

    def password(self, server: str, user: str) -> str:
        return self._made(f"{server}.{user}.password", lambda: secrets.token_urlsafe(24).encode()).read_text()

    def _made(self, name: str, make: Callable[[], bytes]) -> Path:
        file = self.folder / name
        if not file.exists():
            self._write(file, make())
        return file

    def _own(self, service: str, name: str) -> Path:
        """A key that no other service has; those from before that start with a copy of the one that they shared."""
        shared = self.folder / name
        inherits = service in _SHARED_ONE_SET and shared.exists()
        return self._made(f"{service}.{name}", shared.read_bytes if inherits else _symmetric)

    def _write(self, file: Path, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = file.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_bytes(content)
        draft.rename(file)


def _symmetric() -> bytes:
    return base64.b64encode(secrets.token_bytes(32))


def _signing() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
