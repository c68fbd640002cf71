"""Which processes of an installation run: one file for each, so that another command finds them again."""

from __future__ import annotations

import contextlib
import fcntl
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from launcher.servers.process import Process


class Member(Protocol):
    """What an installation starts: broker, database, a service, the gateway."""

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> str:
        """Tells whether a running process was started with these settings."""

    @property
    def address(self) -> str: ...

    @property
    def log(self) -> Path: ...

    def start(self) -> Process: ...

    def ready(self) -> bool: ...

    def version(self) -> str: ...


class Register:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def names(self) -> list[str]:
        """Of all that was started and not yet stopped, oldest first."""
        files = sorted(self._folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
        return [file.stem for file in files]

    def find(self, name: str) -> Process | None:
        """The process of that name where it runs."""
        entry = self._entry(name)
        process = Process(entry["pid"], entry["started"]) if entry else None
        return process if process and process.alive else None

    def runs(self, member: Member) -> bool:
        """True when it runs with the settings that it should have now."""
        entry = self._entry(member.name)
        return entry is not None and entry["identity"] == member.identity and self.find(member.name) is not None

    def add(self, member: Member, process: Process) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        entry = {"pid": process.pid, "started": process.started, "identity": member.identity}
        self._file(member.name).write_text(json.dumps(entry) + "\n")

    def stop(self, name: str) -> None:
        """End the process of that name, and forget it."""
        if process := self.find(name):
            process.stop()
        self._file(name).unlink(missing_ok=True)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Only one command at a time starts or stops."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _entry(self, name: str) -> dict[str, Any] | None:
        file = self._file(name)
        return dict(json.loads(file.read_text())) if file.exists() else None
