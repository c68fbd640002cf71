"""Root keys (key encryption keys): they wrap the data keys in the database and are stored elsewhere, here in a file."""

from __future__ import annotations

import base64
import os
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.errors import Problem

KEY_BYTES = 32
_NONCE_BYTES = 12


class BadKey(Problem):
    """A key file does not hold a key; the process must not start."""

    code = "bad_key"
    en = "A key file does not hold 32 bytes as base64; create one with `head -c 32 /dev/urandom | base64`."
    zh = "密钥文件内容不是 32 字节的 base64；请用 `head -c 32 /dev/urandom | base64` 生成。"


class KeyLocked(Problem):
    """This root key cannot unwrap a stored key. `key`: the id of the stored key."""

    code = "data_key_locked"
    en = "The root key cannot unwrap the data key {key}: the root key is wrong, or the stored key was altered."
    zh = "根密钥无法解开数据密钥 {key}：根密钥不匹配，或存储的密钥已被改动。"


def read_key(content: bytes) -> bytes:
    """Returns the 32 bytes of a key file, which holds them as base64. Raises `BadKey`."""
    try:
        key = base64.b64decode(content.strip(), validate=True)
    except ValueError as error:
        raise BadKey() from error
    if len(key) != KEY_BYTES:
        raise BadKey()
    return key


class RootKey(Protocol):
    """Port of a root key. `name` is bound to the wrapped key, so that one tenant's key cannot replace another's."""

    def wrap(self, key: bytes, name: str) -> bytes: ...

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """Returns the data key. Raises `KeyLocked` if this root key cannot unwrap it."""
        ...

    def rewrapped(self, wrapped: bytes, name: str) -> bytes | None:
        """Returns the key wrapped by the new root key if only the old one can unwrap it, else None."""
        ...


class FileRootKey:
    """Root key from a file (base64, see `read_key`): AES-256-GCM."""

    def __init__(self, content: bytes) -> None:
        self._aead = AESGCM(read_key(content))

    def wrap(self, key: bytes, name: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, key, name.encode())

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        try:
            return self._aead.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError) as error:
            raise KeyLocked(key=name) from error

    def rewrapped(self, wrapped: bytes, name: str) -> bytes | None:
        return None


class RotatingRootKey:
    """Key rotation: wraps with the new root key and unwraps with either, so that old and new processes coexist."""

    def __init__(self, new: RootKey, old: RootKey) -> None:
        self._new = new
        self._old = old

    def wrap(self, key: bytes, name: str) -> bytes:
        return self._new.wrap(key, name)

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        try:
            return self._new.unwrap(wrapped, name)
        except KeyLocked:
            return self._old.unwrap(wrapped, name)

    def rewrapped(self, wrapped: bytes, name: str) -> bytes | None:
        """Raises `KeyLocked` if neither root key can unwrap it."""
        try:
            self._new.unwrap(wrapped, name)
        except KeyLocked:
            return self._new.wrap(self._old.unwrap(wrapped, name), name)
        return None
