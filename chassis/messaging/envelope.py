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


class PublicState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of an aggregate's state as others may know it, which each of its events carries.

    `type` names its schema, to which the contracts of the events refer.
    """

    type: ClassVar[str]


class Visibility(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who may see an event. Its service says so; whoever passes the event on obeys, and strips this from it.

    `audience`: `staff` of the event's area and units, or `administrators` of the tenant; without it, none of them.
    `persons` see it as their own, `taken_by` because they took it; `excluded` is a unit that never does (回避).
    Fields of the data, by path (`case.handler`): `staff_only` is told to staff alone, `internal` to nobody outside.
    Holds ids only, and none of somebody who wants to stay unknown.
    """

    audience: str = ""
    persons: list[str] = []
    taken_by: str = ""
    excluded: str = ""
    staff_only: tuple[str, ...] = ()
    internal: tuple[str, ...] = ()


NOBODY = Visibility()
STAFF = Visibility(audience="staff")
ADMINISTRATORS = Visibility(audience="administrators")


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """CloudEvents 1.0 context with our extensions; `data` is the event's fields.

    `area` is the division path and `units` the departments that the event concerns, so that a
    subscriber's scope needs no call. An event without a `visibility` is shown to nobody. `sequence` counts the
    aggregate's events from 1 without gaps. `actor` is the id of whoever caused it.
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
    visibility: Visibility = NOBODY
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
