"""A mapping of columns, a file of three rows, and what a row wrote, for the tests of tables."""

from __future__ import annotations

from typing import Any

from services.residents.api.tables import MappedColumn, NewMapping
from services.residents.tables.model import ColumnMapping, TableImport
from services.residents.values.model import Given, ImportedRow, SubjectValues
from tests.unit.residents import samples as s
from tests.unit.residents.one_table import FIELDS

COLUMNS = (MappedColumn(header="住房性质", field="housing"), MappedColumn(header="间数", field="rooms"))


def mapping(**changes: Any) -> ColumnMapping:
    facts = {"title": "住建局房屋表", "about": "dwelling", "key_header": "房屋编号", "columns": COLUMNS}
    return ColumnMapping.map(s.STREET_STAFF, "C1", NewMapping(**facts | changes), FIELDS)


def given_table() -> TableImport:
    given = TableImport.receive(s.STREET_STAFF, "B1", "C1", s.STREET, 3, s.NOW)
    given.note_page(0, 1, 1, 1)
    return given


def written_row() -> SubjectValues:
    values = SubjectValues.blank(s.TENANT, "dwelling", "D7")
    values.take({"rooms": Given("3", False, None)}, ImportedRow("B1", 2, "C1", "s-1", s.NOW))
    return values
