"""Bytes that are not UTF-8 or nested too deeply are unreadable like any others, wherever JSON is read."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from chassis.audit import heads
from chassis.entrypoints.delivery import Delivery
from chassis.envelope import UNREADABLE, Envelope, Unreadable, decode

NOT_UTF_8 = b'{"id":"\xff\xfe"}'
TOO_DEEP = b'{"id":' + b"[" * 100_000
HOSTILE = pytest.mark.parametrize("body", [b"{", NOT_UTF_8, TOO_DEEP], ids=["not JSON", "not UTF-8", "too deep"])


@HOSTILE
def test_what_msgspec_raises_is_unreadable(body: bytes) -> None:
    with pytest.raises(UNREADABLE):
        msgspec.json.decode(body)


@HOSTILE
def test_a_message_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(body)


def test_the_data_of_an_event_are_unreadable() -> None:
    envelope = msgspec.convert(
        {
            "specversion": "1.0", "id": "e", "source": "cases", "type": "linli.a.b.v1", "subject": "s",
            "time": "2026-03-01T09:00:00Z", "datacontenttype": "application/json", "tenant": "wuhai", "sequence": 1,
            "correlationid": "c", "data": msgspec.Raw(NOT_UTF_8),
        },
        Envelope,
    )  # fmt: skip
    with pytest.raises(Unreadable):
        envelope.data_fields()


@HOSTILE
def test_no_retry_helps_against_it(body: bytes) -> None:
    delivery = delivered(body)
    delivery.failure = ("on_added", ValueError())
    assert delivery.retryable
    with pytest.raises(UNREADABLE) as caught:
        msgspec.json.decode(body)
    delivery.failure = ("on_added", caught.value)
    assert not delivery.retryable


@HOSTILE
def test_a_head_of_the_audit_log_is_read_as_forged(body: bytes) -> None:
    assert heads.decode(body).writer == "unreadable"


def delivered(body: Any) -> Delivery:
    where = {"delivery_tag": 1, "redelivered": False, "exchange": "linli.events", "routing_key": "wuhai.a.b.v1"}
    return Delivery(SimpleNamespace(delivery_info=where, headers={}, body=body))


FAR = ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "1899-12-31T00:00:00Z")


def message(time: str = "2026-03-01T09:00:00Z", reported_at: str = "2026-03-01T09:00:00Z") -> bytes:
    return (
        '{"specversion":"1.0","id":"e","source":"cases","type":"linli.a.b.v1","subject":"s","tenant":"wuhai",'
        '"datacontenttype":"application/json","sequence":1,"correlationid":"c",'
        f'"time":"{time}","data":{{"case":{{"reported_at":"{reported_at}"}}}}}}'
    ).encode()


class Dated(msgspec.Struct):
    reported_at: datetime


class Counted(msgspec.Struct):
    case: Dated


@pytest.mark.parametrize("moment", FAR)
def test_an_event_with_a_moment_that_nobody_can_count_with_is_not_tried_again(moment: str) -> None:
    """Another time zone led beyond the calendar, each time that the event was handled."""
    with pytest.raises(Unreadable):
        decode(message(time=moment))
    delivery = delivered(message(reported_at=moment))
    with pytest.raises(Unreadable) as refused:
        decode(delivery.body).decode(Counted)
    delivery.failure = ("learn", refused.value)
    assert not delivery.retryable
    assert decode(message()).decode(Counted).case.reported_at.year == 2026
