"""Files that an import takes: read, opened as a table, or refused in a line; and the numbers in their cells."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from chassis.csv_table import BadRow, Columns, NoTable, Table
from launcher.problems import Stopped


class RowFaults:
    """Collects what is wrong with the cells of a row, so that its report names it all."""

    def __init__(self) -> None:
        self.found: list[BadRow] = []

    @contextmanager
    def collected(self) -> Iterator[None]:
        try:
            yield
        except BadRow as bad:
            self.found.append(bad)

    def require_none(self) -> None:
        """Raises `BadRow` with all that was collected."""
        if self.found:
            raise BadRow("; ".join(bad.en for bad in self.found), "；".join(bad.zh for bad in self.found))


def content_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Stopped(f"{file}: {error.strerror}") from error


def table_of(file: Path, content: bytes, *kinds: Columns) -> Table:
    """Raises `Stopped` that names the columns that are missing or doubled."""
    try:
        return Table.of(content, *kinds)
    except NoTable as error:
        raise Stopped(f"{file}: {error.en}") from error


def how_read(table: Table) -> str:
    """Says how a file was read where that is not plain: `read as GB18030 with ";" between cells`."""
    cells = {",": "", ";": ' with ";" between cells', "\t": " with tabs between cells"}[table.delimiter]
    return f"read as {table.encoding.upper()}{cells}"


def number_of(record: Mapping[str, str], name: str) -> float:
    """Returns the number in a cell. Raises `BadRow` unless it is finite."""
    try:
        number = float(record[name])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadRow(f"{name}: {record[name][:40]} is not a number", f"{name}：{record[name][:40]} 不是数字")
    return number
