"""From the outbox to the broker: publishes what a save stored, then takes it out of the outbox.

The relay may lose everything it holds in memory: what is not taken out of an outbox is found by the sweep.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import eventlet
from eventlet.event import Event as Signal
from eventlet.queue import Empty, LightQueue
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from chassis.clock import EPOCH, Clock
from chassis.messaging import amqp
from chassis.messaging.names import EVENTS
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.collections import TenantCollections
from chassis.persistence.group_commit import Row
from chassis.process import metrics

log = logging.getLogger(__name__)
_BATCH = 200
_HELD = 5000
_SWEPT = 500
_REMEMBERED = 10_000
#: Seconds that what is published may stay in its outbox, so that many leave together.
_LULL = 0.2
_STALE = timedelta(seconds=5)
Offer = tuple[Collection[Row], str, list[dict[str, Any]]]


class OutboxRelay:
    def __init__(self, uri: str, shelves: TenantCollections, clock: Clock) -> None:
        self._publisher = amqp.Publisher(uri)
        self._shelves = shelves
        self._clock = clock
        self._offers: LightQueue = LightQueue()
        # The sweep may meet what is on its way: published once is enough.
        self._confirmed: OrderedDict[str, None] = OrderedDict()
        # What is to leave its outbox, and since when the first of it waits for that (seconds of a steady clock).
        self._published: list[Offer] = []
        self._published_since = 0.0
        # How many of the longest waiting in a collection the last sweep has offered, where there were more.
        self._swept: Counter[Collection[Row]] = Counter()
        self._stopping = False
        self._stopped = Signal()

    def offer(self, collection: Collection[Row], document_id: str, entries: list[dict[str, Any]]) -> None:
        """Takes entries of a stored outbox, oldest first. Never blocks the caller."""
        if self._offers.qsize() < _HELD:
            self._offers.put((collection, document_id, entries))

    def run(self) -> None:
        """Publishes until stopped; survives the loss of the broker and of the database."""
        try:
            while not (self._stopping and self._offers.empty()):
                self._run_once(self._next_batch())
            # With nothing to publish it takes out what was published.
            self._run_once([])
            self._publisher.close()
        finally:
            self._stopped.send(True)

    def _run_once(self, batch: list[Offer]) -> None:
        try:
            self.publish(batch) if batch else self._publisher.beat()
        except amqp.LOST as error:
            metrics.unpublished.labels("broker").inc(len(batch))
            self._lost("broker", error)
        if not batch or len(self._published) >= _BATCH or time.monotonic() - self._published_since >= _LULL:
            try:
                self._take_out()
            except PyMongoError as error:
                self._lost("database", error)

    def stop(self) -> None:
        """Publishes what is held, then ends."""
        self._stopping = True
        self._offers.put(None)
        self._stopped.wait()

    def publish(self, batch: Sequence[Offer]) -> None:
        """Publishes the entries of the batch, each once; the confirmed ones leave their outboxes a little later."""
        entries = {
            entry["id"]: entry for _, _, entries in batch for entry in entries if entry["id"] not in self._confirmed
        }
        failed = self._publisher.publish(
            [amqp.Message(EVENTS, entry["k"], entry["b"], entry["id"]) for entry in entries.values()]
        )
        for event_id, entry in entries.items():
            if event_id in failed:
                metrics.unpublished.labels("returned").inc()
                log.error("event %s (%s) was not routed; it stays in the outbox", event_id, entry["k"])
            else:
                metrics.published.labels(entry["k"].partition(".")[2]).inc()
                self._confirmed[event_id] = None
        while len(self._confirmed) > _REMEMBERED:
            self._confirmed.popitem(last=False)
        if not self._published:
            self._published_since = time.monotonic()
        self._published += [
            (collection, document_id, [entry for entry in entries if entry["id"] not in failed])
            for collection, document_id, entries in batch
        ]

    def sweep(self) -> int:
        """Offers outboxes older than some seconds, of every tenant; answers how many events it found."""
        cutoff = self._clock.now() - _STALE
        found, oldest = 0, cutoff
        for collection, row in self._stale(cutoff):
            self.offer(collection, row["_id"], row["outbox"])
            found += len(row["outbox"])
            oldest = min(oldest, row["outbox"][0]["t"])
        metrics.outbox_length.set(found)
        metrics.outbox_age.set((self._clock.now() - oldest).total_seconds() if found else 0)
        return found

    def _stale(self, cutoff: datetime) -> Iterator[tuple[Collection[Row], Row]]:
        """Some of every shelf, and the next ones the next time: what cannot be published keeps nothing else waiting.

        Raises what one cluster failed with, after the others were looked through.
        """
        failed: dict[MongoClient[Row], PyMongoError] = {}
        models = [model for model in self._shelves.models() if issubclass(model, Aggregate)]
        for collection in (shelf.collection for model in models for shelf in self._shelves.everywhere(model)):
            if (cluster := collection.database.client) in failed:
                continue
            where = {"outbox.t": {"$gt": EPOCH, "$lt": cutoff}}
            begin = self._swept[collection]
            try:
                rows = list(collection.find(where, {"outbox": 1}).skip(begin).limit(_SWEPT))
            except PyMongoError as error:
                failed[cluster] = error
                continue
            self._swept[collection] = begin + _SWEPT if len(rows) == _SWEPT else 0
            yield from ((collection, row) for row in rows)
        for failure in failed.values():
            raise failure

    def _next_batch(self) -> list[Offer]:
        batch: list[Offer] = []
        try:
            batch.append(self._offers.get(timeout=_LULL if self._published else 5))
            while len(batch) < _BATCH:
                batch.append(self._offers.get_nowait())
        except Empty:
            pass
        return [offer for offer in batch if offer is not None]

    def _take_out(self) -> None:
        """One update for many documents: to the database it costs half of one for each."""
        published, self._published = self._published, []
        by_collection: dict[Collection[Row], list[Offer]] = {}
        for offer in published:
            by_collection.setdefault(offer[0], []).append(offer)
        for collection, offers in by_collection.items():
            ids = {entry["id"] for _, _, entries in offers for entry in entries}
            where = {"_id": {"$in": list({document_id for _, document_id, _ in offers})}}
            with metrics.database_seconds.labels("take_out").time():
                collection.update_many(where, {"$pull": {"outbox": {"id": {"$in": list(ids)}}}})

    @staticmethod
    def _lost(part: str, error: BaseException) -> None:
        log.warning("the %s is not reachable (%s); the sweep will see to what waits", part, error)
        eventlet.sleep(0.5)
