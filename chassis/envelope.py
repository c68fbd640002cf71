"""Domain events and their envelope: CloudEvents 1.0 in structured JSON."""

from __future__ import annotations

import builtins
import re
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from chassis.errors import Problem
from chassis.moments import YEARS, is_in_years
from chassis.types import Moment, Tenant

PREFIX = "linli."
#: The form of a type in an envelope, `linli.<service>.<aggregate>.<past participle>.v<n>`, for `TYPE.fullmatch`.
TYPE = re.compile(re.escape(PREFIX) + r"[a-z]+\.[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.v[1-9][0-9]*")
_BEYOND = f"a moment in it lies beyond the years {YEARS[0]} to {YEARS[-1]}"
#: What msgspec raises for bytes that are not the expected JSON, not UTF-8 or nested too deeply.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
#: No number that the database cannot hold.
Sequence = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every event class. A service's `events.py` declares one class for each type that it publishes.

    `type` is `<service>.<aggregate>.<past participle>.v<n>`, without the `linli.` prefix. Fields hold ids,
    codes and numbers: never personal data.
    """

    type: ClassVar[str]


class PublicState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of an aggregate's public state, which each of its events carries.

    `type` names its schema, to which the contracts of the events refer.
    """

    type: ClassVar[str]


class Visibility(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who may see an event. The service sets it; whoever forwards the event enforces it and removes it.

    `audience`: `staff` of the event's area and units, `administrators` of the tenant, or `supervisors` of the area; by
    default none of them. Whom `hidden_from` names never sees it, in whatever role: it is about them.
    `persons` see the event because it is theirs, `taken_by` because they were the first to receive what it is
    about (首问); the unit `excluded` never sees it (回避). Paths of data fields (`state.field`): only staff see
    `staff_only`, nobody outside sees `internal`. Holds only ids, and never the id of someone who wants to stay
    anonymous.
    """

    audience: str = ""
    persons: list[str] = []
    taken_by: str = ""
    excluded: str = ""
    hidden_from: str = ""
    staff_only: tuple[str, ...] = ()
    internal: tuple[str, ...] = ()


NOBODY = Visibility()
STAFF = Visibility(audience="staff")
ADMINISTRATORS = Visibility(audience="administrators")
SUPERVISORS = Visibility(audience="supervisors")


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Event envelope: CloudEvents 1.0 attributes and extensions; `data` holds the event's fields.

    `area` (a division path) and `units` are what the event concerns, so that a subscriber can filter without a call.
    Nobody sees an event without a `visibility`. `sequence` counts the aggregate's events from 1 without gaps. `actor`
    is the id of whoever caused the event.
    """

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: Moment
    datacontenttype: Literal["application/json"]
    tenant: Tenant
    area: str = ""
    units: list[str] = []
    visibility: Visibility = NOBODY
    sequence: Sequence
    correlationid: str
    causationid: str = ""
    traceparent: str = ""
    actor: str = ""
    data: msgspec.Raw

    @property
    def name(self) -> str:
        """The type as handlers, routing keys and clients name it."""
        return self.type.removeprefix(PREFIX)

    @property
    def routing_key(self) -> str:
        """The key under which it is published."""
        return f"{self.tenant}.{self.name}"

    def decode(self, kind: builtins.type[Any]) -> Any:
        """Returns the data as an instance of `kind`; ignores unknown fields. Raises `Unreadable` for a moment beyond
        `YEARS`: whoever counts with it would fail however often it is tried."""
        decoded = msgspec.json.decode(self.data, type=kind)
        if not is_in_years(decoded):
            raise Unreadable(reason=_BEYOND)
        return decoded

    def data_fields(self) -> dict[str, Any]:
        """Returns the data as a dictionary. Raises `Unreadable` if they are not an object: no retry can help."""
        try:
            return msgspec.json.decode(self.data, type=dict[str, Any])
        except UNREADABLE as error:
            raise Unreadable(reason="its data is not an object") from error


class Unreadable(Problem):
    """The message is not a valid event. It is parked at once, since a retry cannot help."""

    code = "unreadable_message"
    en = "The message is not a valid event: {reason}."
    zh = "消息不是有效的事件：{reason}。"


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Envelope)


def encode(envelope: Envelope) -> bytes:
    return _encoder.encode(envelope)


def raw(event: Any) -> msgspec.Raw:
    """Returns the encoded fields of an event, for `Envelope.data`."""
    return msgspec.Raw(_encoder.encode(event))


def decode(body: bytes) -> Envelope:
    """Decodes a message. Raises `Unreadable` if it is not an event envelope."""
    try:
        envelope = _decoder.decode(body)
    except UNREADABLE as error:
        raise Unreadable(reason=str(error)) from error
    if not is_in_years(envelope):
        raise Unreadable(reason=_BEYOND)
    return envelope


def require_key(event: Envelope, key: str, *recipients: str) -> None:
    """Guard of whoever reads an event: the broker lets each service use only the keys of its own events.

    Raises `Unreadable` if the event is forged or broken: its type has not the form of a type, or it came under another
    key than its own. A message to one of the `recipients` alone has the recipient's name before its key.
    """
    if TYPE.fullmatch(event.type) is None:
        raise Unreadable(reason=f"unknown type {event.type!r}")
    expected = event.routing_key
    if key not in (expected, *(f"{recipient}.{expected}" for recipient in recipients)):
        raise Unreadable(reason="its routing key does not match its content")
