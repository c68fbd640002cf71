"""Secrets of an installation, generated once, in files that only their owner can read."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.security.root_keys import BadKey, read_key
from launcher import text_files
from launcher.problems import Stopped

# Ed25519: with one the gateway signs principals for services, with the other session tokens.
_PRINCIPAL_PRIVATE, _PRINCIPAL_PUBLIC = "principal.pem", "principal.pub"
_SIGNING = (_PRINCIPAL_PRIVATE, "session.pem")
# Each service has its own set of these. The two oldest services used to share one set.
_OWN = ("root.key", "index.key", "audit.key")
_FORMERLY_SHARED = ("org", "cases")
_ROTATED = _OWN[:2]


class UnusableKey(Stopped):
    """A key that stored data needs cannot be read."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file} {reason} from a backup and run the command again; nothing was changed")


def stored_as(service: str, name: str) -> str:
    """Returns the file name on disk of the service's key `name`."""
    return f"{service}.{name}" if name in _OWN else name


@dataclass(frozen=True)
class Keys:
    """Key store in `folder`: symmetric keys as base64 of 32 bytes, signing keys as PEM, passwords as text.

    docs/operations.md says what each key does.
    """

    folder: Path

    def file(self, name: str) -> Path:
        """Returns the file of a key, creating it if missing."""
        if name == _PRINCIPAL_PUBLIC:
            return self._made(name, lambda: _public_half(self.file(_PRINCIPAL_PRIVATE)))
        if (shared := self._shared(name)) is not None and shared.exists():
            file = self._made(name, shared.read_bytes)
            if any(copy.read_bytes() == shared.read_bytes() for copy in self._copies(shared)):
                shared.unlink()
            return file
        return self._made(name, _signing if name in _SIGNING else _symmetric)

    def root(self, service: str) -> Path:
        """The key that wraps the data keys of the service's tenants."""
        return self.file(stored_as(service, "root.key"))

    def index(self, service: str) -> Path:
        """The key that wraps the keys of the service's blind indexes."""
        return self.file(stored_as(service, "index.key"))

    def old(self, key: Path) -> Path:
        """The previous version of a root key during its rotation."""
        return key.with_name(f"old-{key.name}")

    def to_rotate(self, service: str) -> list[Path]:
        """Returns the service's two root keys. Raises `UnusableKey` if one, or its previous version, cannot be read."""
        for name in _ROTATED:
            key = self.folder / stored_as(service, name)
            if not key.exists() and not (self.folder / name).exists():
                raise UnusableKey(key, f"is missing; if {service} is new, ./linli up creates it, otherwise restore it")
        found = [self.root(service), self.index(service)]
        for file in (*found, *filter(Path.exists, map(self.old, found))):
            _check(file)
        return found

    def begin_rotation(self, key: Path) -> None:
        """Replaces `key` with a new root key; resumes after a crash."""
        old = self.old(key)
        if not old.exists():
            text_files.replace(old, key.read_bytes())
        if old.read_bytes() == key.read_bytes():
            text_files.replace(key, _symmetric())

    def end_rotation(self, key: Path) -> None:
        """Deletes the previous version of `key`, and the shared key that no service uses any more."""
        if (shared := self._shared(key.name)) is not None and self._copies(shared):
            shared.unlink(missing_ok=True)
        self.old(key).unlink(missing_ok=True)

    @property
    def operator(self) -> Path:
        """The key that signs the operator's tokens."""
        return self.file("operator.key")

    def password(self, server: str, user: str) -> str:
        return self._made(f"{server}.{user}.password", lambda: secrets.token_urlsafe(24).encode()).read_text()

    def _shared(self, name: str) -> Path | None:
        """Returns where the key `name` was copied from, if two services used to share it."""
        service, _, own = name.partition(".")
        return self.folder / own if own in _OWN and service in _FORMERLY_SHARED else None

    def _copies(self, shared: Path) -> list[Path]:
        """Returns the keys of the services that used to share one; nothing until each has its own."""
        copies = [self.folder / f"{service}.{shared.name}" for service in _FORMERLY_SHARED]
        return copies if all(copy.exists() for copy in copies) else []

    def _made(self, name: str, make: Callable[[], bytes]) -> Path:
        file = self.folder / name
        if not file.exists():
            text_files.replace(file, make())  # on disk before what it is a copy of is deleted
        return file


def _check(file: Path) -> None:
    try:
        read_key(file.read_bytes())
    except OSError as error:
        raise UnusableKey(file, f"cannot be read ({error.strerror}); make it readable, or restore it") from error
    except BadKey as error:
        raise UnusableKey(file, "does not hold a key (32 bytes as base64); restore it") from error


def _symmetric() -> bytes:
    return base64.b64encode(secrets.token_bytes(32))


def _signing() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public_half(private: Path) -> bytes:
    key = serialization.load_pem_private_key(private.read_bytes(), None).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
