"""Group commit and group load: one message to the database for what many greenlets write or read by `_id`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bson.errors import BSONError
from pymongo import InsertOne, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError, WriteError

from chassis.concurrency.batcher import Batcher
from chassis.process import metrics

Row = dict[str, Any]
_DUPLICATE_KEY = 11000
#: Even if each were as large as an aggregate may grow, they fit in one command of 16 MB.
_CHANGES = 32


@dataclass(slots=True)
class Write:
    """An insert, or the upsert of a copy. `landed` recognises what it wrote in the stored document."""

    operation: InsertOne[Row] | UpdateOne
    id: str
    landed: Callable[[Row], bool]


@dataclass(slots=True)
class Change:
    """Sets `fields` in the row that still has `version`, and adds `entries` to its outbox.

    `landed` recognises its own mark in the stored document.
    """

    id: str
    version: int
    fields: Row
    entries: list[Row]
    landed: Callable[[Row], bool]


class GroupLoad:
    """Reads rows by `_id`, those that are asked for at the same time in one query."""

    def __init__(self, collection: Collection[Row]) -> None:
        self._collection = collection
        self._together: Batcher[str, Row | None] = Batcher(self._rows)

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
    """A commit to disk costs the same for one write as for thirty."""

    def __init__(self, collection: Collection[Row]) -> None:
        self._collection = collection
        self._together: Batcher[Write | Change, bool] = Batcher(self._outcomes)

    def run(self, write: Write | Change) -> bool:
        """True when the write took effect; False for a duplicate `_id` or a condition that did not hold."""
        return self._together.run(write)

    def _outcomes(self, batch: list[Write | Change]) -> list[bool | Exception]:
        metrics.commit_writes.observe(len(batch))
        changes = [write for write in batch if isinstance(write, Change)]
        writes = [write for write in batch if isinstance(write, Write)]
        with metrics.database_seconds.labels("commit").time():
            written = iter(self._written(writes) if writes else ())
            changed = iter(
                [
                    outcome
                    for first in range(0, len(changes), _CHANGES)
                    for outcome in self._changed(changes[first : first + _CHANGES])
                ]
            )
        return [next(changed if isinstance(write, Change) else written) for write in batch]

    def _changed(self, batch: list[Change]) -> Sequence[bool | Exception]:
        """All in one update, which costs the database a third of one for each (docs/decisions/0002)."""
        try:
            result = self._collection.update_many({"_id": {"$in": [change.id for change in batch]}}, [_each_its(batch)])
        except (WriteError, BSONError, OverflowError) as error:
            if len(batch) > 1:
                # What is wrong with one is no fault of the others: each by itself.
                return [outcome for change in batch for outcome in self._changed([change])]
            return [False if isinstance(error, DuplicateKeyError) else error]
        if result.modified_count == len(batch):
            return [True] * len(batch)
        return self._look(batch)

    def _written(self, batch: list[Write]) -> Sequence[bool | Exception]:
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
        looked = self._look(batch)
        return [
            failed.get(index, isinstance(write.operation, InsertOne) or landed)
            for index, (write, landed) in enumerate(zip(batch, looked, strict=True))
        ]

    def _look(self, batch: Sequence[Write | Change]) -> list[bool]:
        """Some condition did not hold, and the reply does not say which: look for each write's own mark."""
        stored = {row["_id"]: row for row in self._collection.find({"_id": {"$in": [write.id for write in batch]}})}
        return [write.landed(stored.get(write.id, {})) for write in batch]


def _each_its(batch: list[Change]) -> Row:
    """The stage of an update that gives each row its own new fields, where it has the version that was read."""
    ids = {"$literal": [change.id for change in batch]}
    news = {"$literal": [{"v": change.version, "f": change.fields, "e": change.entries} for change in batch]}
    merged = ["$$ROOT", "$$new.f", {"outbox": {"$concatArrays": [{"$ifNull": ["$outbox", []]}, "$$new.e"]}}]
    changed = {"$cond": [{"$eq": ["$version", "$$new.v"]}, {"$mergeObjects": merged}, "$$ROOT"]}
    own = {"$arrayElemAt": [news, {"$indexOfArray": [ids, "$_id"]}]}
    return {"$replaceWith": {"$let": {"vars": {"new": own}, "in": changed}}}


def _outcome(failure: Row) -> bool | Exception:
    """A taken `_id` is an outcome; anything else is the failure of this write alone."""
    if failure["code"] == _DUPLICATE_KEY:
        return False
    return WriteError(failure.get("errmsg", ""), failure["code"])
