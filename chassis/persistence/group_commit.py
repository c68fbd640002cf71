"""Group commit and group load: one database message for what many greenlets write, or read by `_id`, at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bson.errors import BSONError
from pymongo import InsertOne, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError, WriteError

from chassis import metrics
from chassis.concurrency.batcher import Batcher

Row = dict[str, Any]
_DUPLICATE_KEY = 11000
#: Changes of one update. Even with aggregates of the maximum size they fit into one command of 16 MB.
_CHANGES = 32


@dataclass(slots=True)
class Write:
    """An insert, or the upsert of a replica. `is_applied` tells from a stored row whether this write took effect."""

    operation: InsertOne[Row] | UpdateOne
    id: str
    is_applied: Callable[[Row], bool]


@dataclass(slots=True)
class Change:
    """Optimistic lock: sets `fields` if the row still has `version`, and adds `entries` to its outbox.

    `is_applied` tells from a stored row whether this write took effect.
    """

    id: str
    version: int
    fields: Row
    entries: list[Row]
    is_applied: Callable[[Row], bool]


class GroupLoad:
    """Batched read by `_id`: concurrent reads become one query."""

    def __init__(self, collection: Collection[Row]) -> None:
        self._collection = collection
        self._batcher: Batcher[str, Row | None] = Batcher(self._rows)

    def run(self, document_id: str) -> Row | None:
        """Returns the row, read after this call began, or None if it does not exist."""
        return self._batcher.run(document_id)

    def _rows(self, ids: list[str]) -> list[Row | Exception | None]:
        with metrics.database_seconds.labels("get").time():
            if len(ids) == 1:
                return [self._collection.find_one({"_id": ids[0]})]
            try:
                rows = {row["_id"]: row for row in self._collection.find({"_id": {"$in": list(set(ids))}})}
            except BSONError:
                return [self._row_or_error(document_id) for document_id in ids]
        # Two callers may read the same row, and a row changes with its document: each gets its own dictionary.
        return [dict(rows[document_id]) if document_id in rows else None for document_id in ids]

    def _row_or_error(self, document_id: str) -> Row | Exception | None:
        """One row that cannot be decoded must not fail the callers of the others."""
        try:
            return self._collection.find_one({"_id": document_id})
        except BSONError as error:
            return error


class GroupCommit:
    """Batched write: concurrent writes share one commit to disk, which costs the same for one write as for thirty."""

    def __init__(self, collection: Collection[Row]) -> None:
        self._collection = collection
        self._batcher: Batcher[Write | Change, bool] = Batcher(self._outcomes)

    def run(self, write: Write | Change) -> bool:
        """Returns True if the write took effect, False for a duplicate `_id` or an unmet condition."""
        return self._batcher.run(write)

    def _outcomes(self, batch: list[Write | Change]) -> list[bool | Exception]:
        metrics.commit_writes.observe(len(batch))
        changes = [write for write in batch if isinstance(write, Change)]
        writes = [write for write in batch if isinstance(write, Write)]
        with metrics.database_seconds.labels("commit").time():
            write_outcomes = iter(self._apply_writes(writes) if writes else ())
            change_outcomes = iter(
                [
                    outcome
                    for first in range(0, len(changes), _CHANGES)
                    for outcome in self._apply_changes(changes[first : first + _CHANGES])
                ]
            )
        return [next(change_outcomes if isinstance(write, Change) else write_outcomes) for write in batch]

    def _apply_changes(self, batch: list[Change]) -> Sequence[bool | Exception]:
        """Applies all changes in one update, which costs a third of one update for each (docs/decisions/0002)."""
        where = {"_id": {"$in": [change.id for change in batch]}}
        try:
            result = self._collection.update_many(where, [_update_stage(batch)])
        except (WriteError, BSONError, OverflowError) as error:
            if len(batch) > 1:
                # One bad change must not fail the others: apply each by itself.
                return [outcome for change in batch for outcome in self._apply_changes([change])]
            return [False if isinstance(error, DuplicateKeyError) else error]
        if result.modified_count == len(batch):
            return [True] * len(batch)
        return self._read_outcomes(batch)

    def _apply_writes(self, batch: list[Write]) -> Sequence[bool | Exception]:
        failed: dict[int, bool | Exception] = {}
        updates = sum(isinstance(write.operation, UpdateOne) for write in batch)
        try:
            result = self._collection.bulk_write([write.operation for write in batch], ordered=False)
            matched = result.matched_count
        except BulkWriteError as error:
            matched = error.details["nMatched"]
            if error.details["writeConcernErrors"]:
                # The writes may still be rolled back, so they must not be reported as successful.
                raise
            failed = {failure["index"]: _outcome(failure) for failure in error.details["writeErrors"]}
        if matched == updates:
            return [failed.get(index, True) for index in range(len(batch))]
        outcomes = self._read_outcomes(batch)
        return [
            failed.get(index, isinstance(write.operation, InsertOne) or outcome)
            for index, (write, outcome) in enumerate(zip(batch, outcomes, strict=True))
        ]

    def _read_outcomes(self, batch: Sequence[Write | Change]) -> list[bool]:
        """Reads the rows to find out which writes took effect: the database only reports how many did."""
        stored = {row["_id"]: row for row in self._collection.find({"_id": {"$in": [write.id for write in batch]}})}
        return [write.is_applied(stored.get(write.id, {})) for write in batch]


def _update_stage(batch: list[Change]) -> Row:
    """Returns the update stage that gives each row its own new fields if the row still has the expected version."""
    ids = {"$literal": [change.id for change in batch]}
    changes = {"$literal": [{"v": change.version, "f": change.fields, "e": change.entries} for change in batch]}
    merged = ["$$ROOT", "$$new.f", {"outbox": {"$concatArrays": [{"$ifNull": ["$outbox", []]}, "$$new.e"]}}]
    changed = {"$cond": [{"$eq": ["$version", "$$new.v"]}, {"$mergeObjects": merged}, "$$ROOT"]}
    change_of_row = {"$arrayElemAt": [changes, {"$indexOfArray": [ids, "$_id"]}]}
    return {"$replaceWith": {"$let": {"vars": {"new": change_of_row}, "in": changed}}}


def _outcome(failure: Row) -> bool | Exception:
    """Returns False for a duplicate `_id`; any other failure as the error of this write alone."""
    if failure["code"] == _DUPLICATE_KEY:
        return False
    return WriteError(failure.get("errmsg", ""), failure["code"])
