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

    def stop(self, count: int) -> None:
        """Prints the result and ends the process: what a library does on its way out is not measured."""
        result = {"count": count, "seconds": time.perf_counter() - self._begin, "cpu": _cpu() - self._cpu}
        print(json.dumps(result), flush=True)
        os._exit(0)

    def tick(self, of: int) -> None:
        """Called for each handled event: starts at the first, stops at the last."""
        if self._count == 0:
            self.start()
        self._count += 1
        if self._count == of:
            self.stop(of)


def main(publish: Callable[[str, int, Watch], None], handle: Callable[[str, int, Watch], None]) -> None:
    """`python -m bench.event_path.X publish|handle URI COUNT`"""
    act, uri, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    {"publish": publish, "handle": handle}[act](uri, count, Watch())


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
