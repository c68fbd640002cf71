"""Tolerant reader of a message's AMQP properties: whatever a sender wrote there, it ends no connection.

py-amqp and pika raise inside their connection for a time stamp in the year 10000, for a text that is not UTF-8 or for
tables nested too deeply, and the broker lets all of these through. Both libraries look their reader up in a registry,
where `chassis.messaging.amqp` and `gateway.rpc.pika_properties` put this one.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct, error, unpack_from
from typing import Any

#: Depth of tables and lists that are read; the broker's own `x-death` is a list of tables with a list.
_DEPTH = 5
_NAMES = (
    "content_type", "content_encoding", "headers", "delivery_mode", "priority", "correlation_id", "reply_to",
    "expiration", "message_id", "timestamp", "type", "user_id", "app_id", "cluster_id",
)  # fmt: skip
_U8, _U16, _U32, _U64 = Struct(">B"), Struct(">H"), Struct(">I"), Struct(">Q")
_NUMBERS: dict[str, Struct] = {
    "b": Struct(">b"), "B": _U8, "U": Struct(">h"), "s": Struct(">h"), "u": _U16, "I": Struct(">i"), "i": _U32,
    "L": Struct(">q"), "l": Struct(">q"), "f": Struct(">f"), "d": Struct(">d"), "T": _U64,
}  # fmt: skip
_OTHERS = {"delivery_mode": _U8, "priority": _U8, "timestamp": _U64}


class _Unknown(Exception):
    """A value of unknown type: nobody can tell where the next one starts."""


def read_properties(buffer: bytes, offset: int = 0) -> dict[str, Any]:
    """Returns the properties that can be read, by their names in AMQP.

    A text that is not UTF-8 is absent, a header that is not is bytes, and a moment is its number of seconds. A table
    nested deeper than `_DEPTH` is None. Behind bytes that make no sense, the rest of their table is absent.
    """
    found: dict[str, Any] = {}
    (flags,) = _U16.unpack_from(buffer, offset)
    offset += 2
    try:
        for number, name in enumerate(_NAMES):
            if flags & (0x8000 >> number):
                value, offset = _property(name, buffer, offset)
                if value is not None:
                    found[name] = value
    except (error, IndexError):
        pass
    return found


def read_short_text(buffer: bytes, offset: int) -> tuple[str | None, int]:
    """Returns a text of up to 255 bytes, or None if it is not UTF-8, and the offset behind it."""
    end = offset + 1 + buffer[offset]
    value = _text(bytes(buffer[offset + 1 : end]))
    return value if isinstance(value, str) else None, end


def _property(name: str, buffer: bytes, offset: int) -> tuple[Any, int]:
    if name == "headers":
        return _table(buffer, offset, 0)
    if number := _OTHERS.get(name):
        return number.unpack_from(buffer, offset)[0], offset + number.size
    return read_short_text(buffer, offset)


def _text(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def _table(buffer: bytes, offset: int, depth: int) -> tuple[dict[str | bytes, Any] | None, int]:
    found: dict[str | bytes, Any] = {}

    def read(offset: int) -> int:
        start, end = offset + 1, offset + 1 + buffer[offset]
        found[_text(bytes(buffer[start:end]))], offset = _value(buffer, end, depth)
        return offset

    end = _each(buffer, offset, read) if depth < _DEPTH else _behind(buffer, offset)
    return (found if depth < _DEPTH else None), end


def _list(buffer: bytes, offset: int, depth: int) -> tuple[list[Any] | None, int]:
    found: list[Any] = []

    def read(offset: int) -> int:
        value, offset = _value(buffer, offset, depth)
        found.append(value)
        return offset

    end = _each(buffer, offset, read) if depth < _DEPTH else _behind(buffer, offset)
    return (found if depth < _DEPTH else None), end


def _each(buffer: bytes, offset: int, read: Callable[[int], int]) -> int:
    """Reads the items of a table or list; its length tells where it ends even if an item makes no sense."""
    end, offset = _behind(buffer, offset), offset + 4
    try:
        while offset < end:
            offset = read(offset)
    except (_Unknown, error, IndexError):
        pass
    return end


def _behind(buffer: bytes, offset: int) -> int:
    return int(offset + 4 + _U32.unpack_from(buffer, offset)[0])


def _value(buffer: bytes, offset: int, depth: int) -> tuple[Any, int]:
    kind, offset = chr(buffer[offset]), offset + 1
    if number := _NUMBERS.get(kind):
        return number.unpack_from(buffer, offset)[0], offset + number.size
    match kind:
        case "S" | "x":
            end = _behind(buffer, offset)
            raw = bytes(buffer[offset + 4 : end])
            return _text(raw) if kind == "S" else raw, end
        case "t":
            return bool(buffer[offset]), offset + 1
        case "V":
            return None, offset
        case "D":
            decimals, number = unpack_from(">Bi", buffer, offset)
            return f"{number}e-{decimals}", offset + 5
        case "F":
            return _table(buffer, offset, depth + 1)
        case "A":
            return _list(buffer, offset, depth + 1)
    raise _Unknown()
