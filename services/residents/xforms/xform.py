"""Builder of XForms, by `pyxform`. What the same rows give is remembered, since a phone asks for it again and again."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import msgspec
from pyxform.xls2xform import convert

from services.residents.xforms.workbook import Row, Workbook

_REMEMBERED = 200


def xform(book: Workbook) -> str:
    """Returns the XForm of an XLSForm, some 20 ms after the first request for it."""
    return _built(msgspec.json.encode(book))


def digest_of(book: Workbook) -> str:
    """Returns what differs when the form does."""
    return hashlib.sha256(msgspec.json.encode(book)).hexdigest()[:12]


@lru_cache(maxsize=_REMEMBERED)
def _built(encoded: bytes) -> str:
    book: Workbook = msgspec.json.decode(encoded)
    sheets: dict[str, Any] = {}
    for name, rows in book.items():
        sheets |= {name: rows, f"{name}_header": [dict.fromkeys(columns_of(rows))]}
    built: str = convert(sheets, form_name="data").xform
    return built


def columns_of(rows: list[Row]) -> list[str]:
    """Returns the columns of all rows, in the order in which they first stand."""
    return list(dict.fromkeys(column for row in rows for column in row))
