"""Reader of all outboxes, for the sweep: a row that is damaged, or a cluster that is away, hides no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from chassis.clock import EPOCH
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.collections import TenantCollections
from chassis.persistence.damaged import decoded, report
from chassis.persistence.group_commit import Row

_LIMIT = 500
_MOST_BYTES = 255  # of a routing key or a message id in AMQP
Entry = dict[str, Any]
Offer = tuple[Collection[Row], str, list[Entry]]


class OutboxRows:
    """The stored outboxes of a service's tenants, some of every collection at a time."""

    def __init__(self, collections: TenantCollections) -> None:
        self._collections = collections
        # Where the next reading of a collection starts, if the last one did not reach the end.
        self._offsets: Counter[Collection[Row]] = Counter()

    def older_than(self, cutoff: datetime) -> Iterator[Offer]:
        """Yields some outboxes of every collection, the next ones next time: unpublishable events block no others.

        Raises the error of a failed cluster after it has read the others.
        """
        failed: dict[MongoClient[Row], PyMongoError] = {}
        models = [model for model in self._collections.models() if issubclass(model, Aggregate)]
        for collection in [each.pymongo for model in models for each in self._collections.everywhere(model)]:
            if (cluster := collection.database.client) in failed:
                continue
            try:
                rows = self._page(collection, {"outbox.t": {"$gt": EPOCH, "$lt": cutoff}})
            except PyMongoError as error:
                failed[cluster] = error
                continue
            for row in rows:
                if entries := _sound(collection, row):
                    yield collection, row["_id"], entries
        for failure in failed.values():
            raise failure

    def _page(self, collection: Collection[Row], where: Row) -> list[Row]:
        offset = self._offsets[collection]
        rows, found = decoded(collection, where, {"outbox": 1}, skip=offset, limit=_LIMIT)
        self._offsets[collection] = offset + _LIMIT if found == _LIMIT else 0
        return rows


def _sound(collection: Collection[Row], row: Row) -> list[Entry]:
    """Returns the entries that can be published; the others are reported and stay where they are."""
    outbox = row["outbox"]
    if not isinstance(row["_id"], str) or not isinstance(outbox, list):
        report(collection.name, row["_id"], "its outbox is no list, or its id no text")
        return []
    sound = [entry for entry in outbox if _is_entry(entry)]
    if len(sound) < len(outbox):
        report(collection.name, row["_id"], "its outbox has an entry that is no event")
    return sound


def _is_entry(entry: Any) -> bool:
    """Returns whether this has the form of `write_plan.outbox_entry`, and AMQP can carry it."""
    if not isinstance(entry, dict):
        return False
    names = [entry.get("id"), entry.get("k")]
    return (
        all(isinstance(name, str) and 0 < len(name.encode()) <= _MOST_BYTES for name in names)
        and isinstance(entry.get("b"), bytes)
        and isinstance(entry.get("t"), datetime)
    )
