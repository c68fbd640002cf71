"""Cells of a table as values of fields: what people write into spreadsheets, and what of it is not certain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from chassis.types import BLANKS
from services.residents.dictionary.model import Field
from services.residents.dictionary.values import fault_of
from services.residents.tables.reading import Cell

_WHOLE, _DECIMAL = re.compile(r"[+-]?\d{1,15}"), re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_SEPARATORS = re.compile("[;；、,，|\n]")
#: A spreadsheet keeps 15 digits of a number.
_EXACT = 10**15
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
#: The first day whose number is certain: sheets that count from 1900 have a 29 February in that year.
_MARCH_1900, _LAST_DAY = 61, 110_000


class BadCell(Exception):
    """`en`, `zh`: why the cell is no value of its field."""

    def __init__(self, en: str, zh: str) -> None:
        self.en, self.zh = en, zh
        super().__init__(en)


def text_of(cell: Cell) -> str:
    """Returns what the cell says, "" for nothing. Raises `BadCell` for a number whose last digits are lost."""
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).upper()
        case int() | float() if abs(cell) >= _EXACT:
            raise BadCell(
                "a number this long loses its last digits in a spreadsheet; format the column as text",
                "数字过长，电子表格已丢失末几位，请将该列设为文本格式后重新填写",
            )
        case float() if cell.is_integer():
            return str(int(cell))
    return str(cell).strip(BLANKS)


def value_of(field: Field, cell: Cell, date1904: bool | None) -> Any:
    """Returns the value, None of an empty cell. Raises `BadCell`."""
    text = text_of(cell)
    if not text:
        return None
    value = _value(field, cell, text, date1904)
    if fault := fault_of(field, value):
        raise BadCell(*fault)
    return value


def _value(field: Field, cell: Cell, text: str, date1904: bool | None) -> Any:
    match field.kind:
        case "whole" if _WHOLE.fullmatch(text):
            return int(text)
        case "decimal" if _DECIMAL.fullmatch(text):
            return float(text)
        case "date":
            return _day(cell, text, date1904)
        case "choice":
            return _code(field, text)
        case "choices":
            return [_code(field, each.strip(BLANKS)) for each in _SEPARATORS.split(text) if each.strip(BLANKS)]
    return text


def _day(cell: Cell, text: str, date1904: bool | None) -> str:
    """Of a number, the day that it stands for in the workbook that it comes from."""
    if found := _DAY.fullmatch(text):
        year, month, day = found.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    if date1904 is None or isinstance(cell, str | bool) or cell is None or not float(cell).is_integer():
        return text
    if not (0 if date1904 else _MARCH_1900) <= cell <= _LAST_DAY:
        return text
    return ((_EPOCH_1904 if date1904 else _EPOCH) + timedelta(days=int(cell))).isoformat()


def _code(field: Field, text: str) -> str:
    """Returns the code of the choice that has this code or name; the text if none has."""
    return next(_codes_of(field, text.casefold()), text)


def _codes_of(field: Field, said: str) -> Iterator[str]:
    for part in ("code", "zh", "en"):
        found = [each.code for each in field.choices if not each.retired and getattr(each, part).casefold() == said]
        if len(found) == 1:
            yield found[0]
