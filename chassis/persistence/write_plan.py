"""How an aggregate becomes one conditional write that stores its change, its events and its mark together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import bson
from pymongo import InsertOne

from chassis.context import Call, Context, Received
from chassis.errors import KeyReused, Oversized
from chassis.ids import uuid7
from chassis.messaging.envelope import PREFIX, Envelope, Event, encode, raw
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.group_commit import Change, Row, Write

KEPT = timedelta(hours=24)
MOST_BYTES = 256 * 1024
MOST_UNPUBLISHED = 256
Entry = dict[str, Any]


def envelope_of(document: Aggregate, event: Event, sequence: int, context: Context) -> Envelope:
    return Envelope(
        specversion="1.0",
        datacontenttype="application/json",
        id=uuid7(),
        source=f"/linli/{event.type.partition('.')[0]}",
        type=PREFIX + event.type,
        subject=document.key,
        time=context.now,
        tenant=document.tenant,
        area=document.event_area(),
        units=document.event_units(),
        visibility=document.event_visibility(event),
        sequence=sequence,
        correlationid=context.correlation_id,
        causationid=context.causation_id,
        traceparent=context.traceparent,
        actor=document.event_actor(context.actor),
        data=raw(event),
    )


def outbox_entry(envelope: Envelope) -> Entry:
    return {"id": envelope.id, "t": envelope.time, "k": envelope.routing_key, "b": encode(envelope)}


def insertion(document: Aggregate, context: Context, answer: Any) -> Write:
    _settle(document)
    document.require_valid()
    entries = _entries(document, context)
    document.version = 1
    row = document.to_mongo().to_dict() | {"outbox": entries} | _first_mark(context, answer)
    document.stored.update(row)
    return Write(InsertOne(row), document.id, lambda row: False)


def change(document: Aggregate, context: Context, answer: Any) -> Change | None:
    """The conditional update, or None where nothing changed."""
    if changed_nothing(document):
        return None
    _settle(document)
    entries = _entries(document, context)
    version = document.version
    document.version = version + 1
    attempt = uuid7()
    marks = _marks(document.stored, context, answer, attempt)
    changed = document.changed_from(document.stored)
    document.require_valid(changed)
    fields = changed | marks | {"written_by": attempt}
    document.stored.update(fields)
    document.stored["outbox"] = [*document.stored["outbox"], *entries]
    return Change(document.id, version, fields, entries, lambda row: carries(row, attempt))


def changed_nothing(document: Aggregate) -> bool:
    return not document.pending and not document.changed_from(document.stored)


def known(document: Aggregate, context: Context) -> dict[str, Any] | None:
    """The record of this very call or event where the aggregate carries it. Raises `KeyReused`."""
    if isinstance(context, Received):
        return next((mark for mark in document.stored.get("handled", []) if mark["e"] == context.mark), None)
    if not isinstance(context, Call) or not context.mark:
        return None
    record = next((record for record in document.stored.get("answers", []) if record["k"] == context.mark), None)
    if record is not None and record["f"] != context.fingerprint:
        raise KeyReused()
    return record


def require_same_request(document: Aggregate, context: Context) -> None:
    """A creation's key that comes again long after, with another body, is refused. Raises `KeyReused`."""
    if isinstance(context, Call) and document.stored.get("made", context.fingerprint) != context.fingerprint:
        raise KeyReused()


def carries(row: Row, attempt: str) -> bool:
    """Whether a stored document shows that this very attempt to write took effect.

    Not that its call or event has: another replica may have been faster with the same one. What has no mark (a
    timer) and was written over since does not show it; then the caller decides anew from the present state.
    """
    marks = [*row.get("answers", []), *row.get("handled", [])]
    return row.get("written_by") == attempt or any(mark.get("w") == attempt for mark in marks)


def require_room(document: Aggregate) -> None:
    """Refuses to grow what has grown too large, or whose events do not get out."""
    if len(document.stored["outbox"]) > MOST_UNPUBLISHED:
        raise Oversized(reason="its events do not reach the broker")
    if document.version % 8 == 7 and len(bson.encode(document.stored)) > MOST_BYTES:
        raise Oversized(reason="it has grown over 256 kB")


def _settle(document: Aggregate) -> None:
    if hasattr(document, "next_due_at"):
        document.next_due_at = document.due_at()


def _entries(document: Aggregate, context: Context) -> list[Entry]:
    first = document.sequence + 1
    entries = [
        outbox_entry(envelope_of(document, event, number, context))
        for number, event in enumerate(document.pending, start=first)
    ]
    if entries:
        document.sequence = first + len(entries) - 1
    return entries


def _record(context: Call, answer: Any) -> dict[str, Any]:
    return {"k": context.mark, "f": context.fingerprint, "a": answer, "t": context.now}


def _first_mark(context: Context, answer: Any) -> Row:
    if isinstance(context, Received):
        return {"handled": [{"e": context.mark, "t": context.now}]}
    if isinstance(context, Call) and context.mark:
        # `made` outlives the record: the id derives from the key, so the key means this request for ever.
        return {"answers": [_record(context, answer)], "made": context.fingerprint}
    return {}


def _marks(stored: Row, context: Context, answer: Any, attempt: str) -> Row:
    """The whole list with the new mark, without those whose time is over: the version guards it."""
    if isinstance(context, Received):
        mark = {"e": context.mark, "t": context.now, "w": attempt}
        return {"handled": _appended(stored.get("handled", []), mark)}
    if isinstance(context, Call) and context.mark:
        return {"answers": _appended(stored.get("answers", []), _record(context, answer) | {"w": attempt})}
    return {}


def _appended(present: list[dict[str, Any]], mark: dict[str, Any]) -> list[dict[str, Any]]:
    return [*(old for old in present if mark["t"] - old["t"] < KEPT), mark]
