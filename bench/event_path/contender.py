"""Measuring harness: a contender runs in a separate process and prints its wall and CPU seconds."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable


class Watch:
    """Stopwatch for wall time and for the CPU of this process."""

    def __init__(self) -> None:
        self._begin = self._cpu = 0.0
        self._count = 0

    def start(self) -> None:
        self._begin, self._cpu = time.perf_counter(), _cpu()

    def begin(self) -> None:
        """Starts unless running, for handlers whose first event itself takes time."""
        if not self._begin:
            self.start()

    def stop(self, count: int) -> None:
        """Prints the result and ends the process: a library's shutdown is not measured."""
        result = {"count": count, "seconds": time.perf_counter() - self._begin, "cpu": _cpu() - self._cpu}
        print(json.dumps(result), flush=True)
        os._exit(0)

    def tick(self, of: int) -> None:
        """Counts a handled event: starts at the first, stops at the last."""
        self.begin()
        self._count += 1
        if self._count == of:
            self.stop(of)


def main(*acts: Callable[[str, int, Watch], None]) -> None:
    """Entry point of `python -m bench.event_path.X ACT URI COUNT`, where ACT is the name of one of `acts`."""
    act, uri, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    {each.__name__: each for each in acts}[act](uri, count, Watch())


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
