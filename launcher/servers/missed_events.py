"""Missed events: services whose events a broker has lost, by tenant, until `./linli resync` has made up for them."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from launcher import text_files


class Missed(NamedTuple):
    service: str
    tenant: str

    def __str__(self) -> str:
        """A line for the report of a command."""
        remedy = f"./linli resync {self.service} --tenant {self.tenant}"
        return f"{self.service:10} may have missed events of {self.tenant}; run {remedy}"


class MissedEvents:
    """The list in `file`. Raises `Damaged`."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def all(self) -> list[Missed]:
        remedy = "Delete it, and resync every service of every city (./linli resync), as nobody knows what they missed."
        content = text_files.read_json(self._file, list, remedy) or []
        if not all(isinstance(each, list) and len(each) == len(Missed._fields) for each in content):
            raise text_files.Damaged(self._file, remedy)
        return [Missed(*map(str, each)) for each in content]

    def note(self, services: Iterable[str], tenants: Iterable[str]) -> None:
        new = {Missed(service, tenant) for service in services for tenant in tenants}
        if new:
            with self._held():
                self._replace({*self.all, *new})

    def make_up(self, service: str, tenant: str) -> None:
        """Takes one off the list."""
        if (done := Missed(service, tenant)) in self.all:
            with self._held():
                self._replace({*self.all} - {done})

    @contextmanager
    def _held(self) -> Iterator[None]:
        """File lock: `status` may note something while `resync` takes something off."""
        folder = os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _replace(self, missed: Iterable[Missed]) -> None:
        text_files.replace(self._file, json.dumps(sorted(missed), indent=1) + "\n")
