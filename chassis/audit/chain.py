"""Hash chain of the audit log: one keyed chain of entries for each writer, and signed heads of the chains.

The authentication code (HMAC) of an entry covers the code of the previous entry, so any change inside a chain shows.
A chain cannot show that its end, or all of it, was removed; a signed head that is stored elsewhere can.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

import msgspec

Row = dict[str, Any]
_encoder = msgspec.json.Encoder()


def new_writer(service: str, replica: str) -> str:
    """Returns a writer's name, unique to each start: two processes never write the same chain."""
    return f"{service}.{replica}.{uuid.uuid4().hex[:12]}"


def service_of(writer: str) -> str:
    """Returns the service that a writer's name begins with."""
    return writer.partition(".")[0]


def entry_id(writer: str, number: int) -> str:
    """Returns an entry's id, padded so that ids sort in chain order."""
    return f"{writer}:{number:012}"


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Audit entry: one access to personal data, sign-in or administrative act. `subjects` are ids, never names.

    The stored row has the same fields, with `id` as `_id`. `number` counts the writer's entries from 1; `at` has
    millisecond precision.
    """

    id: str = msgspec.field(name="_id")
    number: int
    tenant: str
    at: datetime
    actor: str
    action: str
    subjects: list[str]
    purpose: str
    mac: str = ""

    def to_row(self) -> Row:
        row: Row = msgspec.to_builtins(self, builtin_types=(datetime,))
        return row


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Signed head: the last entry of a writer's chain at a moment. Number 0 means a new chain without entries."""

    writer: str
    number: int
    mac: str
    at: datetime
    signature: str = ""


class Heads(Protocol):
    """Port of the store of heads: append-only, and outside the database that stores the entries."""

    def publish(self, head: Head) -> None:
        """Returns once the head is stored. Raises `Unavailable` if that is not certain."""
        ...

    def read(self) -> Iterator[Head]:
        """Yields every head, oldest first. Raises `Unavailable`."""
        ...


class ChainKey:
    """Authenticates entries and signs heads, with two separate keys derived from `key`."""

    def __init__(self, key: bytes) -> None:
        self._entries = hmac.digest(key, b"linli audit entries", hashlib.sha256)
        self._heads = hmac.digest(key, b"linli audit heads", hashlib.sha256)

    def start(self, writer: str) -> str:
        """Returns the code that precedes the first entry of a chain."""
        return self._code(self._entries, ["start", writer])

    def chained(self, entry: Entry, previous: str) -> Entry:
        """Returns the entry with its authentication code."""
        return msgspec.structs.replace(entry, mac=self._entry_code(entry, previous))

    def follows(self, entry: Entry, previous: str) -> bool:
        """Returns whether the entry's code is valid after the code `previous`."""
        return hmac.compare_digest(entry.mac.encode(), self._entry_code(entry, previous).encode())

    def signed(self, head: Head) -> Head:
        return msgspec.structs.replace(head, signature=self._head_code(head))

    def signs(self, head: Head) -> bool:
        return hmac.compare_digest(head.signature.encode(), self._head_code(head).encode())

    def _entry_code(self, entry: Entry, previous: str) -> str:
        return self._code(self._entries, ["entry", previous, msgspec.structs.replace(entry, mac="")])

    def _head_code(self, head: Head) -> str:
        return self._code(self._heads, msgspec.structs.replace(head, signature=""))

    def _code(self, key: bytes, content: Any) -> str:
        return hmac.digest(key, _encoder.encode(content), hashlib.sha256).hex()
