"""Properties of a message: whatever a sender wrote there, both AMQP libraries read it and raise nothing."""

from __future__ import annotations

from struct import pack
from typing import Any

import pytest
from amqp.basic_message import Message
from hypothesis import example, given
from hypothesis import strategies as st
from pika import BasicProperties, frame

from chassis.messaging import amqp
from chassis.messaging.properties import read_properties
from gateway.rpc import pika_properties

assert amqp
assert pika_properties

HEADERS = 0x2000


def table(*items: bytes) -> bytes:
    return pack(">I", sum(map(len, items))) + b"".join(items)


def named(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + value


def headers(*items: bytes) -> dict[str, Any]:
    found: dict[str, Any] = read_properties(pack(">H", HEADERS) + table(*items))["headers"]
    return found


AFTER = named(b"x-stream-offset", b"l" + pack(">q", 7))


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (b"T" + pack(">Q", 2**64 - 1), 2**64 - 1),
        (b"d" + pack(">d", float("inf")), float("inf")),
        (b"S" + pack(">I", 2) + b"\xff\xfe", b"\xff\xfe"),
        (b"D" + pack(">Bi", 255, 1), "1e-255"),
        (b"V", None),
        (b"F" + table(named(b"a", b"t\x01")), {"a": True}),
        (b"A" + table(b"t\x00", b"s" + pack(">h", -1)), [False, -1]),
        (b"F" + table(named(b"a", b"?junk")), {}),
    ],
)
def test_an_odd_header_is_read_and_the_next_one_too(value: bytes, read: object) -> None:
    assert headers(named(b"odd", value), AFTER) == {"odd": read, "x-stream-offset": 7}


def test_a_header_nested_too_deeply_is_skipped_by_its_length() -> None:
    value = b"t\x01"
    for _ in range(5_000):
        value = b"F" + table(named(b"n", value))
    found = headers(named(b"deep", value), AFTER)
    assert found["x-stream-offset"] == 7
    assert "deep" in found


def test_behind_a_header_of_unknown_type_the_rest_of_the_headers_is_absent() -> None:
    assert headers(named(b"a", b"t\x01"), named(b"b", b"?"), AFTER) == {"a": True}


def test_a_text_that_is_not_utf_8_is_absent() -> None:
    assert read_properties(pack(">H", 0x8200) + b"\x02\xff\xfe" + b"\x01r") == {"reply_to": "r"}


@given(
    content_type=st.none() | st.text(max_size=60),
    headers=st.none()
    | st.dictionaries(st.text(max_size=60), st.text() | st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.none()),
    message_id=st.none() | st.text(max_size=60),
    priority=st.none() | st.integers(0, 255),
)
def test_what_pika_writes_is_read_as_it_was(**written: Any) -> None:
    buffer = b"".join(BasicProperties(**written).encode())
    assert read_properties(buffer) == {name: value for name, value in written.items() if value is not None}


@given(st.binary(), st.integers(0, 2**16 - 1))
@example(b"", 0xFFFF)
def test_any_bytes_are_read_by_both_libraries(rest: bytes, flags: int) -> None:
    buffer = pack(">HHQH", 60, 0, 5, flags) + rest
    received = Message()
    received.inbound_header(buffer)
    assert received.body_size == 5
    framed = pack(">BHI", 2, 1, len(buffer)) + buffer + b"\xce"
    used, decoded = frame.decode_frame(framed)
    assert used == len(framed)
    assert decoded.properties.headers in (None, received.headers)
