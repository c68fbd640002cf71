"""Load generator (wrk): requests, answers, and the CPU that each process used."""

from __future__ import annotations

import json
import resource
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.problems import Stopped
from launcher.servers import packages
from launcher.servers.process import Process

_SCRIPT = Path(__file__).with_name("load.lua")


class Failed(Stopped):
    """A request was refused, which would count as a fast one."""

    def __init__(self, operation: str, statuses: Mapping[str, int], broken: int, refusal: str) -> None:
        super().__init__(f"{operation} was refused: {dict(statuses)}, {broken} broken off; the first: {refusal[:500]}")


@dataclass(frozen=True)
class Run:
    """Result of a run. Latencies in milliseconds; `cpu`: CPU milliseconds per request, by process and for wrk."""

    count: int
    seconds: float
    p50: float
    p95: float
    p99: float
    cpu: Mapping[str, float]

    @property
    def rate(self) -> float:
        return self.count / self.seconds


@dataclass(frozen=True)
class Load:
    """Load on `url`. `tokens`, `cases`, `places`: files with one entry per line."""

    url: str
    processes: Mapping[str, Process]
    tokens: Path
    cases: Path
    places: Path

    def run(self, operation: str, name: str, connections: int, seconds: int) -> Run:
        """Runs the load. Raises `Failed` if any request fails. `name` makes the idempotency keys unique to this run."""
        packages.need_wrk()
        script: Sequence[str | Path] = (
            "-s",
            _SCRIPT,
            self.url,
            "--",
            operation,
            self.tokens,
            self.cases,
            name,
            self.places,
        )
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", *script]
        before = self._cpu()
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
        used = {part: after - before[part] for part, after in self._cpu().items()}
        if done.returncode:
            raise Stopped(f"wrk failed: {done.stderr[-500:]}{done.stdout[-500:]}")
        *_, figures, refusal = done.stdout.splitlines()
        found = json.loads(figures)
        statuses: dict[str, int] = found.pop("statuses")
        broken: int = found.pop("broken")
        if broken or set(statuses) - {"200", "201"}:
            raise Failed(operation, statuses, broken, refusal)
        if found.pop("exhausted"):
            # wrk divides by the whole time, so missing requests would count as slow.
            raise Stopped(f"{operation}: ran out of cases before the {seconds} s were over; create more")
        count = sum(statuses.values())
        # Without any answer in time, the CPU counts for one request.
        return Run(count=count, cpu={part: 1000 * cpu / max(count, 1) for part, cpu in used.items()}, **found)

    def _cpu(self) -> dict[str, float]:
        own = resource.getrusage(resource.RUSAGE_CHILDREN)
        return {part: each.cpu for part, each in self.processes.items()} | {"wrk": own.ru_utime + own.ru_stime}
