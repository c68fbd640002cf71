"""Group commit: writes that are ready at the same time go to the database in one message.

A commit to disk costs the same for one write as for sixty. So while one commit is under way the next
writes gather, and go together when it returns. Use cases know nothing of it: each waits for its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import eventlet
from eventlet.event import Event as Signal
from pymongo import InsertOne, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from chassis import metrics

Row = dict[str, Any]
MOST = 128
_DUPLICATE_KEY = 11000


@dataclass(slots=True)
class Write:
    """One insert or conditional update. `landed` recognises its own mark in the stored document."""

    operation: InsertOne[Row] | UpdateOne
    id: str
    landed: Callable[[Row], bool]
    done: Signal = field(default_factory=Signal)


class GroupCommit:
    def __init__(self, collection: Collection[Row]) -> None:
        self._collection = collection
        self._waiting: list[Write] = []
        self._committing = False

    def run(self, write: Write) -> bool:
        """True when the write took effect; False for a duplicate `_id` or a condition that did not hold."""
        self._waiting.append(write)
        if not self._committing:
            self._committing = True
            eventlet.spawn(self._drain)
        return bool(write.done.wait())

    def _drain(self) -> None:
        try:
            # Let every greenlet that is ready now add its write before the first commit leaves.
            eventlet.sleep(0)
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                self._commit(batch)
        finally:
            self._committing = False

    def _commit(self, batch: list[Write]) -> None:
        metrics.commit_writes.observe(len(batch))
        try:
            with metrics.database_seconds.labels("commit").time():
                outcomes = self._outcomes(batch)
        except Exception as error:  # noqa: BLE001  # every waiter must learn that it failed, whatever the reason
            for write in batch:
                write.done.send_exception(error)
            return
        for write, outcome in zip(batch, outcomes, strict=True):
            write.done.send(outcome)

    def _outcomes(self, batch: list[Write]) -> list[bool]:
        refused: set[int] = set()
        updates = sum(isinstance(write.operation, UpdateOne) for write in batch)
        try:
            result = self._collection.bulk_write([write.operation for write in batch], ordered=False)
            matched = result.matched_count
        except BulkWriteError as error:
            matched = error.details["nMatched"]
            refused = {failure["index"] for failure in error.details["writeErrors"]}
            if any(failure["code"] != _DUPLICATE_KEY for failure in error.details["writeErrors"]):
                raise
        if matched == updates:
            return [index not in refused for index in range(len(batch))]
        return self._look(batch, refused)

    def _look(self, batch: list[Write], refused: set[int]) -> list[bool]:
        """Some condition did not hold, and the reply does not say which: look for each write's own mark."""
        ids = [write.id for write in batch if isinstance(write.operation, UpdateOne)]
        stored = {row["_id"]: row for row in self._collection.find({"_id": {"$in": ids}})}
        return [
            write.landed(stored.get(write.id, {})) if isinstance(write.operation, UpdateOne) else index not in refused
            for index, write in enumerate(batch)
        ]
