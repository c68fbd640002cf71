"""Files of tables: XLSX, and CSV in UTF-8 with a byte order mark, whose texts no spreadsheet takes for a formula."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from typing import TypeAlias

import xlsxwriter

from chassis.types import BLANKS

Row: TypeAlias = Sequence[str | int | float | None]
MIMES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: Full-width ones too: spreadsheets in Chinese take them for the same.
_FORMULA = tuple("=+-@＝＋－＠")
_BREAKS = ("\t", "\r", "\n")


def harmless(text: str) -> str:
    """Returns the text behind an apostrophe if a spreadsheet could take it for a formula."""
    risky = text.startswith(_BREAKS) or text.lstrip(BLANKS).startswith(_FORMULA)
    return f"'{text}" if risky else text


def file_of(rows: Sequence[Row], kind: str) -> bytes:
    """`kind`: a key of `MIMES`."""
    safe = [[harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    return _xlsx(safe) if kind == "xlsx" else _csv(safe)


def _csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return codecs.BOM_UTF8 + text.getvalue().encode()


def _xlsx(rows: Sequence[Row]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(rows):
            for at, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, at, cell)
                elif cell is not None:
                    sheet.write_number(number, at, cell)
    return content.getvalue()
