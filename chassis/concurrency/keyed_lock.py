"""Keyed lock: one holder per key within this process; between processes, conditional writes detect conflicts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from eventlet.semaphore import Semaphore


class KeyedLocks:
    """Locks by key. Without them, sixty concurrent changes of one aggregate would race, and all but one would retry."""

    def __init__(self) -> None:
        self._queues: dict[str, tuple[Semaphore, int]] = {}

    @contextmanager
    def of(self, key: str) -> Iterator[None]:
        """Holds the lock of `key` during the `with` block."""
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
