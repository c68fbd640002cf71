"""Outbox relay: publishes stored events to the broker, then removes them from the outbox.

The relay may lose everything that it holds in memory: the sweep finds all events that are still in an outbox.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence, Set
from datetime import timedelta

import eventlet
from eventlet.event import Event as Signal
from eventlet.queue import Empty, LightQueue
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from chassis import metrics
from chassis.clock import Clock
from chassis.messaging import amqp
from chassis.messaging.names import EVENTS
from chassis.messaging.tenant_log import LogSightings
from chassis.persistence.collections import TenantCollections
from chassis.persistence.group_commit import Row
from chassis.persistence.outbox_rows import Entry, Offer, OutboxRows

log = logging.getLogger(__name__)
_BATCH = 200
_MAX_QUEUED = 5000
#: Seconds after which an event that the broker refused is tried again.
_SET_ASIDE_SECONDS = 300.0
_MAX_CONFIRMED = 10_000
#: Seconds for which published events may stay in their outboxes, so that one update removes many.
_REMOVAL_DELAY = 0.2
_STALE = timedelta(seconds=5)


class OutboxRelay:
    """Publishes outbox entries at least once; consumers deduplicate by event id."""

    def __init__(self, uri: str, collections: TenantCollections, clock: Clock) -> None:
        self._publisher = amqp.Publisher(uri)
        self._clock = clock
        self._offers: LightQueue = LightQueue()
        # Event ids of the last confirmed entries: the sweep may offer them again before they are removed.
        self._confirmed: OrderedDict[str, None] = OrderedDict()
        # Published entries to remove from their outboxes, and since when the first of them waits (monotonic seconds).
        self._published: list[Offer] = []
        self._published_since = 0.0
        self._rows = OutboxRows(collections)
        # Event ids that the broker refuses, and until when (monotonic seconds) they hold up no others.
        self._set_aside: dict[str, float] = {}
        self._logs = LogSightings(self._publisher)
        self._stopping = False
        self._stopped = Signal()

    def offer(self, collection: Collection[Row], document_id: str, entries: list[Entry]) -> None:
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
            except amqp.LOST as error:
                self._report_lost("broker", error)

    def stop(self) -> None:
        """Publishes what is queued, then ends."""
        self._stopping = True
        self._offers.put(None)
        self._stopped.wait()

    def publish(self, batch: Sequence[Offer]) -> None:
        """Publishes the entries of the batch, each once; confirmed ones are removed from their outboxes later."""
        self._release_set_aside()
        self._look_for_logs(_tenants_of(batch))
        entries = {entry["id"]: entry for _, _, entries in batch for entry in entries if self._is_due(entry)}
        failed = self._publish_entries(list(entries.values()))
        for event_id, entry in entries.items():
            if event_id not in failed:
                metrics.published.labels(entry["k"].partition(".")[2]).inc()
                self._confirmed[event_id] = None
        while len(self._confirmed) > _MAX_CONFIRMED:
            self._confirmed.popitem(last=False)
        if not self._published:
            self._published_since = time.monotonic()
        self._published += _kept(batch, lambda entry: self._is_sent(entry, failed))

    def _is_due(self, entry: Entry) -> bool:
        held = entry["id"] in self._confirmed or entry["id"] in self._set_aside
        return not held and tenant_of(entry["k"]) not in self._logs.missing

    def _is_sent(self, entry: Entry, failed: set[str]) -> bool:
        held = entry["id"] in failed or entry["id"] in self._set_aside
        return not held and tenant_of(entry["k"]) not in self._logs.missing

    def _publish_entries(self, entries: list[Entry]) -> set[str]:
        """Returns the ids of the entries that were not published."""
        try:
            returned = self._publisher.publish([_message(entry) for entry in entries])
        except amqp.LOST as error:
            if not amqp.is_refusal(error):
                raise
            # The broker does not say which one it refused.
            return self._publish_one_by_one(entries)
        for entry in entries:
            if entry["id"] in returned:
                metrics.unpublished.labels("returned").inc()
                log.error("event %s (%s) was not routed; it stays in the outbox", entry["id"], entry["k"])
        return returned

    def _publish_one_by_one(self, entries: list[Entry]) -> set[str]:
        failed: set[str] = set()
        for entry in entries:
            try:
                failed |= self._publisher.publish([_message(entry)])
            except amqp.LOST as error:
                if not amqp.is_refusal(error):
                    raise
                failed.add(entry["id"])
                self._set_aside[entry["id"]] = time.monotonic() + _SET_ASIDE_SECONDS
                metrics.unpublished.labels("refused").inc()
                log.error("event %s (%s) is set aside: %s", entry["id"], entry["k"], error)
        metrics.set_aside.set(len(self._set_aside))
        return failed

    def _release_set_aside(self) -> None:
        """Lets refused events be tried again, now and then: somebody may have mended the broker's permissions."""
        now = time.monotonic()
        if any(until <= now for until in self._set_aside.values()):
            self._set_aside = {event_id: until for event_id, until in self._set_aside.items() if until > now}
            metrics.set_aside.set(len(self._set_aside))

    def sweep(self) -> int:
        """Queues the outboxes of all tenants that are older than some seconds; returns the number of events found."""
        now = self._clock.now()
        count, oldest = 0, now
        for collection, document_id, entries in self._rows.older_than(now - _STALE):
            self.offer(collection, document_id, entries)
            count += len(entries)
            oldest = min(oldest, entries[0]["t"])
        metrics.outbox_length.set(count)
        metrics.outbox_age.set((now - oldest).total_seconds())
        return count

    def _next_batch(self) -> list[Offer]:
        batch: list[Offer] = []
        try:
            batch.append(self._offers.get(timeout=_REMOVAL_DELAY if self._published else 5))
            while len(batch) < _BATCH:
                batch.append(self._offers.get_nowait())
        except Empty:
            pass
        return [offer for offer in batch if offer is not None]

    def _look_for_logs(self, tenants: set[str]) -> None:
        """Looks for logs before something is published to them. Raises one of `amqp.LOST`."""
        if self._logs.are_old(tenants | self._logs.missing):
            # This look decides about the earlier events, too: it begins another time, in which they were not published.
            self._published = self._in_logs(self._published, tenants | self._logs.missing)

    def _in_logs(self, published: list[Offer], others: Set[str] = frozenset()) -> list[Offer]:
        """Returns what lies in a log for certain; the sweep offers the rest again. Raises one of `amqp.LOST`.

        `others`: further tenants whose logs the same look looks for.
        """
        tenants = _tenants_of(published) | others
        if not tenants:
            return published
        kept = self._logs.look(tenants)
        for _, _, entries in published:
            for entry in entries:
                if tenant_of(entry["k"]) not in kept:
                    self._confirmed.pop(entry["id"], None)
        return _kept(published, lambda entry: tenant_of(entry["k"]) in kept)

    def _remove_published(self) -> None:
        """Removes published entries with one update for many documents, at half the cost of one for each."""
        published, self._published = self._in_logs(self._published), []
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


def tenant_of(key: str) -> str:
    """Returns the tenant of a routing key."""
    return key.partition(".")[0]


def _tenants_of(offers: Iterable[Offer]) -> set[str]:
    return {tenant_of(entry["k"]) for _, _, entries in offers for entry in entries}


def _kept(offers: Iterable[Offer], keep: Callable[[Entry], bool]) -> list[Offer]:
    kept = [(collection, key, [entry for entry in entries if keep(entry)]) for collection, key, entries in offers]
    return [offer for offer in kept if offer[2]]


def _message(entry: Entry) -> amqp.Message:
    return amqp.Message(EVENTS, entry["k"], entry["b"], entry["id"])
