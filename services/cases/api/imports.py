"""API structs of imports: cases of other systems."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.types import Form, Id, Lat, Line, Lon, Moment, Path, RejectedRow, TextIfAny, require_each_line_once
from services.cases.api.case import Address
from services.cases.api.states import State
from services.cases.api.types import CaseNumberIfAny
from vocabulary.fields import CategoryCode, LeadIfAny


class ImportedRow(Form, frozen=True, kw_only=True):
    """A case of another system. `line`: in the file; `number`, `state` and `lead`: those in the other system."""

    line: Line
    number: Id
    category: CategoryCode
    path: Path
    state: State
    text: TextIfAny = ""
    address: Address = ""
    lon: Lon | None = None
    lat: Lat | None = None
    lead: LeadIfAny = ""
    reported_at: Moment | None = None
    closed_at: Moment | None = None


class Import(Form, frozen=True, kw_only=True):
    """`source`: the other system. Importing the same rows again creates no duplicates."""

    source: Id
    rows: Annotated[list[ImportedRow], msgspec.Meta(max_length=200)]

    def __post_init__(self) -> None:
        require_each_line_once(self.rows)


class ImportedCase(msgspec.Struct, frozen=True, kw_only=True):
    """The case of the row at this line. `number`: the one that it has here, not that of the other system.

    `made`: by this row; otherwise it existed already, with the same content.
    """

    line: int
    id: str
    number: CaseNumberIfAny = ""
    made: bool


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """`made`: cases created; `known`: cases that already existed; `rejected`: rows that cannot be imported. Together
    they are the rows of the request; `cases` names those that were made or known.
    """

    made: int
    known: int
    cases: list[ImportedCase] = []
    rejected: list[RejectedRow]
