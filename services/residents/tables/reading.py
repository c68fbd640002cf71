"""Reads the mapped columns of a file, XLSX or CSV, into rows; what cannot be a table is refused as a whole."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec
from eventlet.green import subprocess
from eventlet.semaphore import Semaphore

from chassis.csv_table import BadRow, Columns, NoTable, Table, kind_of, plain
from chassis.errors import Invalid
from services.residents.api.tables import MOST_ROWS

Cell: TypeAlias = str | bool | int | float | None
_PROGRAM = Path(__file__).with_name("workbook.py")
_SECONDS = 30
#: Workbooks that are read at once: each may take as much memory as the service.
_places = Semaphore(2)
_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0")
_FAULTS = {
    "encrypted": ("it is protected by a password; save it without one", "文件有密码保护，请取消密码后重新保存"),
    "broken": ("it is no sound workbook; save it as XLSX or CSV again", "文件损坏或不是 XLSX，请另存为 XLSX 或 CSV"),
    "large": ("it unpacks to more than can be read; split it, or save it as CSV", "文件解压后过大，请拆分或另存为 CSV"),
}  # fmt: skip
_MERGED = (
    "its cells are merged with others; write each value into its own cell", "含有合并单元格，请取消合并后逐格填写",
)  # fmt: skip


class UnreadableTable(Invalid):
    code = "table.unreadable"
    en = "The file cannot be imported; see `fields`."
    zh = "该文件无法导入，详见 fields。"


class ReadRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """The mapped cells by header. `fault`: why the row cannot be read, in English and Chinese."""

    line: int
    cells: dict[str, Cell] = {}
    fault: tuple[str, str] | None = None


class ReadTable(msgspec.Struct, frozen=True):
    """`date1904`: whether the workbook counts its days from 1904; None of a CSV, whose days are not numbers."""

    date1904: bool | None
    rows: list[ReadRow]


class _Workbook(msgspec.Struct, frozen=True):
    fault: str = ""
    date1904: bool = False
    rows: list[tuple[int, list[Cell], list[int]]] = []


def read_table(content: bytes, headers: Sequence[str]) -> ReadTable:
    """Returns the rows that are not blank. Raises `UnreadableTable`."""
    columns = Columns(tuple(dict.fromkeys(map(plain, headers))))
    try:
        table = _of_workbook(content, columns) if content.startswith((_ZIP, _OLE)) else _of_csv(content, columns)
    except NoTable as error:
        raise UnreadableTable(("file", error.en, error.zh)) from error
    if not table.rows:
        raise UnreadableTable(("file", "it has no rows below the headers", "表头之下没有数据行"))
    if len(table.rows) > MOST_ROWS:
        raise UnreadableTable(("file", f"it has more than {MOST_ROWS} rows; split it", f"超过 {MOST_ROWS} 行，请拆分"))
    return table


def _of_csv(content: bytes, columns: Columns) -> ReadTable:
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableTable(("file", *_FAULTS["broken"]))
    rows = []
    for line, row in Table.of(content, columns).rows():
        if isinstance(row, BadRow):
            rows.append(ReadRow(line, fault=(row.en, row.zh)))
        else:
            rows.append(ReadRow(line, {name: row[name] for name in columns.needed}))
    return ReadTable(None, rows)


def _of_workbook(content: bytes, columns: Columns) -> ReadTable:
    book = _read_apart(content)
    if book.fault:
        raise UnreadableTable(("file", *_FAULTS[book.fault]))
    rows = iter(book.rows)
    _, head, merged = next(rows, (0, [], []))
    names = tuple(plain(str(cell)) for cell in head)
    kind_of(names, (columns,), {})
    at = {name: names.index(name) for name in columns.needed}
    if not set(at.values()).isdisjoint(merged):
        raise UnreadableTable(("file", f"headers: {_MERGED[0]}", f"表头{_MERGED[1]}"))
    return ReadTable(book.date1904, list(_rows(rows, at)))


def _rows(rows: Iterator[tuple[int, list[Cell], list[int]]], at: dict[str, int]) -> Iterator[ReadRow]:
    for line, cells, merged in rows:
        if not set(at.values()).isdisjoint(merged):
            yield ReadRow(line, fault=_MERGED)
        elif any(cells[index] not in ("", None) for index in at.values()):
            yield ReadRow(line, {name: cells[index] for name, index in at.items()})


def _read_apart(content: bytes) -> _Workbook:
    """Reads the workbook in a process that may have so much memory and time; one that ends badly had too much."""
    # Without the service's environment, which says where its keys are.
    command = [sys.executable, "-P", "-S", "-c", _START, str(_PROGRAM), *sys.path]
    with (
        _places,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, close_fds=True
        ) as process,
    ):
        try:
            answer, _ = process.communicate(content, timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return _Workbook("large")
    return msgspec.json.decode(answer, type=_Workbook) if process.returncode == 0 else _Workbook("large")


#: The process finds the same libraries, and nothing beside the program.
_START = "import runpy, sys; program, *sys.path[:] = sys.argv[1:]; runpy.run_path(program, run_name='__main__')"
