"""Unit of work: one conditional write stores an aggregate's change, its events and its idempotency record together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import bson
from pymongo import InsertOne

from chassis.context import Call, Context, Received
from chassis.envelope import PREFIX, Envelope, Event, encode, raw
from chassis.errors import KeyReused, Oversized
from chassis.ids import uuid7
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.group_commit import Change, Row, Write

RETENTION = timedelta(hours=24)
#: Records of handled events in an aggregate; older ones move to the inbox, so that many events make it no larger.
MOST_HANDLED = 100
#: What only this module uses of a row: events to publish, records of requests and of events, and the request that made
#: it.
ROW_PARTS = frozenset({"outbox", "answers", "handled", "made", "made_by"})
MAX_BYTES = 256 * 1024
MAX_UNPUBLISHED = 256
Entry = dict[str, Any]


def envelope_of(document: Aggregate, event: Event, sequence: int, context: Context) -> Envelope:
    """Returns the CloudEvents envelope of an event of the aggregate."""
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
    """Returns the stored form of an event in the outbox: id, time, routing key and encoded envelope."""
    return {"id": envelope.id, "t": envelope.time, "k": envelope.routing_key, "b": encode(envelope)}


def insertion(document: Aggregate, context: Context, answer: Any) -> Write:
    """Returns the insert of a new aggregate."""
    _set_due_at(document)
    document.require_valid()
    entries = _entries(document, context)
    document.version = 1
    row = document.to_mongo().to_dict() | {"outbox": entries} | _first_record(document, context, answer)
    document.stored.update(row)
    return Write(InsertOne(row), document.id, lambda row: False)


def change(document: Aggregate, context: Context, answer: Any) -> Change | None:
    """Returns the conditional update, or None if nothing changed."""
    version, saved = document.version, version_after_save(document)
    if saved == version:
        return None
    _set_due_at(document)
    entries = _entries(document, context)
    document.version = saved
    attempt = uuid7()
    records = _records(document.stored, context, answer, attempt)
    changed = document.changed_from(document.stored)
    document.require_valid(changed)
    fields = changed | records | {"written_by": attempt}
    document.stored.update(fields)
    document.stored["outbox"] = [*document.stored["outbox"], *entries]
    return Change(document.id, version, fields, entries, lambda row: is_written_by(row, attempt))


def is_unchanged(document: Aggregate) -> bool:
    """Returns whether a save would write nothing: no new event and no changed field."""
    return not document.pending and not document.changed_from(document.stored)


def version_after_save(document: Aggregate) -> int:
    """Returns the version that a save leaves of the document as it is now. If nothing changed, nothing is written."""
    return document.version if is_unchanged(document) else document.version + 1


def find_record(document: Aggregate, context: Context) -> dict[str, Any] | None:
    """Returns the idempotency record of this call, or the inbox record of this event, if the aggregate has one.

    Raises `KeyReused` if the key belongs to a different request.
    """
    if isinstance(context, Received):
        records = document.stored.get("handled", [])
        return next((record for record in records if record["e"] == context.dedup_key), None)
    if not isinstance(context, Call) or not context.dedup_key:
        return None
    record = next((record for record in document.stored.get("answers", []) if record["k"] == context.dedup_key), None)
    if record is not None and record["f"] != context.fingerprint:
        raise KeyReused()
    return record


def require_same_request(document: Aggregate, context: Context) -> None:
    """Raises `KeyReused` if the document was created by a different request, even after the record has expired."""
    if isinstance(context, Call) and document.stored.get("made", context.fingerprint) != context.fingerprint:
        raise KeyReused()


def is_written_by(row: Row, attempt: str) -> bool:
    """Returns whether a stored row shows that this attempt to write took effect.

    It does not look for the call or event, since another process may have applied the same one. A timer leaves no
    record, so a later write hides that it took effect; the caller then decides again from the current state.
    """
    records = [*row.get("answers", []), *row.get("handled", [])]
    return row.get("written_by") == attempt or any(record.get("w") == attempt for record in records)


def require_bounded(document: Aggregate) -> None:
    """Raises `Oversized` if the aggregate is too large or its events cannot be published."""
    if len(document.stored["outbox"]) > MAX_UNPUBLISHED:
        raise Oversized(reason="its events do not reach the broker")
    if document.version % 8 == 7 and len(bson.encode(document.stored)) > MAX_BYTES:
        raise Oversized(reason="it is larger than 256 kB")


def _set_due_at(document: Aggregate) -> None:
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
    return {"k": context.dedup_key, "f": context.fingerprint, "a": answer, "t": context.now}


def _first_record(document: Aggregate, context: Context, answer: Any) -> Row:
    if isinstance(context, Received):
        return {"handled": [{"e": context.dedup_key, "t": context.now}]}
    if isinstance(context, Call) and context.dedup_key:
        # `made` outlives the record: the key leads to this document, so it means this request forever.
        made = {"made": context.fingerprint} | ({"made_by": context.dedup_key} if document.has_natural_key else {})
        return {"answers": [_record(context, answer)], **made}
    return {}


def _records(stored: Row, context: Context, answer: Any, attempt: str) -> Row:
    """Returns the list with the new record and without expired ones; the version check guards the replacement."""
    if isinstance(context, Received):
        record = {"e": context.dedup_key, "t": context.now, "w": attempt}
        _, staying = parted_records(stored, context)
        return {"handled": [*staying, record]}
    if isinstance(context, Call) and context.dedup_key:
        return {"answers": _appended(stored.get("answers", []), _record(context, answer) | {"w": attempt})}
    return {}


def parted_records(stored: Row, context: Received) -> tuple[list[Row], list[Row]]:
    """Returns the records of handled events, oldest first, that the next write drops, and those that it keeps."""
    records = stored.get("handled", [])
    first = max(len(records) + 1 - MOST_HANDLED, 0)
    leaving: list[Row] = records[:first]
    staying: list[Row] = []
    for each in records[first:]:
        (staying if context.now - each["t"] < RETENTION else leaving).append(each)
    return leaving, staying


def _appended(present: list[dict[str, Any]], record: dict[str, Any]) -> list[dict[str, Any]]:
    return [*(old for old in present if record["t"] - old["t"] < RETENTION), record]
