"""Identifiers: time-ordered ones for events, and ones derived from an idempotency key for created records."""

from __future__ import annotations

import hashlib
import os
import re
import time
import unicodedata
import uuid

# Crockford's base 32: without I, L, O and U, an id read out on the phone is understood.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BETWEEN = re.compile(r"[\W_]+")
#: What the alphabet leaves out because it looks like something in it.
_LIKENESSES = str.maketrans("ILO", "110")


def uuid7() -> str:
    """Returns an RFC 9562 UUID version 7: 48 bits of Unix milliseconds, then random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def derived(*parts: str) -> str:
    """Returns a deterministic id of 16 characters (80 bits): the same parts give the same id."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    number = int.from_bytes(digest[:10])
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(75, -1, -5))


def as_derived(typed: str) -> str:
    """Returns what somebody typed in the letters of `derived`: case, width, blanks and hyphens do not count."""
    letters = unicodedata.normalize("NFKC", typed).upper()
    return _BETWEEN.sub("", letters).translate(_LIKENESSES)


def fresh() -> str:
    """Returns a new random id in the format of `derived`."""
    return derived(uuid7())
