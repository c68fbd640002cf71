"""How a contender is measured: it runs as a process of its own and prints its seconds of wall and CPU."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable


class Watch:
    """Runs from `start` to `stop`, which may be called elsewhere; CPU of this process alone."""

    def __init__(self) -> None:
        self._begin = self._cpu = 0.0
        self._count = 0

    def start(self) -> None:
        self._begin, self._cpu = time.perf_counter(), _cpu()

    def begin(self) -> None:
        """Starts unless it runs: for handlers whose first event takes time itself."""
        if not self._begin:
            self.start()

    def stop(self, count: int) -> None:
        """Prints the result and ends the process: what a library does on its way out is not measured."""
        result = {"count": count, "seconds": time.perf_counter() - self._begin, "cpu": _cpu() - self._cpu}
        print(json.dumps(result), flush=True)
        os._exit(0)

    def tick(self, of: int) -> None:
        """Called for each handled event: starts at the first, stops at the last."""
        self.begin()
        self._count += 1
        if self._count == of:
            self.stop(of)


def main(*acts: Callable[[str, int, Watch], None]) -> None:
    """`python -m bench.event_path.X ACT URI COUNT`, where the name of one of `acts` is the act."""
    act, uri, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    {known.__name__: known for known in acts}[act](uri, count, Watch())


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
