"""Repository of a service's data, bound to one tenant: every query includes the tenant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar, cast

import msgspec
from pymongo import UpdateOne

from chassis import metrics
from chassis.clock import EPOCH, Clock
from chassis.concurrency.keyed_lock import KeyedLocks
from chassis.context import Call, Context, Received
from chassis.errors import NotFound, Problem, Stale, Taken, Unavailable
from chassis.ids import derived, fresh
from chassis.messaging.event_lag import EventLag
from chassis.persistence import inbox, write_plan
from chassis.persistence.aggregate import Aggregate, Replica
from chassis.persistence.collections import Handled, TenantCollection, TenantCollections
from chassis.persistence.damaged import decoded, read_sound, report
from chassis.persistence.fast_mapping import require_storable, row_fault
from chassis.persistence.group_commit import Change, Row, Write
from chassis.persistence.outbox_relay import OutboxRelay

A = TypeVar("A", bound=Aggregate)
D = TypeVar("D", bound="Aggregate | Replica")
Sort = Sequence[tuple[str, int]]
Where = Mapping[str, Any]
_MAX_RACES = 8
#: As `limit`: every row that matches. For rules, which must not decide by the first rows alone.
ALL = 0
#: Documents of one model and tenant whose timers are found at once.
_DUE_AT_ONCE = 5000


class Source:
    """What the repositories of all tenants share in a process."""

    def __init__(self, collections: TenantCollections, relay: OutboxRelay, clock: Clock) -> None:
        self.collections = collections
        self.relay = relay
        self.locks = KeyedLocks()
        self.event_lag = EventLag(clock)


class TenantData:
    """Repository of one tenant, for one call, event or timer."""

    def __init__(self, source: Source, context: Context) -> None:
        self._source = source
        self._context = context

    @property
    def context(self) -> Context:
        return self._context

    @property
    def events_known_until(self) -> datetime:
        """Returns the moment up to which the replicas follow the events of their owners."""
        return self._source.event_lag.known_until

    def get(self, model: type[D], key: str) -> D:
        """Returns the document. Raises `NotFound` if the tenant has none with this key."""
        row = self._collection(model).load.run(f"{self._context.tenant}:{key}")
        if row is None:
            raise NotFound()
        return self._document(model, row)

    def find(self, model: type[D], where: Where, sort: Sort = (), limit: int = 50) -> list[D]:
        """Returns the tenant's documents that match `where`; one that is damaged is skipped and reported."""
        return read_sound(self._page(model, where, None, sort), limit, partial(self._sound_document, model))

    def rows(self, model: type[D], where: Where, fields: Sequence[str], sort: Sort = (), limit: int = 50) -> list[Row]:
        """Returns dictionaries of `key` and the named fields: for lists, much cheaper than documents.

        A row that is damaged is skipped and reported.
        """
        page = self._page(model, where, dict.fromkeys(fields, 1), sort)
        return read_sound(page, limit, partial(_sound_row, model))

    def count(self, model: type[D], where: Where) -> int:
        with metrics.database_seconds.labels("count").time():
            return int(self._collection(model).pymongo.count_documents(self._scoped(where)))

    def aggregate(self, model: type[D], where: Where, stages: Sequence[Row]) -> list[Row]:
        """Runs an aggregation pipeline over the tenant's documents that match `where`."""
        with metrics.database_seconds.labels("aggregate").time():
            return list(self._collection(model).pymongo.aggregate([{"$match": self._scoped(where)}, *stages]))

    def add(self, document: Aggregate, answer: Any = None) -> bool:
        """Inserts a document. Returns False if the id exists."""
        self._require_own(document)
        self._source.collections.note_tenant(document.tenant)
        write = write_plan.insertion(document, self._context, answer)
        return self._write(document, write, document.stored["outbox"])

    def save(self, document: Aggregate, answer: Any = None) -> bool:
        """Stores the change and its events. Returns False if another write came first (optimistic lock)."""
        self._require_own(document)
        write = write_plan.change(document, self._context, answer)
        return write is None or self._write(document, write, write.entries)

    def destroy(self, document: Aggregate) -> bool:
        """Deletes a document for good. Returns False if another write came first, or an event of it is not out yet."""
        self._require_own(document)
        where = {"_id": document.id, "version": document.version, "outbox.0": {"$exists": False}}
        with metrics.database_seconds.labels("destroy").time():
            return bool(self._collection(type(document)).pymongo.delete_one(where).deleted_count)

    def create(self, model: type[A], build: Callable[[str], A], answer: Callable[[A], Any] | None = None) -> Any:
        """Creates a document once, however often the request is repeated.

        `build(key)` makes the document, with `key` (derived from the idempotency key or the event) or with a natural
        key (a code). Returns `answer(document)`, which is stored and returned again for the same key, or else the
        document. Raises `Taken` if another document has the natural key, and `KeyReused`.
        """
        key = self._creation_key(model)
        # By now a rule may refuse what it allowed, or name another key; a repeated request gets its first answer.
        if model.has_natural_key and (created := self._created_before(model, key)) is not None:
            return self._answer_again(created, answer)
        try:
            document = build(key)
        except Problem:
            if (created := self._created_before(model, key)) is None:
                raise
            return self._answer_again(created, answer)
        self._require_declared_key(document, key)
        first_answer = msgspec.to_builtins(answer(document)) if answer else None
        if self.add(document, first_answer):
            return first_answer if answer else document
        stored = self.get(model, document.key)
        if document.key != key and write_plan.find_record(stored, self._context) is None:
            raise Taken(key=document.key)
        return self._answer_again(stored, answer)

    def change(self, model: type[A], key: str, act: Callable[[A], Any]) -> Any:
        """Loads a document, runs `act` and saves it. Returns the result of `act`, again for a repeated key or event.

        Raises `Stale` if `If-Match` names another version, or if it is set and another write comes first.
        """
        with self._source.locks.of(f"{model.__name__}:{self._context.tenant}:{key}"):
            for _ in range(_MAX_RACES):
                document = self.get(model, key)
                record = write_plan.find_record(document, self._context)
                if record is not None or inbox.was_handled(self._inbox(), document, self._context):
                    return record.get("a") if record else None
                self._require_version(document)
                write_plan.require_bounded(document)
                answer = msgspec.to_builtins(act(document))
                inbox.archive(self._inbox(), document, self._context)
                if self.save(document, answer):
                    return answer
                self._require_no_if_match()
        raise Unavailable(retry_after=1)

    def set_unchanged(self, model: type[A], versions: Mapping[str, int], fields: Where) -> None:
        """Bulk update: sets fields in the documents that still have the version that was read; skips the others.

        For flags on many documents: it runs no domain rule and emits no event.
        """
        require_storable(model, fields)
        by_version: dict[int, list[str]] = defaultdict(list)
        for key, version in versions.items():
            by_version[version].append(f"{self._context.tenant}:{key}")
        update = {"$set": dict(fields), "$inc": {"version": 1}}
        for version, ids in by_version.items():
            with metrics.database_seconds.labels("set_unchanged").time():
                self._collection(model).pymongo.update_many({"_id": {"$in": ids}, "version": version}, update)

    def apply_replica(self, model: type[Replica], key: str, received: Received, fields: Where) -> bool:
        """Upserts a replica. Returns False if it has already applied a later `sequence`."""
        require_storable(model, fields)
        document_id = f"{self._context.tenant}:{key}"
        sequence = received.envelope.sequence
        update = {"$set": {**fields, "sequence": sequence, "tenant": self._context.tenant}}
        collection = self._collection(model)
        # `$lte`, not `$lt`: a resync with the same sequence fills a field that the replica class has gained.
        upsert = UpdateOne({"_id": document_id, "sequence": {"$lte": sequence}}, update, upsert=True)
        for _ in range(_MAX_RACES):
            if collection.commit.run(Write(upsert, document_id, lambda row: bool(row.get("sequence") == sequence))):
                return True
            # If two processes insert the replica at the same time, the one that lost may have the newer state.
            if (collection.load.run(document_id) or {}).get("sequence", -1) > sequence:
                return False
        raise Unavailable(retry_after=1)

    def due(self, model: type[A], *, of: Sequence[str] = (), but: Sequence[str] = ()) -> list[str]:
        """Returns the keys of documents whose timer is due: some `of` these, or all `but` these; the oldest first."""
        where: Row = {"next_due_at": {"$gt": EPOCH, "$lte": self._context.now}}
        if of or but:
            where["_id"] = {"$in" if of else "$nin": [f"{self._context.tenant}:{key}" for key in of or but]}
        return [row["key"] for row in self.rows(model, where, ["next_due_at"], [("next_due_at", 1)], _DUE_AT_ONCE)]

    def _collection(self, model: type[D]) -> TenantCollection:
        return self._source.collections.of(self._context.tenant, model)

    def _scoped(self, where: Where) -> Row:
        return {**where, "tenant": self._context.tenant}

    def _page(
        self, model: type[D], where: Where, fields: Row | None, sort: Sort
    ) -> Callable[[int, int], tuple[list[Row], int]]:
        collection, scoped = self._collection(model).pymongo, self._scoped(where)

        def page(skip: int, limit: int) -> tuple[list[Row], int]:
            with metrics.database_seconds.labels("find").time():
                return decoded(collection, scoped, fields, sort, skip, limit)

        return page

    def _document(self, model: type[D], row: Row) -> D:
        document = cast(D, model._from_son(row))  # mypy reads Self of a union as the union
        document.__dict__["_stored"] = row
        return document

    def _sound_document(self, model: type[D], row: Row) -> D | None:
        """Returns the document; None, after a report, if a value has a type that its rules cannot expect."""
        try:
            document = self._document(model, row)
            fault = document.type_fault()
        except (TypeError, AttributeError, KeyError, ValueError) as error:
            fault = f"it cannot be read ({type(error).__name__})"
        if not fault:
            return document
        report(model.__name__, row["_id"], fault)
        return None

    def _require_own(self, document: Aggregate) -> None:
        # A document of another tenant is a programming error that must never reach the disk.
        if document.tenant != self._context.tenant or not document.id.startswith(f"{self._context.tenant}:"):
            raise AssertionError(f"document of {document.tenant!r} in the repository of {self._context.tenant!r}")

    def _require_version(self, document: Aggregate) -> None:
        if isinstance(self._context, Call) and self._context.if_match not in (None, document.version):
            raise Stale(version=document.version)

    def _require_no_if_match(self) -> None:
        if isinstance(self._context, Call) and self._context.if_match is not None:
            raise Stale()

    def _created_before(self, model: type[A], key: str) -> A | None:
        """Returns the document that this same call or event created before. Raises `KeyReused`."""
        if model.has_natural_key:
            made_by = self._context.dedup_key if isinstance(self._context, Call) else ""
            return next(iter(self.find(model, {"made_by": made_by}, limit=1)), None) if made_by else None
        try:
            stored = self.get(model, key)
        except NotFound:
            return None
        return stored if write_plan.find_record(stored, self._context) else None

    def _answer_again(self, stored: A, answer: Callable[[A], Any] | None) -> Any:
        """Returns what `create` answered the first time. Raises `KeyReused`."""
        record = write_plan.find_record(stored, self._context)
        write_plan.require_same_request(stored, self._context)
        if not answer:
            return stored
        return record.get("a") if record else msgspec.to_builtins(answer(stored))

    @staticmethod
    def _require_declared_key(document: Aggregate, key: str) -> None:
        # A repeated request would not find the document: a programming error.
        if document.key != key and not document.has_natural_key:
            raise AssertionError(f"{type(document).__name__} does not say that it has a natural key")

    def _creation_key(self, model: type[A]) -> str:
        dedup_key = self._context.dedup_key if isinstance(self._context, Call | Received) else ""
        return derived(dedup_key, model.__name__) if dedup_key else fresh()

    def _write(self, document: Aggregate, write: Write | Change, entries: list[Row]) -> bool:
        collection = self._collection(type(document))
        if not collection.commit.run(write):
            return False
        if entries:
            # Only the new entries: the writer of the older ones, or the sweep, publishes those.
            self._source.relay.offer(collection.pymongo, document.id, entries)
        document.pending.clear()
        return True

    def _inbox(self) -> TenantCollection:
        return self._source.collections.of(self._context.tenant, Handled)


def _sound_row(model: type[Any], row: Row) -> Row | None:
    """Returns the row with its `key`; None, after a report, if a value has a wrong type."""
    if fault := row_fault(model, row) or ("" if isinstance(row["_id"], str) else "_id is no text"):
        report(model.__name__, row["_id"], fault)
        return None
    row["key"] = row.pop("_id").partition(":")[2]
    return row
