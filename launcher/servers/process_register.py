"""Process register: one file per started process, so that later commands find it.

A command may be killed after it has started a process and before it has registered it. Members therefore start their
processes with a mark (`process.MARK`), by which the register finds those as well: they are its strays.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from launcher.servers.process import Process, marked


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

    def add(self, member: Member, process: Process) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        entry = {"pid": process.pid, "started": process.started, "identity": member.identity}
        draft = self._file(member.name).with_suffix(".draft")
        draft.write_text(json.dumps(entry) + "\n")
        draft.rename(self._file(member.name))

    def stop(self, name: str) -> None:
        """Stops every process of that name, registered or not, and removes its entry."""
        registered = self._registered(name)
        for process in [*([registered] if registered else []), *self.strays.get(name, ())]:
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

    def _registered(self, name: str) -> Process | None:
        """Returns the registered process of that name if it is alive."""
        entry = self._entry(name)
        process = Process(entry["pid"], entry["started"]) if entry else None
        return process if process and process.alive else None

    def _entry(self, name: str) -> dict[str, Any] | None:
        """Returns the entry of that name; None for a damaged one too, since its process has a mark."""
        try:
            entry = json.loads(self._file(name).read_text())
        except (FileNotFoundError, ValueError):
            return None
        kinds = {"pid": int, "started": int, "identity": str}
        is_whole = isinstance(entry, dict) and all(type(entry.get(name)) is kind for name, kind in kinds.items())
        return entry if is_whole else None
