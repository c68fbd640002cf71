"""Failures of the database: those that pass by themselves, and those that a repetition meets again."""

from __future__ import annotations

from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    CursorNotFound,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

#: MongoDB's codes of commands that it could not run just now: it failed itself (1, 8), the cluster changes its primary,
#: a lock or a time-out, a full disk, a sign-in while keys are rotated.
_PASSING = frozenset({
    1, 8, 6, 7, 11, 18, 24, 46, 64, 89, 91, 112, 133, 134, 175, 189, 202, 237, 262, 290, 365, 391, 462,
    10107, 11600, 11601, 11602, 13435, 13436, 14031,
})  # fmt: skip
_PASSING_TYPES = (ExecutionTimeout, CursorNotFound, WriteConcernError)
_PASSING_LABELS = ("RetryableWriteError", "TransientTransactionError", "SystemOverloadedError")


def is_away(error: BaseException | None) -> bool:
    """Returns whether the database did not answer, or has no primary: then a failed event does not count as a try.

    Not so for a time-out that the database itself reports, nor for a full disk. They may be due to what the event makes
    it do, and without a count such an event would come back for ever; it is parked after a quarter of an hour of tries.
    """
    return isinstance(error, ConnectionFailure)


def may_pass(error: PyMongoError) -> bool:
    """Returns whether the same command may succeed later. A command that the database refuses is a fault of ours."""
    if is_away(error) or isinstance(error, _PASSING_TYPES) or any(map(error.has_error_label, _PASSING_LABELS)):
        return True
    if isinstance(error, BulkWriteError) and error.details:
        failed = error.details.get("writeErrors", [])
        return bool(error.details.get("writeConcernErrors")) or any(each.get("code") in _PASSING for each in failed)
    return isinstance(error, OperationFailure) and error.code in _PASSING
