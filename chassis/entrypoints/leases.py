"""Heartbeat leases: the processes of a service note in its database which event types they handle, and renew the note.

No two clocks are compared: a process judges another by how long its note has not changed (docs/decisions/0015).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from chassis.clock import Clock

log = logging.getLogger(__name__)
Lease = dict[str, Any]
#: A lease that no process has renewed for this long is abandoned: by then an older version has stopped.
GRACE = timedelta(minutes=15)
#: Who has not looked for this long was paused, or the database was away: the others may have been, too.
_GAP = timedelta(minutes=3)
_REMEMBERED_SECONDS = 5.0


class Leases:
    """The leases of one service, as one process sees them. `kinds`: the event types that this process handles.

    Rows: `{_id: type, seen: time of the last renewal}`. The methods raise the driver's errors if they say nothing else.
    """

    def __init__(self, rows: Collection[Lease], kinds: Iterable[str], clock: Clock) -> None:
        self._rows = rows
        self.kinds = sorted(kinds)
        self._clock = clock
        self._renewed: datetime | None = None
        self._looked: datetime | None = None
        self._unchanged: dict[str, tuple[datetime, datetime]] = {}  # type: (what its lease says, since when)
        self._remembered: dict[str, float] = {}  # type: until when another process is taken to hold its lease

    def renew(self) -> dict[str, datetime]:
        """Renews the leases of this process. Returns those that had been removed, with their last renewal here."""
        now, last = self._clock.now(), self._renewed
        added: Iterable[int] = ()
        if self.kinds:
            writes = [UpdateOne({"_id": kind}, {"$set": {"seen": now}}, upsert=True) for kind in self.kinds]
            added = self._rows.bulk_write(writes).upserted_ids or ()
        self._renewed = now
        return {self.kinds[index]: last for index in added} if last else {}

    def abandoned(self) -> list[Lease]:
        """Returns the leases that have not changed for `GRACE`, all of it watched by this process."""
        now = self._clock.now()
        if self._looked is None or abs(now - self._looked) > _GAP:
            self._unchanged.clear()
        self._looked = now
        leases = list(self._rows.find({"_id": {"$nin": self.kinds}}))
        self._unchanged = {lease["_id"]: (lease["seen"], self._unchanged_since(lease, now)) for lease in leases}
        return [lease for lease in leases if now - self._unchanged[lease["_id"]][1] >= GRACE]

    def _unchanged_since(self, lease: Lease, now: datetime) -> datetime:
        seen, since = self._unchanged.get(lease["_id"], (None, now))
        return since if seen == lease["seen"] else now

    def remove(self, lease: Lease) -> bool:
        """Removes a lease unless a process has renewed it since it was read. Returns whether it was removed now."""
        return bool(self._rows.delete_one({"_id": lease["_id"], "seen": lease["seen"]}).deleted_count)

    def exists(self, kind: str) -> bool:
        return self._rows.find_one({"_id": kind}) is not None

    def held(self, kinds: set[str]) -> set[str]:
        """Returns which of these types another process handles, or may handle while the database does not answer.

        A yes is remembered for some seconds. A no is always read: a type is noted before it is bound, so a no is true
        of the events that have arrived before it was read, and of no others.
        """
        now = time.monotonic()
        asked = {kind for kind in kinds if self._remembered.get(kind, now) <= now}
        try:
            found = {lease["_id"] for lease in self._rows.find({"_id": {"$in": sorted(asked)}})} if asked else set()
        except PyMongoError as error:
            log.warning("cannot read who handles an event type: %s", type(error).__name__)
            return kinds
        self._remembered.update(dict.fromkeys(found, now + _REMEMBERED_SECONDS))
        return found | (kinds - asked)
