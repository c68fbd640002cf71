"""Checkpoint of an import, kept in the installation, so that an interrupted import resumes where it stopped."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from launcher import text_files
from launcher.api import Api
from launcher.problems import Stopped


@dataclass
class Counts:
    """Rows of the file so far, and what became of them. `line`: of the last one; `reported`: bytes of the report."""

    line: int = 0
    read: int = 0
    made: int = 0
    known: int = 0
    rejected: int = 0
    reported: int = 0

    def add(self, read: int, line: int, results: Sequence[str], reported: int) -> None:
        """Adds a batch of rows up to this line."""
        self.line, self.read, self.reported = line, self.read + read, reported
        self.made += results.count("imported")
        self.known += results.count("known")
        self.rejected += results.count("rejected")

    def require_even(self) -> None:
        """Raises `Stopped` unless each row that was read was made, known or rejected."""
        if self.read != self.made + self.known + self.rejected:
            raise Stopped(
                f"{self.read} rows were read, but {self.made} imported, {self.known} already present and "
                f"{self.rejected} rejected: rows were lost. Please report this as a fault."
            )

    def __str__(self) -> str:
        return f"{self.read} rows: {self.made} imported, {self.known} already present, {self.rejected} rejected"


class Progress:
    """The counts of one file from one source, and the file in `folder` that keeps them until the import ends."""

    def __init__(self, folder: Path, api: Api, tenant: str, source: str, content: bytes) -> None:
        name = hashlib.sha256(f"{api.url} {tenant} {source} ".encode() + content).hexdigest()
        self._file = folder / f"{name}.progress.json"
        self.counts = Counts()
        # Without one, or with one that cannot be read, the import begins at the first row.
        with contextlib.suppress(OSError, ValueError, TypeError):
            self.counts = Counts(**json.loads(self._file.read_text()))

    def save(self) -> None:
        text_files.replace(self._file, json.dumps(asdict(self.counts)))

    def end(self) -> None:
        self._file.unlink(missing_ok=True)
