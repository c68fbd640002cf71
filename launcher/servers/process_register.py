"""Process register: one file per started process, so that later commands find it."""

from __future__ import annotations

import contextlib
import fcntl
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from launcher.servers.process import Process


class Member(Protocol):
    """A member of an installation: broker, database, service or gateway."""

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> str:
        """Fingerprint of the settings that the process was started with."""

    @property
    def address(self) -> str: ...

    @property
    def log(self) -> Path: ...

    def start(self) -> Process: ...

    def ready(self) -> bool: ...

    def version(self) -> str: ...


class Register:
    """Started processes by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def names(self) -> list[str]:
        """Names of everything started and not yet stopped, oldest first."""
        files = sorted(self._folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
        return [file.stem for file in files]

    def find(self, name: str) -> Process | None:
        """Returns the process of that name if it is alive."""
        entry = self._entry(name)
        process = Process(entry["pid"], entry["started"]) if entry else None
        return process if process and process.alive else None

    def runs(self, member: Member) -> bool:
        """Returns whether the member is running with its current settings."""
        entry = self._entry(member.name)
        return entry is not None and entry["identity"] == member.identity and self.find(member.name) is not None

    def add(self, member: Member, process: Process) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        entry = {"pid": process.pid, "started": process.started, "identity": member.identity}
        self._file(member.name).write_text(json.dumps(entry) + "\n")

    def stop(self, name: str) -> None:
        """Stops the process of that name and removes its entry."""
        if process := self.find(name):
            process.stop()
        self._file(name).unlink(missing_ok=True)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """File lock: only one command at a time may start or stop processes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _entry(self, name: str) -> dict[str, Any] | None:
        file = self._file(name)
        return dict(json.loads(file.read_text())) if file.exists() else None
