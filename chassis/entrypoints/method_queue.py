"""Bulkhead of one method: how many of its calls have a worker.

A method that hangs has at most half of the workers, so that the others are still answered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class MethodQueue(Generic[T]):
    """`workers`: of calls that run. `start` gives a call to a worker."""

    def __init__(self, workers: int, start: Callable[[T], None]) -> None:
        self._workers = workers
        self._start = start
        self._running = 0
        self._waiting: deque[T] = deque()

    def add(self, call: T) -> None:
        if self._running < self._workers:
            self._running += 1
            self._start(call)
        else:
            self._waiting.append(call)

    def ended(self) -> None:
        """A worker is free: the next call takes it."""
        if self._waiting:
            self._start(self._waiting.popleft())
        else:
            self._running -= 1
