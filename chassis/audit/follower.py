"""Follower of the audit log: hands on each entry once it is on disk, behind a stored position in each chain.

Whoever judges what was read need not slow the reading, and misses nothing: an entry is on disk before the data are
returned, and a process that is killed goes on at the last position. An entry may therefore come twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from pymongo.collection import Collection

from chassis.audit.chain import Entry, Row

_BATCH = 500
#: What sorts right behind the ":" that ends a writer's name in the ids of its entries.
_BEHIND = ";"


class AuditFollower:
    """`log`: the entries of all writers; `positions`: rows `{_id: writer, last: id of the last entry handled}`."""

    def __init__(self, log: Collection[Row], positions: Collection[Row]) -> None:
        self._log = log
        self._positions = positions

    def follow(self, handle: Callable[[str, list[Entry]], None]) -> None:
        """Calls `handle(writer, entries)` for what is new, in chain order; what it raises leaves the position."""
        for writer in self._writers():
            for rows in self._new(writer):
                handle(writer, [entry for row in rows if (entry := _entry(row))])
                self._positions.update_one({"_id": writer}, {"$set": {"last": rows[-1]["_id"]}}, upsert=True)

    def _writers(self) -> Iterator[str]:
        """Skips from chain to chain: as many look-ups as there are writers, however long the log is."""
        after = ""
        while row := self._log.find_one({"_id": {"$gt": after}}, {"_id": 1}, sort=[("_id", 1)]):
            writer = str(row["_id"]).rpartition(":")[0] or str(row["_id"])
            yield writer
            after = writer + _BEHIND

    def _new(self, writer: str) -> Iterator[list[Row]]:
        position = self._positions.find_one({"_id": writer})
        last = str(position["last"]) if position else f"{writer}:"
        while rows := list(
            self._log.find({"_id": {"$gt": last, "$lt": writer + _BEHIND}}).sort("_id", 1).limit(_BATCH)
        ):
            yield rows
            last = rows[-1]["_id"]


def _entry(row: Row) -> Entry | None:
    """Returns the entry; None for a row that no writer wrote, which the verification reports."""
    try:
        return msgspec.convert(row, Entry, strict=True)
    except msgspec.ValidationError:
        return None
