"""Outbox relay: publishes stored events to the broker, then removes them from the outbox.

The relay may lose everything that it holds in memory: the sweep finds all events that are still in an outbox.
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

from chassis import metrics
from chassis.clock import EPOCH, Clock
from chassis.messaging import amqp
from chassis.messaging.names import EVENTS
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.collections import TenantCollections
from chassis.persistence.group_commit import Row

log = logging.getLogger(__name__)
_BATCH = 200
_MAX_QUEUED = 5000
_SWEEP_LIMIT = 500
_MAX_CONFIRMED = 10_000
#: Seconds for which published events may stay in their outboxes, so that one update removes many.
_REMOVAL_DELAY = 0.2
_STALE = timedelta(seconds=5)
Offer = tuple[Collection[Row], str, list[dict[str, Any]]]


class OutboxRelay:
    """Publishes outbox entries at least once; consumers deduplicate by event id."""

    def __init__(self, uri: str, collections: TenantCollections, clock: Clock) -> None:
        self._publisher = amqp.Publisher(uri)
        self._collections = collections
        self._clock = clock
        self._offers: LightQueue = LightQueue()
        # Event ids of the last confirmed entries: the sweep may offer them again before they are removed.
        self._confirmed: OrderedDict[str, None] = OrderedDict()
        # Published entries to remove from their outboxes, and since when the first of them waits (monotonic seconds).
        self._published: list[Offer] = []
        self._published_since = 0.0
        # Where the next sweep of a collection starts, if the last one did not reach the end.
        self._sweep_offsets: Counter[Collection[Row]] = Counter()
        self._stopping = False
        self._stopped = Signal()

    def offer(self, collection: Collection[Row], document_id: str, entries: list[dict[str, Any]]) -> None:
        """Queues entries of a stored outbox, oldest first. Never blocks the caller."""
        if self._offers.qsize() < _MAX_QUEUED:
            self._offers.put((collection, document_id, entries))

    def run(self) -> None:
        """Publishes until stopped; survives the loss of the broker or the database."""
        try:
            while not (self._stopping and self._offers.empty()):
                self._run_once(self._next_batch())
            # An empty batch removes the published entries.
            self._run_once([])
            self._publisher.close()
        finally:
            self._stopped.send(True)

    def _run_once(self, batch: list[Offer]) -> None:
        try:
            self.publish(batch) if batch else self._publisher.beat()
        except amqp.LOST as error:
            metrics.unpublished.labels("broker").inc(len(batch))
            self._report_lost("broker", error)
        if not batch or len(self._published) >= _BATCH or time.monotonic() - self._published_since >= _REMOVAL_DELAY:
            try:
                self._remove_published()
            except PyMongoError as error:
                self._report_lost("database", error)

    def stop(self) -> None:
        """Publishes what is queued, then ends."""
        self._stopping = True
        self._offers.put(None)
        self._stopped.wait()

    def publish(self, batch: Sequence[Offer]) -> None:
        """Publishes the entries of the batch, each once; confirmed ones are removed from their outboxes later."""
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
        while len(self._confirmed) > _MAX_CONFIRMED:
            self._confirmed.popitem(last=False)
        if not self._published:
            self._published_since = time.monotonic()
        self._published += [
            (collection, document_id, [entry for entry in entries if entry["id"] not in failed])
            for collection, document_id, entries in batch
        ]

    def sweep(self) -> int:
        """Queues the outboxes of all tenants that are older than some seconds; returns the number of events found."""
        cutoff = self._clock.now() - _STALE
        count, oldest = 0, cutoff
        for collection, row in self._stale(cutoff):
            self.offer(collection, row["_id"], row["outbox"])
            count += len(row["outbox"])
            oldest = min(oldest, row["outbox"][0]["t"])
        metrics.outbox_length.set(count)
        metrics.outbox_age.set((self._clock.now() - oldest).total_seconds() if count else 0)
        return count

    def _stale(self, cutoff: datetime) -> Iterator[tuple[Collection[Row], Row]]:
        """Yields some outboxes of every collection, the next ones next time: unpublishable events block no others.

        Raises the error of a failed cluster after it has read the others.
        """
        failed: dict[MongoClient[Row], PyMongoError] = {}
        models = [model for model in self._collections.models() if issubclass(model, Aggregate)]
        everywhere = [each.pymongo for model in models for each in self._collections.everywhere(model)]
        for collection in everywhere:
            if (cluster := collection.database.client) in failed:
                continue
            where = {"outbox.t": {"$gt": EPOCH, "$lt": cutoff}}
            offset = self._sweep_offsets[collection]
            try:
                rows = list(collection.find(where, {"outbox": 1}).skip(offset).limit(_SWEEP_LIMIT))
            except PyMongoError as error:
                failed[cluster] = error
                continue
            self._sweep_offsets[collection] = offset + _SWEEP_LIMIT if len(rows) == _SWEEP_LIMIT else 0
            yield from ((collection, row) for row in rows)
        for failure in failed.values():
            raise failure

    def _next_batch(self) -> list[Offer]:
        batch: list[Offer] = []
        try:
            batch.append(self._offers.get(timeout=_REMOVAL_DELAY if self._published else 5))
            while len(batch) < _BATCH:
                batch.append(self._offers.get_nowait())
        except Empty:
            pass
        return [offer for offer in batch if offer is not None]

    def _remove_published(self) -> None:
        """Removes published entries with one update for many documents, at half the cost of one for each."""
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
    def _report_lost(server: str, error: BaseException) -> None:
        log.warning("the %s is not reachable (%s); the sweep will retry", server, error)
        eventlet.sleep(0.5)
