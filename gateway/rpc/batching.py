"""Which calls leave together: fair waiting by tenant, and how many messages may be in flight to a service."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")

#: Calls in one message at most; the service commits the inserts of one message together.
BATCH = 64


class Waiting(Generic[T]):
    """Calls that wait, taken one tenant after the other, so that a busy city never starves a quiet one."""

    def __init__(self) -> None:
        self._tenants: dict[str, deque[T]] = {}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, tenant: str, item: T) -> None:
        self._tenants.setdefault(tenant, deque()).append(item)
        self._length += 1

    def take(self, most: int) -> list[T]:
        """Up to `most` items, one of each tenant in turn; a tenant's own items in their order."""
        taken: list[T] = []
        while self._tenants and len(taken) < most:
            tenant, items = next(iter(self._tenants.items()))
            del self._tenants[tenant]
            taken.append(items.popleft())
            if items:
                self._tenants[tenant] = items  # last in line again
        self._length -= len(taken)
        return taken


class Limit:
    """How many messages may be in flight to one service.

    Two for each replica: one that it works on and one that is there when it has finished. More would only
    make the messages smaller, and a small one costs the service as much as a large one, apart from its calls.
    So the share of a replica falls to one when messages take long (halved: larger messages, fewer commits)
    and rises again, up to four, while full messages return quickly and calls still wait.
    """

    START, LEAST, MOST = 2.0, 1.0, 4.0
    STEP = 0.125
    #: Seconds after which a message counts as slow, and no longer holds its place.
    SLOW = 0.5

    def __init__(self) -> None:
        self.share = self.START
        self.replicas = 1

    def allowed(self) -> int:
        """Messages that may be in flight."""
        return max(1, int(self.share * max(1, self.replicas)))

    def finished(self, calls: int, seconds: float) -> None:
        """A message of `calls` calls is answered, or given up, after `seconds`."""
        if seconds >= self.SLOW:
            self.share = max(self.LEAST, self.share / 2)
        elif self.share < self.START or calls >= BATCH:
            self.share = min(self.MOST, self.share + self.STEP)
        elif self.share > self.START:
            self.share = max(self.START, self.share - self.STEP)
