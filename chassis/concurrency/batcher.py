"""Work that costs the same for one as for sixty: what is ready at the same time is done together.

While one turn is under way the next items gather, and go together when it returns. Use cases know nothing
of it: each waits for its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import eventlet
from eventlet.event import Event as Signal

T = TypeVar("T")
R = TypeVar("R")
MOST = 128


@dataclass(slots=True)
class _Waiting(Generic[T]):
    item: T
    done: Signal = field(default_factory=Signal)


class Batcher(Generic[T, R]):
    """`work` takes up to `MOST` items and answers for each; what it raises is raised to each.

    An answer that is an exception is raised to its own caller alone.
    """

    def __init__(self, work: Callable[[list[T]], Sequence[R | Exception]]) -> None:
        self._work = work
        self._waiting: list[_Waiting[T]] = []
        self._working = False

    def run(self, item: T) -> R:
        waiting = _Waiting(item)
        self._waiting.append(waiting)
        if not self._working:
            self._working = True
            eventlet.spawn(self._drain)
        answer: R = waiting.done.wait()
        return answer

    def _drain(self) -> None:
        try:
            # Let every greenlet that is ready now add its item before the first turn.
            eventlet.sleep(0)
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                self._turn(batch)
        finally:
            self._working = False

    def _turn(self, batch: list[_Waiting[T]]) -> None:
        try:
            answers = self._work([each.item for each in batch])
        except Exception as error:  # noqa: BLE001  # every waiter must learn that it failed, whatever the reason
            for each in batch:
                each.done.send_exception(error)
            return
        for each, answer in zip(batch, answers, strict=True):
            if isinstance(answer, Exception):
                each.done.send_exception(answer)
            else:
                each.done.send(answer)
