"""The audit log: no reading of personal data is answered before it is recorded.

`Audit` writes one chain (see `chassis.audit.chain`) for this process; `chassis.audit.verify` checks them all.
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
# What was recorded since the last head is what a cut of the tail could hide.
_HEAD_SECONDS = 1.0


class NotRecorded(Unavailable):
    """The access could not be recorded, so it is not given."""

    code = "audit_unavailable"
    en = "Access to personal data cannot be recorded now and so is not given; try again in {retry_after} s."
    zh = "目前无法记录对个人信息的访问,因此暂不提供;请在 {retry_after} 秒后重试。"


@dataclass(slots=True)
class _Access:
    """Somebody's access, waiting to be recorded."""

    principal: Principal
    at: datetime
    action: str
    subjects: list[str]
    purpose: str
    taken: bool = False
    stored: bool = False


class Audit:
    """Records who did what to whose data, for what purpose.

    `collection` takes the entries; its write concern decides what "on disk" means. `writer` comes from
    `new_writer` and is new for each process. `heads` is kept outside that database. For greenlets: a call
    waits for the commit under way, and then all that waited are committed in one message.
    """

    def __init__(self, collection: Collection[Row], key: bytes, writer: str, clock: Clock, heads: Heads) -> None:
        self._collection = collection
        self._key = ChainKey(key)
        self._writer = writer
        self._clock = clock
        self._heads = heads
        self._waiting: list[_Access] = []
        self._turn = Semaphore()
        self._publishing = Semaphore()
        self._number = 0
        self._mac = self._key.start(writer)
        self._certain = True
        self._published: int | None = None
        self._timer: Any = None

    def record(self, principal: Principal, action: str, subjects: Sequence[str], purpose: str) -> None:
        """Returns when the entry is on disk; raises `NotRecorded`: then do not answer.

        `action` is `<what>.<verb>` (`cases.reporter.read`, `org.sign_in.failed`); `subjects` are ids, `purpose`
        the purpose that the principal claims ("" where none is needed). No personal data in any of them.
        """
        access = _Access(principal, to_milliseconds(self._clock.now()), action, list(subjects), purpose)
        self._waiting.append(access)
        with self._turn:
            if not access.taken:
                self._commit()
        if not access.stored:
            raise NotRecorded()

    def close(self) -> None:
        """Publishes the last head, where it can; call it when nothing is recorded any more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._published in (None, self._number):
            return
        try:
            self._publish()
        except Unavailable:
            _log.warning("the last audit head was not published", extra={"writer": self._writer})

    def _commit(self) -> None:
        # Let every greenlet that is ready now add its access before the batch is closed.
        eventlet.sleep(0)
        batch, self._waiting = self._waiting, []
        for access in batch:
            access.taken = True
        try:
            self._begin()
            self._store(batch)
            self._announce()
        except (PyMongoError, Unavailable) as error:
            _log.error("audit entries not recorded", extra={"entries": len(batch), "reason": type(error).__name__})
            return
        for access in batch:
            access.stored = True

    def _begin(self) -> None:
        """Before the first entry, tell that there is a chain; after a failed write, look what arrived of it."""
        if self._published is None:
            self._publish()
        if not self._certain:
            self._look()

    def _look(self) -> None:
        beyond = {"$gt": entry_id(self._writer, self._number), "$lte": entry_id(self._writer, 10**12 - 1)}
        for row in self._collection.find({"_id": beyond}).sort("_id", -1).limit(1):
            self._number, self._mac = row["number"], row["mac"]
        self._certain = True

    def _store(self, batch: list[_Access]) -> None:
        entries: list[Entry] = []
        mac = self._mac
        for number, access in enumerate(batch, self._number + 1):
            entries.append(self._key.chained(self._entry(number, access), mac))
            mac = entries[-1].mac
        # Until the database answers, or when it never does, nobody knows what is there. A write that arrives
        # later than we look is refused by its `_id` or refuses ours: the chain cannot fork.
        self._certain = False
        self._collection.insert_many([entry.to_row() for entry in entries])
        self._certain = True
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

    def _announce(self) -> None:
        """The first entries need their head before the answer: from then on the whole chain cannot vanish."""
        if not self._published:
            self._publish()
        elif self._timer is None:
            self._timer = eventlet.spawn_after(_HEAD_SECONDS, self._publish_in_time)

    def _publish_in_time(self) -> None:
        self._timer = None
        try:
            self._publish()
        except Unavailable:
            _log.warning("audit head not published yet", extra={"writer": self._writer})
            self._timer = eventlet.spawn_after(_HEAD_SECONDS, self._publish_in_time)

    def _publish(self) -> None:
        with self._publishing:
            head = Head(writer=self._writer, number=self._number, mac=self._mac, at=self._clock.now())
            self._heads.publish(self._key.signed(head))
            self._published = head.number
