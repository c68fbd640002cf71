"""Batching of concurrent calls, for work that costs about the same for sixty items as for one.

While one batch runs, the next items queue; they form the next batch. Each caller only waits for its own result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import eventlet
from eventlet.event import Event as Signal

T = TypeVar("T")
R = TypeVar("R")
MAX_BATCH = 128


@dataclass(slots=True)
class _Waiting(Generic[T]):
    item: T
    done: Signal = field(default_factory=Signal)


class Batcher(Generic[T, R]):
    """Batcher: `work` takes up to `MAX_BATCH` items and returns a result for each.

    What `work` raises is raised to every caller of the batch; a result that is an exception, to its own caller.
    """

    def __init__(self, work: Callable[[list[T]], Sequence[R | Exception]]) -> None:
        self._work = work
        self._waiting: list[_Waiting[T]] = []
        self._working = False

    def run(self, item: T) -> R:
        """Adds the item to the next batch and returns its result."""
        waiting = _Waiting(item)
        self._waiting.append(waiting)
        if not self._working:
            self._working = True
            eventlet.spawn(self._drain)
        result: R = waiting.done.wait()
        return result

    def _drain(self) -> None:
        try:
            # Let every greenlet that is ready now add its item to the first batch.
            eventlet.sleep(0)
            while self._waiting:
                batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
                self._run_batch(batch)
        finally:
            self._working = False

    def _run_batch(self, batch: list[_Waiting[T]]) -> None:
        try:
            results = self._work([each.item for each in batch])
        except Exception as error:  # noqa: BLE001  # every waiter must learn of the failure, whatever its reason
            for each in batch:
                each.done.send_exception(error)
            return
        for each, result in zip(batch, results, strict=True):
            if isinstance(result, Exception):
                each.done.send_exception(result)
            else:
                each.done.send(result)
