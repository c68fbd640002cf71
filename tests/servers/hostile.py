"""Messages as somebody with a service's own rights may send them: any bytes, properties, headers and depth."""

from __future__ import annotations

from struct import pack
from typing import Any

import msgspec
import pika
from hypothesis import strategies as st

DEEP = b"[" * 3_000 + b"]" * 3_000


class Properties(pika.BasicProperties):
    """Properties as these bytes, which pika itself would not write."""

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        self._raw = raw

    def encode(self) -> list[bytes]:
        return [self._raw]


def _table(items: list[tuple[bytes, bytes]]) -> bytes:
    body = b"".join(bytes([len(name)]) + name + value for name, value in items)
    return pack(">I", len(body)) + body


def _nested(depth: int) -> bytes:
    value = b"t\x01"
    for _ in range(depth):
        value = b"F" + _table([(b"n", value)])
    return value


def _long(kind: bytes, value: bytes) -> bytes:
    return kind + pack(">I", len(value)) + value


def _short(value: bytes) -> bytes:
    return bytes([len(value)]) + value


_TEXTS = st.binary(max_size=12) | st.sampled_from([b"abc", b"-1", b"9" * 400, b"\xff\xfe", b"wuhai\n", b""])
_VALUES = st.one_of(
    _TEXTS.map(lambda text: _long(b"S", text)),
    _TEXTS.map(lambda text: _long(b"x", text)),
    st.integers(0, 2**64 - 1).map(lambda number: b"T" + pack(">Q", number)),
    st.integers(-(2**63), 2**63 - 1).map(lambda number: b"l" + pack(">q", number)),
    st.integers(-(2**31), 2**31 - 1).map(lambda number: b"I" + pack(">i", number)),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: b"d" + pack(">d", number)),
    st.sampled_from([b"V", b"t\x01", _nested(1), _nested(3_000), b"T" + b"\xff" * 8]),
)
_NAMES = st.sampled_from(
    [b"linli-tries", b"linli-rounds", b"linli-key", b"linli-reason", b"linli-handler", b"linli-replayed", b"x-death",
     b"x-stream-offset", b"\xff\xfe", b"other"]
)  # fmt: skip
_ENCODINGS = st.sampled_from([b"unicode_escape", b"utf-16", b"gzip", b"zlib_codec", b"nothing", b"\xff", b""])


@st.composite
def properties(draw: st.DrawFn, reply_to: bytes = b"", message_id: bytes = b"") -> Properties:
    """Properties that the broker takes: `content_type`, `content_encoding`, headers and a time stamp are any."""
    table = draw(st.lists(st.tuples(_NAMES, _VALUES), max_size=3, unique_by=lambda item: item[0]))
    raw = _short(draw(_TEXTS)[:250]) + _short(draw(_ENCODINGS)) + _table(table) + b"\x01"
    flags = 0x8000 | 0x4000 | 0x2000 | 0x1000
    for flag, value in ((0x0200, reply_to), (0x0080, message_id)):
        if value:
            flags |= flag
            raw += _short(value)
    return Properties(pack(">H", flags | 0x0040) + raw + pack(">Q", draw(st.integers(0, 2**64 - 1))))


@st.composite
def bodies(draw: st.DrawFn, good: dict[str, Any], inside: str) -> bytes:
    """Bytes, or the JSON `good` with one value that is odd: among its own fields, or in the object `inside`."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=60) | st.sampled_from([b"", DEEP, b"null", b'"\xff"', b"{}", b"9" * 5_000]))
    place = draw(st.sampled_from([good, good[inside]] if isinstance(good[inside], dict) else [good]))
    field = draw(st.sampled_from(sorted(place)))
    odd = draw(
        st.sampled_from([b"", DEEP, b'"\xff\xfe"', b'"\\ud800"', b"null", b"-1", b"1e999", b"9" * 400, b"[]", b"{}"])
        | st.text(max_size=8).map(msgspec.json.encode)
    )
    changed = {**place, field: msgspec.Raw(odd)}
    return msgspec.json.encode(changed if place is good else {**good, inside: changed})
