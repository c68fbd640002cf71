"""Group commit: every write gets its own outcome, and no write that may be rolled back counts as successful."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import eventlet
import pytest
from pymongo import InsertOne, UpdateOne
from pymongo.errors import AutoReconnect, BulkWriteError, DuplicateKeyError, WriteError

from chassis.persistence.group_commit import Change, GroupCommit, Write

DUPLICATE, OTHER = 11000, 10334


class Refusing:
    """Fake collection whose next bulk write fails with `details`."""

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


class Changing:
    """Fake collection that applies updates, but rejects each one that includes an id of `errors`."""

    def __init__(self, stored: list[str], errors: dict[str, Exception]) -> None:
        self.stored = stored
        self.errors = errors
        self.updates: list[list[str]] = []

    def update_many(self, where: Any, stages: Any) -> Any:
        ids = where["_id"]["$in"]
        self.updates.append(ids)
        for key in ids:
            if key in self.errors:
                raise self.errors[key]
        return SimpleNamespace(modified_count=len({*ids} & {*self.stored}))

    def find(self, where: Any) -> list[dict[str, Any]]:
        return [{"_id": key, "by": "me"} for key in self.stored]


def change(key: str) -> Change:
    return Change(key, 1, {"by": "me"}, [], lambda row: row.get("by") == "me")


def together(collection: Refusing | Changing, *writes: Write | Change) -> list[Any]:
    commit = GroupCommit(collection)  # type: ignore[arg-type]

    def run(write: Write | Change) -> Any:
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


def test_changes_go_in_one_update_and_each_learns_whether_its_version_held() -> None:
    collection = Changing(["a", "c"], {})
    assert together(collection, change("a"), change("b"), change("c")) == [True, False, True]
    assert collection.updates == [["a", "b", "c"]]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(WriteError("too large", OTHER), WriteError), (OverflowError(), OverflowError), (DuplicateKeyError("b"), False)],
)
def test_what_is_wrong_with_one_change_is_no_fault_of_the_others(error: Exception, outcome: Any) -> None:
    collection = Changing(["a", "b", "c"], {"b": error})
    assert together(collection, change("a"), change("b"), change("c")) == [True, outcome, True]


def test_when_the_database_goes_nobody_is_told_that_a_change_holds() -> None:
    collection = Changing(["a", "b"], {"b": AutoReconnect()})
    assert together(collection, change("a"), change("b")) == [AutoReconnect] * 2
    assert len(collection.updates) == 1


def test_more_changes_than_a_command_takes_go_in_several() -> None:
    keys = [str(number) for number in range(70)]
    collection = Changing(keys, {})
    assert together(collection, *map(change, keys)) == [True] * 70
    assert [len(ids) for ids in collection.updates] == [32, 32, 6]
