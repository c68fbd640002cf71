"""Report of an import, a CSV file beside the imported one: what became of its rows, by their lines."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from launcher.problems import Stopped

REJECTED_ROWS = 3
"""Exit code of an import that ended, and rejected rows."""
_HEAD = ("line", "result", "id", "reason", "原因")


class Outcome(NamedTuple):
    """What became of the row at a line: `imported`, `known` or `rejected`, for divisions also `changed` or `skipped`;
    the id of the record, or why there is none, in English and Chinese."""

    line: int
    result: str
    id: str = ""
    en: str = ""
    zh: str = ""

    @classmethod
    def rejected(cls, line: int, en: str, zh: str) -> Outcome:
        return cls(line, "rejected", "", en, zh)

    @classmethod
    def refused(cls, row: Mapping[str, Any], columns: Mapping[str, str] = MappingProxyType({})) -> Outcome:
        """From an API answer: `{line, reason: {en, zh-CN}}`. `columns`: of the file, by fields of the API."""
        reason = row["reason"]
        return cls.rejected(row["line"], _by_column(reason["en"], columns), _by_column(reason["zh-CN"], columns))


def _by_column(reason: str, columns: Mapping[str, str]) -> str:
    """Returns `field: why; field: why` with the columns in place of the fields."""
    return re.sub(r"(^|; |；)(\w+)(?=: |：)", lambda found: found[1] + columns.get(found[2], found[2]), reason)


class Report:
    """The file, which is begun anew. `size`: in bytes. Raises `Stopped` if it cannot be written."""

    def __init__(self, path: Path, size: int = 0) -> None:
        self._path = path
        self.size = size
        try:
            with path.open("ab") as file:
                file.truncate(size)
        except OSError as error:
            raise Stopped(f"{path}: {error.strerror}; pass --report a file that can be written") from error
        if not size:
            self._write([_HEAD])

    @classmethod
    def resumed(cls, path: Path, size: int) -> Report | None:
        """Returns the report of an interrupted import, cut to what that import knew of; None if it is not there."""
        return cls(path, size) if size and path.is_file() and path.stat().st_size >= size else None

    def add(self, outcomes: Iterable[Outcome]) -> None:
        self._write(sorted(outcomes))

    def _write(self, rows: Iterable[tuple[Any, ...]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        with self._path.open("ab") as file:
            file.write(text.getvalue().encode())
            self.size = file.tell()


def report_path(file: Path, chosen: Path | None) -> Path:
    """Returns the path of the report: the chosen one, or one beside the file."""
    return chosen or file.with_name(f"{file.name}.report.csv")
