"""Leader election: of all processes of a service one does a task, for as long as it renews its note in the database.

For work that is the same in every process and changes nothing, such as counting. What must happen once is made so by
conditional writes: a leader that was paused may go on for a moment beside the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError, PyMongoError

from chassis import metrics
from chassis.ids import uuid7

log = logging.getLogger(__name__)
#: Seconds: a note that has not changed for this long is that of a process that has ended. Renew it more often.
GRACE = 45.0


class Leader:
    """This process as a candidate for one task. Row: `{_id: task, holder: process, renewed: how often}`.

    No two clocks are compared: a process judges the leader by how long its note has not changed (decision 0015).
    """

    def __init__(self, rows: Collection[dict[str, Any]], task: str, clock: Callable[[], float] = monotonic) -> None:
        self._rows = rows
        self._task = task
        self._clock = clock
        self._me = uuid7()
        self._is_mine = False
        self._note: dict[str, Any] | None = None
        self._unchanged_since = 0.0

    def is_mine(self) -> bool:
        """Renews the note, or takes over that of a process that has ended. While the database is away all stays."""
        try:
            self._is_mine = self._take()
        except PyMongoError as error:
            log.warning("cannot tell who does %s: %s", self._task, type(error).__name__)
        metrics.leader.labels(self._task).set(self._is_mine)
        return self._is_mine

    def _take(self) -> bool:
        note = self._rows.find_one({"_id": self._task})
        if note is None:
            return self._begin()
        if note["holder"] != self._me and not self._is_abandoned(note):
            return False
        return bool(self._rows.update_one(note, {"$set": {"holder": self._me}, "$inc": {"renewed": 1}}).modified_count)

    def _begin(self) -> bool:
        try:
            self._rows.insert_one({"_id": self._task, "holder": self._me, "renewed": 0})
        except DuplicateKeyError:
            return False
        return True

    def _is_abandoned(self, note: dict[str, Any]) -> bool:
        if note != self._note:
            self._note, self._unchanged_since = note, self._clock()
        return self._clock() - self._unchanged_since >= GRACE
