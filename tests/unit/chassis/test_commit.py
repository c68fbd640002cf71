"""Writes that go together: each learns its own outcome, and nobody is told that holds what may be rolled back."""

from __future__ import annotations

from typing import Any

import eventlet
import pytest
from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError, WriteError

from chassis.commit import GroupCommit, Write

DUPLICATE, OTHER = 11000, 10334


class Refusing:
    """A collection whose next bulk write is answered as `details` say."""

    def __init__(self, stored: list[dict[str, Any]], **details: Any) -> None:
        self.details = {"nMatched": 0, "writeErrors": [], "writeConcernErrors": [], **details}
        self.stored = stored

    def bulk_write(self, operations: list[Any], ordered: bool) -> None:
        raise BulkWriteError(self.details)

    def find(self, where: Any) -> list[dict[str, Any]]:
        return self.stored


def insert(key: str) -> Write:
    return Write(InsertOne({"_id": key}), key, lambda row: False)


def update(key: str) -> Write:
    return Write(UpdateOne({"_id": key, "version": 1}, {"$set": {"by": "me"}}), key, lambda row: row.get("by") == "me")


def together(collection: Refusing, *writes: Write) -> list[Any]:
    commit = GroupCommit(collection)  # type: ignore[arg-type]

    def run(write: Write) -> Any:
        try:
            return commit.run(write)
        except Exception as error:  # noqa: BLE001
            return type(error)

    return [greenlet.wait() for greenlet in [eventlet.spawn(run, write) for write in writes]]


def test_a_taken_id_is_the_outcome_of_its_own_write_alone() -> None:
    collection = Refusing([], writeErrors=[{"index": 0, "code": DUPLICATE}])
    assert together(collection, insert("a"), insert("b")) == [False, True]


def test_any_other_failure_is_raised_to_its_own_write_alone() -> None:
    collection = Refusing([{"_id": "b", "by": "me"}], nMatched=1, writeErrors=[{"index": 0, "code": OTHER}])
    assert together(collection, insert("a"), update("b")) == [WriteError, True]


def test_an_update_whose_condition_did_not_hold_is_told_apart_by_its_mark() -> None:
    stored = [{"_id": "a", "by": "me"}, {"_id": "b", "by": "another"}]
    collection = Refusing(stored, nMatched=1, writeErrors=[{"index": 2, "code": DUPLICATE}])
    assert together(collection, update("a"), update("b"), insert("c")) == [True, False, False]


def test_a_write_that_is_not_on_enough_replicas_does_not_count_as_done() -> None:
    collection = Refusing([{"_id": "a", "by": "me"}], nMatched=1, writeConcernErrors=[{"code": 189}])
    assert together(collection, update("a")) == [BulkWriteError]


@pytest.mark.parametrize("count", [1, 7])
def test_every_writer_learns_that_the_whole_commit_failed(count: int) -> None:
    collection = Refusing([], writeConcernErrors=[{"code": 64}])
    assert together(collection, *(insert(str(number)) for number in range(count))) == [BulkWriteError] * count
