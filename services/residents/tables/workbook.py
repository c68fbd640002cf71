"""Program that reads a workbook in a process of its own: whatever the file holds, it ends no other one.

Standard input: the file. Standard output: JSON, `{"fault": …}` (encrypted, broken or large), or `{"date1904", "rows"}`
with `[number of the row, its cells, indices of cells that are merged]` of each row that is not blank.
"""

from __future__ import annotations

import io
import json
import math
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

#: Bytes that a workbook may unpack to and a process may have; seconds of computing; letters of all cells.
MOST_UNPACKED, _MEMORY, _SECONDS, _LETTERS = 50_000_000, 250_000_000, 10, 20_000_000
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_DATE1904 = re.compile(rb'date1904="(1|true)"')


class _Large(Exception):
    """It unpacks to more than anybody writes."""


def read(content: bytes) -> dict[str, Any]:
    if content.startswith(_OLE):  # a workbook with a password, or one of before 2007
        return {"fault": "encrypted" if "EncryptedPackage".encode("utf-16-le") in content else "broken"}
    try:
        date1904 = _opened(content)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return {"date1904": date1904, "rows": list(_rows(_first_sheet(book)))}
    except PasswordError:
        return {"fault": "encrypted"}
    except (_Large, MemoryError):
        return {"fault": "large"}
    except (CalamineError, zipfile.BadZipFile, NotImplementedError, RuntimeError, IndexError, OSError, EOFError):
        return {"fault": "broken"}


def _opened(content: bytes) -> bool:
    """Returns whether the workbook counts its days from 1904."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(each.file_size for each in packed.infolist()) > MOST_UNPACKED:
            raise _Large
        if "xl/workbook.xml" not in packed.namelist():
            return False
        return bool(_DATE1904.search(packed.read("xl/workbook.xml")))


def _first_sheet(book: CalamineWorkbook) -> CalamineSheet:
    """Returns the first that people see."""
    seen = [
        each.name for each in book.sheets_metadata
        if each.typ == SheetTypeEnum.WorkSheet and each.visible == SheetVisibleEnum.Visible
    ]  # fmt: skip
    return book.get_sheet_by_name(seen[0])


def _rows(sheet: CalamineSheet) -> Iterator[list[Any]]:
    first, merged, letters = sheet.start[1] if sheet.start else 0, _merged(sheet), 0
    for number, row in enumerate(sheet.iter_rows()):
        cells = [_plain(cell) for cell in row]
        if any(cell not in ("", None) for cell in cells) or number in merged:
            letters += sum(len(str(cell)) for cell in cells)
            if letters > _LETTERS:
                raise _Large
            yield [number + 1, cells, sorted(at - first for at in merged.get(number, ()))]


def _merged(sheet: CalamineSheet) -> dict[int, set[int]]:
    """Returns the columns of merged cells by row."""
    found: dict[int, set[int]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for row in range(top, min(bottom, top + 50_000) + 1):
            found.setdefault(row, set()).update(range(left, right + 1))
    return found


def _plain(cell: Any) -> str | bool | int | float | None:
    match cell:
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case date() | time():
            return cell.isoformat()
        case float() if not math.isfinite(cell):
            return ""
        case str() | bool() | int() | float() | None:
            return cell
    return str(cell)


if __name__ == "__main__":
    for limit, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, _SECONDS), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (most, most))
    json.dump(read(sys.stdin.buffer.read()), sys.stdout)
