"""Idempotent receiver of one stream: a bounded memory of event ids, since an outbox may publish an event twice."""

from __future__ import annotations

from collections import deque

#: Ids in the memory of a stream, about 100 bytes each.
MOST_IDS = 2000


class RecentIds:
    """The ids of the latest events, as hashes."""

    def __init__(self, most: int = MOST_IDS) -> None:
        self._most = most
        self._order: deque[int] = deque()
        self._known: set[int] = set()

    def add(self, *id_: str) -> bool:
        """Remembers an id. Returns False if it is known already."""
        key = hash(id_)
        if key in self._known:
            return False
        if len(self._order) == self._most:
            self._known.discard(self._order.popleft())
        self._order.append(key)
        self._known.add(key)
        return True
