"""What the audit log is made of: entries in a keyed chain for each writer, and signed heads of the chains.

Each entry's code covers the code of the entry before it, so nothing inside a chain can change unnoticed.
What only a chain cannot show is that its end, or all of it, was cut off: that takes a head kept elsewhere.
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
    """A writer's name, new for each start: two processes never write one chain."""
    return f"{service}.{replica}.{uuid.uuid4().hex[:12]}"


def service_of(writer: str) -> str:
    return writer.partition(".")[0]


def entry_id(writer: str, number: int) -> str:
    """Padded, so that the order of ids is the order of the chain."""
    return f"{writer}:{number:012}"


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reading of personal data, sign-in or act of an administrator; `subjects` are ids, never names.

    Stored as it is, `id` as `_id`. `number` counts the writer's entries from 1; `at` is to the millisecond.
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
    """How far a writer's chain had come at a moment. Number 0 is a chain that was begun and has no entry yet."""

    writer: str
    number: int
    mac: str
    at: datetime
    signature: str = ""


class Heads(Protocol):
    """Where heads are kept: outside the database of the entries, and only ever added to."""

    def publish(self, head: Head) -> None:
        """Returns when the head is kept; raises `Unavailable` when that is not certain."""
        ...

    def read(self) -> Iterator[Head]:
        """Every head, oldest first; raises `Unavailable`."""
        ...


class ChainKey:
    """The codes of entries and the signatures of heads, each under a key of its own derived from `key`."""

    def __init__(self, key: bytes) -> None:
        self._entries = hmac.digest(key, b"linli audit entries", hashlib.sha256)
        self._heads = hmac.digest(key, b"linli audit heads", hashlib.sha256)

    def start(self, writer: str) -> str:
        """What the first entry of a chain follows."""
        return self._code(self._entries, ["start", writer])

    def chained(self, entry: Entry, previous: str) -> Entry:
        """The entry with its code."""
        return msgspec.structs.replace(entry, mac=self._entry_code(entry, previous))

    def follows(self, entry: Entry, previous: str) -> bool:
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
