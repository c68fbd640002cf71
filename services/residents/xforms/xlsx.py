"""Reader and writer of XLSForm files. A file from outside is bounded before anything in it is taken for a workbook.

By openpyxl, which comes with `pyxform`; with `defusedxml` beside it, it refuses XML with entities.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from openpyxl import Workbook as File
from openpyxl import load_workbook
from openpyxl.cell import WriteOnlyCell as _Cell
from openpyxl.utils.exceptions import IllegalCharacterError, InvalidFileException

from chassis.errors import Invalid
from services.residents.xforms.workbook import Row, Workbook
from services.residents.xforms.xform import columns_of

_SHEETS = ("survey", "choices", "settings")
#: Of a file: bytes that its parts hold when unpacked, rows and columns that are read of a sheet.
_MOST_BYTES, _MOST_ROWS, _MOST_COLUMNS = 10_000_000, 20_000, 100
_PIECE = 65_536
# What openpyxl raises for a file that is none of its own.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, DefusedXmlException, ParseError, KeyError, ValueError,
    TypeError, AttributeError, IndexError, OSError, EOFError, NotImplementedError, RuntimeError, IllegalCharacterError,
)  # fmt: skip


def written(book: Workbook) -> bytes:
    """Returns the file. No cell is a formula, whatever its text begins with."""
    file = File(write_only=True)
    for name in _SHEETS:
        rows, sheet = book[name], file.create_sheet(name)
        columns = columns_of(rows)
        sheet.append(columns)
        for row in rows:
            cells = [_Cell(sheet, value=row.get(column, "")) for column in columns]
            for cell in cells:
                cell.data_type = "s"
            sheet.append(cells)
    output = io.BytesIO()
    file.save(output)
    return output.getvalue()


def read(content: bytes) -> Workbook:
    """Returns the rows of the sheets, every cell as text. Raises `Invalid` for what is no such file, or too large."""
    try:
        _require_small(content)
        file = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        return {name: _rows(file[name]) if name in file.sheetnames else [] for name in _SHEETS}
    except _BROKEN as error:
        raise _not_read() from error


def _rows(sheet: object) -> list[Row]:
    cells = sheet.iter_rows(max_row=_MOST_ROWS, max_col=_MOST_COLUMNS, values_only=True)  # type: ignore[attr-defined]
    columns = [_text(each).strip() for each in next(cells, ())]
    rows = [dict(zip(columns, map(_text, values), strict=False)) for values in cells]
    return [{column: text for column, text in row.items() if column and text} for row in rows if any(row.values())]


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _require_small(content: bytes) -> None:
    """Unpacks everything once, piece by piece: what a packed file says of its size may be wrong."""
    left = _MOST_BYTES
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            with packed.open(name) as part:
                while piece := part.read(_PIECE):
                    left -= len(piece)
                    if left < 0:
                        raise Invalid(("file", "it is too large when unpacked", "解压后过大"))


def _not_read() -> Invalid:
    return Invalid(("file", "it is not an Excel file (.xlsx) that can be read", "不是可读取的 Excel 文件（.xlsx）"))
