"""Supervisor: a small process beside an installation that starts again what died (docs/decisions/0022).

The register says what should run: what is registered and does not run has died, since whoever stops a member takes it
out. The supervisor only watches. A fresh process of `launcher.revive` does the work, so that this one stays small and
runs the code of the day.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from chassis.process.version import VERSION
from launcher import text_files
from launcher.servers import code, process
from launcher.servers.process_register import Register

NAME = "supervisor"
_LOCK = "supervisor.lock"
_EVERY = 0.5
_LONGEST_WAIT = 60.0
_SETTINGS = ("LINLI_", "AMQP_URI", "MONGODB_URI")
_INHERITED = ("PATH", "HOME", "TZ")


@dataclass(frozen=True)
class Supervisor:
    """The supervisor of the installation in `folder`, as a member, with the environment in which `up` started it."""

    folder: Path
    environment: Mapping[str, str]

    name = NAME
    address = ""

    @property
    def log(self) -> Path:
        return self.folder / "logs" / f"{NAME}.log"

    @property
    def identity(self) -> str:
        known = json.dumps([self._settings, code.of_launcher()], sort_keys=True)
        return hashlib.sha256(known.encode()).hexdigest()

    @property
    def _settings(self) -> dict[str, str]:
        given = {name: value for name, value in self.environment.items() if name.startswith(_SETTINGS)}
        return given | {"LINLI_HOME": str(self.folder), process.MARK: str(self.folder / NAME)}

    def start(self) -> process.Process:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        env = {"LANG": "C.UTF-8", "PYTHONPATH": str(code.ROOT), **inherited, **self._settings}
        command = [sys.executable, "-m", __name__, str(self.folder)]
        # What it starts begins with its niceness.
        return process.start(command, env=env, log=self.log, cwd=code.ROOT, goes_first=True)

    def ready(self) -> bool:
        """Whether one watches: it holds its lock."""
        return text_files.is_locked(self.folder / _LOCK)

    def version(self) -> str:
        return VERSION


@dataclass
class Backoff:
    """Waits between restarts of one member: none before the first, then 1, 2, 4 … 60 s while it keeps dying."""

    deaths: int = 0
    next: float = field(default=0.0)

    def is_due(self, now: float) -> bool:
        return now >= self.next

    def restarted(self, now: float) -> float:
        """Returns the wait before the next restart. A member that lived longer than the longest wait starts anew."""
        if now > self.next + _LONGEST_WAIT:
            self.deaths = 0
        wait = min(2.0**self.deaths, _LONGEST_WAIT)
        self.deaths += 1
        self.next = now + wait
        return wait


def watch(folder: Path) -> None:
    """Starts again what died, for ever. Ended by SIGTERM."""
    register, waits = Register(folder / "running"), dict[str, Backoff]()
    while True:
        for name in register.died:
            wait = waits.setdefault(name, Backoff())
            if name != NAME and wait.is_due(time.monotonic()):
                pause = wait.restarted(time.monotonic())
                print(f"{_now()} {name} died; if it dies again, the next restart is in {pause:.0f} s", flush=True)
                subprocess.run([sys.executable, "-m", "launcher.revive", name], check=False)
        time.sleep(_EVERY)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _end(number: int, frame: FrameType | None) -> None:
    """Exits as on Ctrl-C, so that a restart that waits for another command ends too."""
    sys.exit(0)


def main(folder: Path) -> None:
    signal.signal(signal.SIGTERM, _end)
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        watch(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
