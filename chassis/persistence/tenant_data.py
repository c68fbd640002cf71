"""The handle to a service's data, bound to one tenant. A query without a tenant cannot be written with it."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar, cast

import msgspec
from eventlet.greenpool import GreenPool
from pymongo import InsertOne, UpdateOne
from pymongo.errors import PyMongoError

from chassis.clock import EPOCH, Clock
from chassis.concurrency.keyed_lock import KeyedLocks
from chassis.context import Call, Context, Received
from chassis.errors import NotFound, Problem, Stale, Taken, Unavailable
from chassis.ids import derived, fresh, uuid7
from chassis.messaging.envelope import Envelope, Unreadable
from chassis.messaging.outbox_relay import OutboxRelay
from chassis.persistence import write_plan
from chassis.persistence.aggregate import Aggregate, Replica
from chassis.persistence.collections import Handled, TenantCollection, TenantCollections
from chassis.persistence.fast_mapping import require_storable
from chassis.persistence.group_commit import Change, Row, Write
from chassis.process import metrics
from chassis.security.principal import system

A = TypeVar("A", bound=Aggregate)
D = TypeVar("D", bound="Aggregate | Replica")
Sort = Sequence[tuple[str, int]]
Where = Mapping[str, Any]
log = logging.getLogger(__name__)
_RACES = 8
_SIDE_BY_SIDE = 64
#: An event older than this may have lost its mark in the aggregate; its record is looked up too.
_OLD = write_plan.KEPT / 2


class TenantData:
    """All data of one tenant, for one call, event or timer."""

    def __init__(self, source: DataSource, context: Context) -> None:
        self._source = source
        self._context = context

    @property
    def context(self) -> Context:
        return self._context

    def get(self, model: type[D], key: str) -> D:
        """The document; `NotFound` when this tenant has none of that key."""
        row = self._shelf(model).load.run(f"{self._context.tenant}:{key}")
        if row is None:
            raise NotFound()
        return self._document(model, row)

    def find(self, model: type[D], where: Where, sort: Sort = (), limit: int = 50) -> list[D]:
        return [self._document(model, row) for row in self._cursor(model, where, None, sort, limit, 0)]

    def rows(
        self, model: type[D], where: Where, fields: Sequence[str], sort: Sort = (), limit: int = 50, skip: int = 0
    ) -> list[Row]:
        """Plain dictionaries of `key` and the named fields: for lists, where documents would cost far more."""
        projection = dict.fromkeys(fields, 1)
        found = list(self._cursor(model, where, projection, sort, limit, skip))
        for row in found:
            row["key"] = row.pop("_id").partition(":")[2]
        return found

    def count(self, model: type[D], where: Where) -> int:
        with metrics.database_seconds.labels("count").time():
            return int(self._shelf(model).collection.count_documents(self._scoped(where)))

    def aggregate(self, model: type[D], where: Where, stages: Sequence[Row]) -> list[Row]:
        """An aggregation pipeline over the tenant's documents that match `where`."""
        with metrics.database_seconds.labels("aggregate").time():
            return list(self._shelf(model).collection.aggregate([{"$match": self._scoped(where)}, *stages]))

    def add(self, document: Aggregate, answer: Any = None) -> bool:
        """Inserts; False when the id is taken."""
        self._require_own(document)
        self._source.shelves.note_tenant(document.tenant)
        write = write_plan.insertion(document, self._context, answer)
        return self._write(document, write, document.stored["outbox"])

    def save(self, document: Aggregate, answer: Any = None) -> bool:
        """Stores the change and its events; False when another write came first."""
        self._require_own(document)
        write = write_plan.change(document, self._context, answer)
        return write is None or self._write(document, write, write.entries)

    def create(self, model: type[A], build: Callable[[str], A], answer: Callable[[A], Any] | None = None) -> Any:
        """Creates once, however often it is asked for.

        `build(key)` makes the document under a key derived from the idempotency key or the event, or under
        one that it has by nature (a code). Answers `answer(document)`, kept and repeated for the same key, or
        the document itself. Raises `Taken` where something else has the natural key.
        """
        key = self._creation_key(model)
        try:
            document = build(key)
        except Problem:
            # What was fine the first time may not be any more: a repetition is answered as the first time.
            if (known := self._made_before(model, key)) is None:
                raise
            return known[1] if answer else known[0]
        said = msgspec.to_builtins(answer(document)) if answer else None
        if self.add(document, said):
            return said if answer else document
        stored = self.get(model, document.key)
        record = write_plan.known(stored, self._context)
        if record is None and document.key != key:
            raise Taken(key=document.key)
        write_plan.require_same_request(stored, self._context)
        if not answer:
            return stored
        return record["a"] if record else msgspec.to_builtins(answer(stored))

    def change(self, model: type[A], key: str, act: Callable[[A], Any]) -> Any:
        """Loads, acts and saves; answers what `act` returned, the same again for the same key or event.

        Raises `Stale` when `If-Match` names another version or another write comes first.
        """
        with self._source.turns.of(f"{model.__name__}:{self._context.tenant}:{key}"):
            for _ in range(_RACES):
                document = self.get(model, key)
                if (record := write_plan.known(document, self._context)) is not None or self._was_handled(document):
                    return record.get("a") if record else None
                self._require_version(document)
                write_plan.require_room(document)
                answer = msgspec.to_builtins(act(document))
                self._keep_old_marks(document)
                if self.save(document, answer):
                    return answer
                self._require_unconditional()
        raise Unavailable(retry_after=1)

    def set_unchanged(self, model: type[A], versions: Mapping[str, int], fields: Where) -> None:
        """Sets fields in every document that still has the version that was read; the others stay as they are.

        For marks on many documents at once: one write instead of one for each, so there is no event and no rule.
        """
        require_storable(model, fields)
        by_version: dict[int, list[str]] = defaultdict(list)
        for key, version in versions.items():
            by_version[version].append(f"{self._context.tenant}:{key}")
        update = {"$set": dict(fields), "$inc": {"version": 1}}
        for version, ids in by_version.items():
            with metrics.database_seconds.labels("set_unchanged").time():
                self._shelf(model).collection.update_many({"_id": {"$in": ids}, "version": version}, update)

    def apply_replica(self, model: type[Replica], key: str, received: Received, fields: Where) -> bool:
        """Upserts a copy; False when it has already seen a later `sequence`."""
        require_storable(model, fields)
        document_id = f"{self._context.tenant}:{key}"
        sequence = received.envelope.sequence
        update = {"$set": {**fields, "sequence": sequence, "tenant": self._context.tenant}}
        shelf = self._shelf(model)
        # Not older, rather than newer: a copy that learns a new field is filled by the same state once more.
        upsert = UpdateOne({"_id": document_id, "sequence": {"$lte": sequence}}, update, upsert=True)
        for _ in range(_RACES):
            if shelf.commit.run(Write(upsert, document_id, lambda row: bool(row.get("sequence") == sequence))):
                return True
            # Two replicas that insert the first copy at once: the one that lost may hold the newer state.
            if (shelf.load.run(document_id) or {}).get("sequence", -1) > sequence:
                return False
        raise Unavailable(retry_after=1)

    def due(self, model: type[A], limit: int = 100) -> list[str]:
        """Keys of what is due by now, the longest overdue first."""
        where = {"next_due_at": {"$gt": EPOCH, "$lte": self._context.now}}
        return [row["key"] for row in self.rows(model, where, ["next_due_at"], [("next_due_at", 1)], limit)]

    def _shelf(self, model: type[D]) -> TenantCollection:
        return self._source.shelves.shelf(self._context.tenant, model)

    def _scoped(self, where: Where) -> Row:
        return {**where, "tenant": self._context.tenant}

    def _cursor(
        self, model: type[D], where: Where, fields: Row | None, sort: Sort, limit: int, skip: int
    ) -> Iterator[Row]:
        cursor = self._shelf(model).collection.find(self._scoped(where), fields)
        if sort:
            cursor = cursor.sort(list(sort))
        with metrics.database_seconds.labels("find").time():
            yield from cursor.skip(skip).limit(limit)

    def _document(self, model: type[D], row: Row) -> D:
        document = cast(D, model._from_son(row))  # mypy reads Self of a union as the union
        document.__dict__["_stored"] = row
        return document

    def _require_own(self, document: Aggregate) -> None:
        # A document of another tenant in this handle is a programming error that must never reach the disk.
        if document.tenant != self._context.tenant or not document.id.startswith(f"{self._context.tenant}:"):
            raise AssertionError(f"document of tenant {document.tenant!r} in the handle of {self._context.tenant!r}")

    def _require_version(self, document: Aggregate) -> None:
        if isinstance(self._context, Call) and self._context.if_match not in (None, document.version):
            raise Stale(version=document.version)

    def _require_unconditional(self) -> None:
        if isinstance(self._context, Call) and self._context.if_match is not None:
            raise Stale()

    def _made_before(self, model: type[A], key: str) -> tuple[A, Any] | None:
        """The document that this very call or event made, and what it answered."""
        try:
            stored = self.get(model, key)
        except NotFound:
            return None
        record = write_plan.known(stored, self._context)
        return (stored, record.get("a")) if record else None

    def _creation_key(self, model: type[A]) -> str:
        mark = self._context.mark if isinstance(self._context, Call | Received) else ""
        return derived(mark, model.__name__) if mark else fresh()

    def _write(self, document: Aggregate, write: Write | Change, entries: list[Row]) -> bool:
        shelf = self._shelf(type(document))
        if not shelf.commit.run(write):
            return False
        if entries:
            # What lay in the outbox before is on its way from whoever wrote it, or the sweep's.
            self._source.relay.offer(shelf.collection, document.id, entries)
        document.pending.clear()
        return True

    def _was_handled(self, document: Aggregate) -> bool:
        context = self._context
        if not isinstance(context, Received):
            return False
        if not context.replayed and context.now - context.envelope.time < _OLD:
            return False
        record = f"{document.id}:{context.mark}"
        return self._source.shelves.shelf(context.tenant, Handled).collection.find_one({"_id": record}) is not None

    def _keep_old_marks(self, document: Aggregate) -> None:
        """A mark about to leave the aggregate becomes a record of its own first, for events replayed much later."""
        if not isinstance(self._context, Received):
            return
        now = self._context.now
        commit = self._source.shelves.shelf(document.tenant, Handled).commit
        for mark in document.stored.get("handled", []):
            if now - mark["t"] >= write_plan.KEPT:
                row = {"_id": f"{document.id}:{mark['e']}", "tenant": document.tenant, "t": mark["t"]}
                commit.run(Write(InsertOne(row), row["_id"], lambda row: False))


class DataSource:
    """What a service's `data` attribute is: `of(call)` and `of(received)` give the tenant's handle."""

    def __init__(self, service: str, shelves: TenantCollections, relay: OutboxRelay, clock: Clock) -> None:
        self.service = service
        self.shelves = shelves
        self.relay = relay
        self.clock = clock
        self.turns = KeyedLocks()

    def of(self, context: Context) -> TenantData:
        return TenantData(self, context)

    def as_system(self, tenant: str) -> TenantData:
        """The handle for what the service does by itself (timers), as `system:<service>`."""
        actor = system(tenant, self.service).subject
        return TenantData(self, Context(tenant=tenant, actor=actor, now=self.clock.now(), correlation_id=uuid7()))

    def tenants(self) -> list[str]:
        """Every tenant that has data here."""
        return self.shelves.tenants()

    def each_tenant(self, act: Callable[[TenantData], Any]) -> None:
        """Runs a timer's work for every tenant; one whose cluster is away does not stop the others'."""
        with _told("a timer"):
            for tenant in self.tenants():
                with _told(f"the timer of tenant {tenant}"):
                    act(self.as_system(tenant))

    def each_due(self, model: type[A], act: Callable[[A, datetime], Any]) -> None:
        """Lets every document of the model that is due act, by itself."""
        self.each_tenant(lambda handle: self._act_on_due(handle, model, act))

    @staticmethod
    def _act_on_due(handle: TenantData, model: type[A], act: Callable[[A, datetime], Any]) -> None:
        def ring(key: str) -> None:
            with _told(f"{model.__name__} {key}"):
                handle.change(model, key, lambda one: act(one, handle.context.now) and None)

        pool = GreenPool(_SIDE_BY_SIDE)
        for key in handle.due(model):
            pool.spawn_n(ring, key)
        pool.waitall()

    def received(self, envelope: Envelope, replayed: bool = False) -> Received:
        return Received(
            tenant=envelope.tenant,
            actor=system(envelope.tenant, self.service).subject,
            now=self.clock.now(),
            correlation_id=envelope.correlationid,
            causation_id=envelope.id,
            traceparent=envelope.traceparent,
            envelope=envelope,
            replayed=replayed,
            data=_object(envelope.data),
        )


def _object(data: msgspec.Raw) -> dict[str, Any]:
    """Raises `Unreadable`: what is no object is no event's data, however often it is tried."""
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise Unreadable(reason="its data is no object") from error


@contextmanager
def _told(what: str) -> Iterator[None]:
    """What fails is logged and tried again by the next tick; the rest goes on."""
    try:
        yield
    except (PyMongoError, Problem) as error:
        log.warning("%s waits: %s", what, error.code if isinstance(error, Problem) else type(error).__name__)
