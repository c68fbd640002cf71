"""Bulkhead of one method: how many of its calls are in flight, and how many of them have a worker.

A method that hangs has at most half of the workers, so that the others are still answered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from chassis.concurrency.adaptive_limit import AdaptiveLimit

T = TypeVar("T")

#: Slack of the limits here: a refusal costs the way through the broker and back, so the gateways' own come first.
BEHIND_GATEWAY = 2


class MethodQueue(Generic[T]):
    """`limit`: of calls that wait or run; `workers`: of those that run. `start` gives a call to a worker."""

    def __init__(self, workers: int, start: Callable[[T], None], peers: list[AdaptiveLimit] | None = None) -> None:
        self.limit = AdaptiveLimit(peers, slack=BEHIND_GATEWAY)
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
