"""Group commit and group load: one message to the database for what many greenlets write or read by `_id`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymongo import InsertOne, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, WriteError

from chassis import metrics
from chassis.together import Together

Row = dict[str, Any]
_DUPLICATE_KEY = 11000


@dataclass(slots=True)
class Write:
    """One insert or conditional update. `landed` recognises its own mark in the stored document."""

    operation: InsertOne[Row] | UpdateOne
    id: str
    landed: Callable[[Row], bool]


class GroupLoad:
    """Reads rows by `_id`, those that are asked for at the same time in one query."""

    def __init__(self, collection: Collection[Row]) -> None:
        self._collection = collection
        self._together: Together[str, Row | None] = Together(self._rows)

    def run(self, document_id: str) -> Row | None:
        """As it is stored at some moment after the call; None where there is none."""
        return self._together.run(document_id)

    def _rows(self, ids: list[str]) -> list[Row | None]:
        with metrics.database_seconds.labels("get").time():
            if len(ids) == 1:
                return [self._collection.find_one({"_id": ids[0]})]
            found = {row["_id"]: row for row in self._collection.find({"_id": {"$in": list(set(ids))}})}
        # Two may have asked for the same one, and a row changes with its document: each has a row of its own.
        return [dict(found[document_id]) if document_id in found else None for document_id in ids]


class GroupCommit:
    """A commit to disk costs the same for one write as for sixty."""

    def __init__(self, collection: Collection[Row]) -> None:
        self._collection = collection
        self._together: Together[Write, bool] = Together(self._outcomes)

    def run(self, write: Write) -> bool:
        """True when the write took effect; False for a duplicate `_id` or a condition that did not hold."""
        return self._together.run(write)

    def _outcomes(self, batch: list[Write]) -> list[bool | Exception]:
        metrics.commit_writes.observe(len(batch))
        with metrics.database_seconds.labels("commit").time():
            return self._written(batch)

    def _written(self, batch: list[Write]) -> list[bool | Exception]:
        failed: dict[int, bool | Exception] = {}
        updates = sum(isinstance(write.operation, UpdateOne) for write in batch)
        try:
            result = self._collection.bulk_write([write.operation for write in batch], ordered=False)
            matched = result.matched_count
        except BulkWriteError as error:
            matched = error.details["nMatched"]
            if error.details["writeConcernErrors"]:
                # Written, but perhaps to be rolled back: nobody may be told that it holds.
                raise
            failed = {failure["index"]: _outcome(failure) for failure in error.details["writeErrors"]}
        if matched == updates:
            return [failed.get(index, True) for index in range(len(batch))]
        return self._look(batch, failed)

    def _look(self, batch: list[Write], failed: dict[int, bool | Exception]) -> list[bool | Exception]:
        """Some condition did not hold, and the reply does not say which: look for each write's own mark."""
        ids = [write.id for write in batch if isinstance(write.operation, UpdateOne)]
        stored = {row["_id"]: row for row in self._collection.find({"_id": {"$in": ids}})}
        return [
            failed.get(index, not isinstance(write.operation, UpdateOne) or write.landed(stored.get(write.id, {})))
            for index, write in enumerate(batch)
        ]


def _outcome(failure: Row) -> bool | Exception:
    """A taken `_id` is an outcome; anything else is the failure of this write alone."""
    if failure["code"] == _DUPLICATE_KEY:
        return False
    return WriteError(failure.get("errmsg", ""), failure["code"])
