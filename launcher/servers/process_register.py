"""Process register: one file per started process, so that later commands find it.

A member is registered before its process starts, and again with its process id. Whatever a killed command leaves
between the two carries the mark of its member (`process.MARK`), by which the register finds it too: it is a stray.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from launcher import text_files
from launcher.problems import Stopped
from launcher.servers.process import Process, marked

_NOT_STARTED = Process(0, 0)


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


class Deleted(Stopped):
    """The command that held the register before has deleted the installation."""

    def __init__(self) -> None:
        super().__init__("the installation was deleted meanwhile; run ./linli up first")


class Register:
    """Started processes by name. `folder` is in the folder of the installation, as in the marks of its members."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def names(self) -> list[str]:
        """Names of everything started and not yet stopped, oldest first; then those of which only a stray runs."""
        files = sorted(self._folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
        return list(dict.fromkeys([*(file.stem for file in files), *self.strays]))

    @property
    def strays(self) -> dict[str, list[Process]]:
        """Running processes of this installation that are not registered, by name."""
        found = defaultdict(list)
        for mark, process in marked():
            home, _, name = mark.rpartition("/")
            if home == str(self._folder.parent) and process != self._registered(name):
                found[name].append(process)
        return dict(found)

    def find(self, name: str) -> Process | None:
        """Returns the process of that name if it is alive; a stray if none is registered."""
        return self._registered(name) or next(iter(self.strays.get(name, ())), None)

    def runs(self, member: Member) -> bool:
        """Returns whether the member is running once, registered, and with its current settings."""
        entry = self._entry(member.name)
        is_current = entry is not None and entry["identity"] == member.identity
        return is_current and self._registered(member.name) is not None and member.name not in self.strays

    def start(self, member: Member, restarts: int = 0) -> None:
        """Starts the member; `restarts` says how often it was started again because it had died."""
        self._write(member, _NOT_STARTED, restarts)
        self.add(member, member.start(), restarts)

    def add(self, member: Member, process: Process, restarts: int = 0) -> None:
        self._write(member, process, restarts)

    def restarts(self, name: str) -> int:
        """Returns how often the member died and was started again since a command started it."""
        entry = self._entry(name)
        return entry["restarts"] if entry else 0

    @property
    def died(self) -> list[str]:
        """Names that are registered, so nobody stopped them, and do not run."""
        return [file.stem for file in self._folder.glob("*.json") if self._registered(file.stem) is None]

    def _write(self, member: Member, process: Process, restarts: int) -> None:
        entry = {"pid": process.pid, "started": process.started, "identity": member.identity, "restarts": restarts}
        text_files.replace(self._file(member.name), json.dumps(entry) + "\n")

    def stop(self, name: str) -> None:
        """Stops every process of that name, registered or not, and removes its entry."""
        if registered := self._registered(name):
            registered.stop()
        self.stop_strays(name)
        self._file(name).unlink(missing_ok=True)

    def stop_strays(self, name: str) -> None:
        for process in self.strays.get(name, ()):
            process.stop()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """File lock: only one command at a time may start or stop processes. Raises `Deleted`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not os.fstat(lock.fileno()).st_nlink:  # it keeps nobody out any more
                raise Deleted()
            yield

    @property
    def is_held(self) -> bool:
        """Whether a command, or the supervisor, starts or stops processes at this moment."""
        return text_files.is_locked(self._folder / "lock")

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _registered(self, name: str) -> Process | None:
        """Returns the registered process of that name if it is alive."""
        entry = self._entry(name)
        process = Process(entry["pid"], entry["started"]) if entry and entry["pid"] else None
        return process if process and process.alive else None

    def _entry(self, name: str) -> dict[str, Any] | None:
        """Returns the entry of that name; None for a damaged one too, since its process has a mark."""
        try:
            entry = text_files.read_json(self._file(name), dict, "")
        except text_files.Damaged:
            return None
        kinds = {"pid": int, "started": int, "identity": str, "restarts": int}
        is_whole = entry is not None and all(type(entry.get(name)) is kind for name, kind in kinds.items())
        return entry if is_whole else None
