"""API types of wide tables: columns mapped to fields once, and files whose rows write values."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Id, Line, Page, Path, Record, Title
from services.residents.api.dictionary import FieldCode, SubjectKind

MOST_BYTES = 1_400_000
MOST_ROWS = 20_000
KeyKind = Annotated[
    Literal["id", "register", "identity_number"],
    msgspec.Meta(
        description="What the key column holds: our id, the number in another register that was imported, or a "
        "resident's identity number."
    ),
]
MappingState = Annotated[Literal["IN_USE", "RETIRED"], msgspec.Meta(description="The state of a mapping.")]


class MappedColumn(Form, frozen=True, kw_only=True):
    """The column with this header holds values of the field."""

    header: Title
    field: FieldCode


class NewMapping(Form, frozen=True, kw_only=True):
    """How a kind of table is read. `key_header`: the column that says whom a row is about. `register`: with `key_kind`
    register, the `source` of its import. Columns that are not mapped are not read."""

    title: Title
    about: SubjectKind
    key_header: Title
    key_kind: KeyKind = "id"
    register: Id | None = None
    columns: Annotated[tuple[MappedColumn, ...], msgspec.Meta(min_length=1, max_length=200)]


class ListMappings(Page, frozen=True, kw_only=True):
    state: MappingState = "IN_USE"


class ListedMapping(Record, frozen=True, kw_only=True):
    title: str
    about: str
    key_header: str
    key_kind: str
    register: str
    columns: list[MappedColumn]
    state: str


class NewTableImport(Form, frozen=True, kw_only=True):
    """`area`: whom a row is about must lie in it."""

    area: Path
    file: Annotated[
        bytes,
        msgspec.Meta(
            max_length=MOST_BYTES,
            description=f"XLSX, or CSV (UTF-8 or GB 18030), as base64: at most {MOST_BYTES // 1000} kB and "
            f"{MOST_ROWS:,} rows. Of a workbook, the first visible sheet is read; of a formula, the saved value.",
        ),
    ]


class ListTableImports(Page, frozen=True, kw_only=True):
    area: Path | None = None


class ListedTableImport(Record, frozen=True, kw_only=True):
    """`rows`: of the file, of which `read` are done: `made` wrote a value, `known` said what is known, and `rejected`
    wrote nothing. `state`: WAITING or DONE."""

    mapping: str
    area: str
    state: str
    rows: int
    read: int
    made: int
    known: int
    rejected: int
    given_at: datetime
    given_by: str


class RowsPage(Page, frozen=True, kw_only=True):
    """Rejected rows, by their line in the file."""

    after: Line | None = None
