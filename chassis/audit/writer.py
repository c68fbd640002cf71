"""Audit log writer: every access to personal data is on disk before the data are returned.

`Audit` writes this process's chain (see `chassis.audit.chain`); `chassis.audit.verify` checks all chains.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import eventlet
from eventlet.semaphore import Semaphore
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from chassis.audit.chain import ChainKey, Entry, Head, Heads, Row, entry_id
from chassis.clock import Clock, to_milliseconds
from chassis.errors import Unavailable
from chassis.security.principal import Principal

_log = logging.getLogger(__name__)
# A cut of the chain's end could hide what was recorded since the last head.
_HEAD_SECONDS = 1.0


class NotRecorded(Unavailable):
    """The access could not be recorded and is therefore denied."""

    code = "audit_unavailable"
    en = "Access to personal data cannot be recorded now and is therefore denied; try again in {retry_after} s."
    zh = "目前无法记录对个人信息的访问，暂不能提供；请在 {retry_after} 秒后重试。"


@dataclass(slots=True)
class _Access:
    """An access that waits to be recorded."""

    principal: Principal
    at: datetime
    action: str
    subjects: list[str]
    purpose: str
    taken: bool = False
    stored: bool = False


class Audit:
    """Audit log of this process: records who did what to whose data, and for what purpose.

    `collection` stores the entries; its write concern decides what "on disk" means. `writer` comes from
    `new_writer`, once per process. `heads` must be outside that database. Group commit: calls that arrive during a
    commit wait for it and are then committed together in one message.
    """

    def __init__(self, collection: Collection[Row], key: bytes, writer: str, clock: Clock, heads: Heads) -> None:
        self._collection = collection
        self._key = ChainKey(key)
        self._writer = writer
        self._clock = clock
        self._heads = heads
        self._waiting: list[_Access] = []
        self._commit_lock = Semaphore()
        self._publish_lock = Semaphore()
        self._number = 0
        self._mac = self._key.start(writer)
        self._is_synced = True
        self._published: int | None = None
        self._head_timer: Any = None

    def record(self, principal: Principal, action: str, subjects: Sequence[str], purpose: str) -> None:
        """Returns once the entry is on disk. Raises `NotRecorded`; then the caller must not return the data.

        `action` is `<what>.<verb>` (`cases.reporter.read`, `org.sign_in.failed`), `subjects` are ids, and `purpose`
        is the purpose that the principal claims ("" if none is needed). None of them may hold personal data.
        """
        access = _Access(principal, to_milliseconds(self._clock.now()), action, list(subjects), purpose)
        self._waiting.append(access)
        with self._commit_lock:
            if not access.taken:
                self._commit()
        if not access.stored:
            raise NotRecorded()

    def close(self) -> None:
        """Publishes the last head if possible; call it after the last `record`."""
        if self._head_timer is not None:
            self._head_timer.cancel()
        if self._published in (None, self._number):
            return
        try:
            self._publish()
        except Unavailable:
            _log.warning("the last audit head was not published", extra={"writer": self._writer})

    def _commit(self) -> None:
        # Let every greenlet that is ready now add its access to the batch.
        eventlet.sleep(0)
        batch, self._waiting = self._waiting, []
        for access in batch:
            access.taken = True
        try:
            self._prepare()
            self._store(batch)
            self._publish_or_schedule_head()
        except (PyMongoError, Unavailable) as error:
            _log.error("audit entries not recorded", extra={"entries": len(batch), "reason": type(error).__name__})
            return
        for access in batch:
            access.stored = True

    def _prepare(self) -> None:
        """Publishes head 0 before the first entry; after a failed write, reads back what was stored of it."""
        if self._published is None:
            self._publish()
        if not self._is_synced:
            self._read_back()

    def _read_back(self) -> None:
        beyond = {"$gt": entry_id(self._writer, self._number), "$lte": entry_id(self._writer, 10**12 - 1)}
        for row in self._collection.find({"_id": beyond}).sort("_id", -1).limit(1):
            self._number, self._mac = row["number"], row["mac"]
        self._is_synced = True

    def _store(self, batch: list[_Access]) -> None:
        entries: list[Entry] = []
        mac = self._mac
        for number, access in enumerate(batch, self._number + 1):
            entries.append(self._key.chained(self._entry(number, access), mac))
            mac = entries[-1].mac
        # Without a reply from the database, it is unknown what was stored. The unique `_id` keeps the chain from
        # forking: of a write that arrives after the read-back and our next write, one fails.
        self._is_synced = False
        self._collection.insert_many([entry.to_row() for entry in entries])
        self._is_synced = True
        self._number, self._mac = entries[-1].number, mac

    def _entry(self, number: int, access: _Access) -> Entry:
        return Entry(
            id=entry_id(self._writer, number),
            number=number,
            tenant=access.principal.tenant,
            at=access.at,
            actor=access.principal.subject,
            action=access.action,
            subjects=access.subjects,
            purpose=access.purpose,
        )

    def _publish_or_schedule_head(self) -> None:
        """Publishes the head of the first entries at once, so that the chain can no longer vanish; later heads wait."""
        if not self._published:
            self._publish()
        elif self._head_timer is None:
            self._head_timer = eventlet.spawn_after(_HEAD_SECONDS, self._publish_scheduled)

    def _publish_scheduled(self) -> None:
        self._head_timer = None
        try:
            self._publish()
        except Unavailable:
            _log.warning("audit head not published yet", extra={"writer": self._writer})
            self._head_timer = eventlet.spawn_after(_HEAD_SECONDS, self._publish_scheduled)

    def _publish(self) -> None:
        with self._publish_lock:
            head = Head(writer=self._writer, number=self._number, mac=self._mac, at=self._clock.now())
            self._heads.publish(self._key.signed(head))
            self._published = head.number
