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


@dataclass(frozen=True)
class Keys:
    """The files in `folder`: symmetric keys as base64 of 32 bytes, signing keys as PEM, passwords as text."""

    folder: Path

    @property
    def root(self) -> Path:
        """Wraps the tenants' data keys."""
        return self._made("root.key", _symmetric)

    @property
    def index(self) -> Path:
        """Derives the blind indexes."""
        return self._made("index.key", _symmetric)

    @property
    def audit(self) -> Path:
        """Keys the audit chain."""
        return self._made("audit.key", _symmetric)

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
