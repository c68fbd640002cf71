"""Positions in a tenant's log, as clients keep them: `1234-9f86d081`, an offset and the checksum of its entry.

A log that was lost begins again at offset zero, and the offset alone would lead into the middle of the new log: what
happened in between would be missing, and nobody would know. Another log has another entry there, so the checksum
differs.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from zlib import crc32

_WRITTEN = re.compile("([0-9]{1,20})(?:-([0-9a-f]{8}))?")


class Position(NamedTuple):
    """`checksum`: empty if the client gave an offset alone, as for the beginning."""

    offset: int
    checksum: str = ""

    @classmethod
    def of(cls, offset: int, body: bytes) -> Position:
        return cls(offset, f"{crc32(body):08x}")

    @classmethod
    def read(cls, text: str) -> Position | None:
        """Returns the position that a text names; None if it names none."""
        found = _WRITTEN.fullmatch(text)
        return cls(int(found[1]), found[2] or "") if found else None

    def leads_to(self, other: Position) -> bool:
        return self.offset == other.offset and self.checksum in ("", other.checksum)

    def __str__(self) -> str:
        return f"{self.offset}-{self.checksum}"
