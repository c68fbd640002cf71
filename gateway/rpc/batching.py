"""RPC batching: a queue that is fair to tenants, and an adaptive limit of messages in flight."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")

#: Maximum calls in one message; the service commits the inserts of one message together.
BATCH = 64


class FairQueue(Generic[T]):
    """Fair queue: tenants take turns, so that a busy city never starves a quiet one."""

    def __init__(self) -> None:
        self._tenants: dict[str, deque[T]] = {}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, tenant: str, item: T) -> None:
        self._tenants.setdefault(tenant, deque()).append(item)
        self._length += 1

    def take(self, most: int) -> list[T]:
        """Removes up to `most` items, one per tenant in turn; each tenant's items stay in order."""
        taken: list[T] = []
        while self._tenants and len(taken) < most:
            tenant, items = next(iter(self._tenants.items()))
            del self._tenants[tenant]
            taken.append(items.popleft())
            if items:
                self._tenants[tenant] = items  # last in line again
        self._length -= len(taken)
        return taken


class ConcurrencyLimit:
    """Adaptive concurrency limit (AIMD): messages in flight to one service.

    Two per replica: one being processed and one ready when it finishes. More would only make the messages
    smaller, and a small message costs the service as much as a large one, apart from its calls. So the share
    of a replica halves, down to one, when messages are slow (larger messages, fewer commits) and rises again,
    up to four, while full messages return quickly and calls still wait.
    """

    START, LEAST, MOST = 2.0, 1.0, 4.0
    STEP = 0.125
    #: Seconds after which a message counts as slow and gives up its slot.
    SLOW = 0.5

    def __init__(self) -> None:
        self.share = self.START
        self.replicas = 1

    def allowed(self) -> int:
        """Returns how many messages may be in flight."""
        return max(1, int(self.share * max(1, self.replicas)))

    def finished(self, calls: int, seconds: float) -> None:
        """Adjusts the limit: a message of `calls` calls was answered, or gave up its slot, after `seconds`."""
        if seconds >= self.SLOW:
            self.share = max(self.LEAST, self.share / 2)
        elif self.share < self.START or calls >= BATCH:
            self.share = min(self.MOST, self.share + self.STEP)
        elif self.share > self.START:
            self.share = max(self.START, self.share - self.STEP)
