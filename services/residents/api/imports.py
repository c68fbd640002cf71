"""API types of imports: people of another register."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.types import Form, Id, Line, Path, RejectedRow, require_each_line_once
from services.residents.api.types import (
    Birthday,
    BuildingIfAny,
    Door,
    IdentityNumberIfAny,
    PersonName,
    PhoneIfAny,
    Relation,
    Sex,
)


class RegisteredPerson(Form, frozen=True, kw_only=True):
    """A person of another register, with the household and the dwelling. `line`: in the file."""

    line: Line
    person: Annotated[Id, msgspec.Meta(description="The person's number in the other register.")]
    register_household: Annotated[Id, msgspec.Meta(description="The household's number in the other register.")]
    relation: Relation = "other"
    area: Path
    building: BuildingIfAny = ""
    door: Door
    name: PersonName
    identity_number: IdentityNumberIfAny = ""
    phone: PhoneIfAny = ""
    birthday: Birthday = None
    sex: Sex = ""


class Register(Form, frozen=True, kw_only=True):
    """`source`: the other register. Importing the same rows again creates no duplicates."""

    source: Id
    rows: Annotated[list[RegisteredPerson], msgspec.Meta(min_length=1, max_length=500)]

    def __post_init__(self) -> None:
        require_each_line_once(self.rows)


class ImportedResident(msgspec.Struct, frozen=True, kw_only=True):
    """The resident of the row at this line. `made`: by this row; otherwise it was there, with the same content."""

    line: int
    id: str
    made: bool


class ImportedRegister(msgspec.Struct, frozen=True, kw_only=True):
    """`made`: residents recorded; `known`: those that existed; `rejected`: rows that cannot be imported. Together they
    are the rows of the request."""

    made: int
    known: int
    residents: list[ImportedResident] = []
    rejected: list[RejectedRow]
