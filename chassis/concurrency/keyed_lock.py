"""One at a time for each key within this process; other replicas are met by the conditional write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from eventlet.semaphore import Semaphore


class KeyedLocks:
    """Without it sixty changes of one busy aggregate would race, and all but one would load and decide again."""

    def __init__(self) -> None:
        self._queues: dict[str, tuple[Semaphore, int]] = {}

    @contextmanager
    def of(self, key: str) -> Iterator[None]:
        semaphore, waiting = self._queues.get(key, (None, 0))
        semaphore = semaphore or Semaphore(1)
        self._queues[key] = (semaphore, waiting + 1)
        try:
            with semaphore:
                yield
        finally:
            _, left = self._queues.pop(key)
            if left > 1:
                self._queues[key] = (semaphore, left - 1)
