"""Typed events and their envelope: CloudEvents 1.0, structured JSON."""

from __future__ import annotations

import builtins
from datetime import datetime
from typing import Any, ClassVar, Literal

import msgspec

from chassis.errors import Problem

PREFIX = "linli."


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every event class. A service's `events.py` declares one class for each type that it publishes.

    `type` is `<service>.<aggregate>.<past participle>.v<n>`, without the `linli.` prefix. Fields hold ids,
    codes and numbers: never personal data.
    """

    type: ClassVar[str]


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """CloudEvents 1.0 context with our extensions; `data` is the event's fields.

    `area` is the division path and `units` the departments that the event concerns, so that a
    subscriber's scope needs no call. `sequence` counts the aggregate's events from 1 without gaps.
    `actor` is the id of whoever caused it.
    """

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"]
    tenant: str
    area: str = ""
    units: list[str] = []
    sequence: int
    correlationid: str
    causationid: str = ""
    traceparent: str = ""
    actor: str = ""
    data: msgspec.Raw

    @property
    def routing_key(self) -> str:
        return f"{self.tenant}.{self.type.removeprefix(PREFIX)}"

    def decode(self, kind: builtins.type[Any]) -> Any:
        """The data as an instance of `kind`, ignoring fields that it does not know."""
        return msgspec.json.decode(self.data, type=kind)


class Unreadable(Problem):
    """A message that is no event of ours: parked at once, since repeating cannot mend it."""

    code = "unreadable_message"
    en = "The message is not a readable event: {reason}."
    zh = "消息不是可读的事件:{reason}。"


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Envelope)


def encode(envelope: Envelope) -> bytes:
    return _encoder.encode(envelope)


def raw(event: Any) -> msgspec.Raw:
    return msgspec.Raw(_encoder.encode(event))


def decode(body: bytes) -> Envelope:
    """Raises `Unreadable` for anything that is not an envelope of ours."""
    try:
        envelope = _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise Unreadable(reason=str(error)) from error
    if not envelope.type.startswith(PREFIX):
        raise Unreadable(reason=f"unknown type {envelope.type!r}")
    return envelope
