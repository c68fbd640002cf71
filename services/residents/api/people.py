"""API types of residents."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Moment, Note, Page, Path, Record, SomeText, Word
from services.residents.api.types import (
    Age,
    Birthday,
    Colour,
    HouseholdId,
    IdentityNumberIfAny,
    PersonName,
    PhoneIfAny,
    Relation,
    ResidentId,
    Sex,
    Source,
    Why,
)
from vocabulary.roles import Purpose


class NewResident(Form, frozen=True, kw_only=True):
    """A member of a household. Sex and birthday may be left out where the identity number tells them."""

    household: HouseholdId
    relation: Relation = "other"
    name: PersonName
    identity_number: IdentityNumberIfAny = ""
    phone: PhoneIfAny = ""
    birthday: Birthday = None
    sex: Sex = ""
    source: Source = ""


class Correction(Form, frozen=True, kw_only=True):
    """Only what is given changes; the history keeps what it was."""

    name: PersonName | None = None
    identity_number: IdentityNumberIfAny | None = None
    phone: PhoneIfAny | None = None
    birthday: Birthday = None
    sex: Sex | None = None
    source: Source = ""
    why: Why = ""


class MoveIn(Form, frozen=True, kw_only=True):
    household: HouseholdId
    relation: Relation = "other"
    source: Source = ""
    why: Why = ""


class MoveOut(Form, frozen=True, kw_only=True):
    source: Source = ""
    why: Why = ""


class Death(Form, frozen=True, kw_only=True):
    on: date
    source: Source = ""


class MergeInto(Form, frozen=True, kw_only=True):
    """`into`: the record that stays."""

    into: ResidentId
    why: Why = ""


class Reading(Form, frozen=True, kw_only=True):
    """Why the sealed data is read: it stays in the audit log."""

    purpose: Annotated[Purpose, msgspec.Meta(description="A purpose that your role has.")]
    reason: Annotated[Note, msgspec.Meta(description="What for, in your words.")]


class Search(Form, frozen=True, kw_only=True):
    """Finds residents of the caller's area by a value that is kept sealed."""

    by: Literal["name", "surname", "initials", "phone", "identity_number"]
    value: Annotated[SomeText, msgspec.Meta(max_length=64)]
    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 20


class ListResidents(Page, frozen=True, kw_only=True):
    """Who lives in the area now, by id. `need`, `colour` and ages narrow it down."""

    area: Path | None = None
    need: Annotated[Word, msgspec.Meta(description="A class of needs.")] = ""
    colour: Colour = ""
    age_from: Annotated[Age | None, msgspec.Meta(description="Years, by the year of birth alone.")] = None
    age_to: Annotated[Age | None, msgspec.Meta(description="Years, by the year of birth alone.")] = None


class ListedResident(Record, frozen=True, kw_only=True):
    """A resident, masked: `王**`."""

    area: str
    household: str
    dwelling: str
    relation: str
    state: str
    sex: str
    born_year: int | None = None
    name: str
    needs: list[str]
    colour: str


class MaskedResident(ListedResident, frozen=True, kw_only=True):
    """`merged_into`: the record that stays, if this one was merged."""

    merged_into: str


class OpenedResident(ListedResident, frozen=True, kw_only=True):
    """What is kept about a resident, opened for a purpose."""

    identity_number: str
    phone: str
    birthday: date | None = None
    died_on: date | None = None
    merged_into: str


class ProfileChange(msgspec.Struct, frozen=True, kw_only=True):
    """`was` and `became` are opened."""

    field: str
    was: str
    became: str
    at: Moment
    by: str
    source: str
    why: str


class ProfileHistory(msgspec.Struct, frozen=True, kw_only=True):
    items: list[ProfileChange]


class FoundResidents(msgspec.Struct, frozen=True, kw_only=True):
    items: list[ListedResident]


class PossibleDuplicate(ListedResident, frozen=True, kw_only=True):
    """Another record that may be of the same person. `same`: what both have."""

    same: Literal["identity_number", "name_and_birthday"]


class PossibleDuplicates(msgspec.Struct, frozen=True, kw_only=True):
    items: list[PossibleDuplicate]
