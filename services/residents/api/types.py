"""Field types that several records of residents share."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from chassis.types import Id, NoteIfAny, Phone, SomeText, Word, exactly, in_words

DwellingId = Annotated[Id, msgspec.Meta(description="The id of a dwelling (`GET /v1/dwellings`).")]
HouseholdId = Annotated[Id, msgspec.Meta(description="The id of a household (`GET /v1/households`).")]
ResidentId = Annotated[Id, msgspec.Meta(description="The id of a resident (`GET /v1/residents`).")]
Door = Annotated[SomeText, msgspec.Meta(max_length=64, description="Unit and door, like `3单元502`; kept sealed.")]
PersonName = Annotated[SomeText, msgspec.Meta(max_length=64, description="Kept sealed.")]
PhoneIfAny = Annotated[Phone, msgspec.Meta(description="Kept sealed.")]
_NUMBER = in_words(
    exactly("[0-9]{0,17}[0-9Xx]?"), "it must have 18 characters, or 15 digits", "须为 18 位（旧号为 15 位）"
)
IdentityNumberIfAny = Annotated[
    str,
    msgspec.Meta(
        max_length=18,
        pattern=_NUMBER,
        description="公民身份号码 by GB 11643: 18 characters, or 15 digits of an old one; kept sealed.",
    ),
]
Sex = Annotated[
    Literal["", "0", "1", "2", "9"],
    msgspec.Meta(description="By GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 not stated; empty: not asked."),
]
Birthday = Annotated[date | None, msgspec.Meta(description="Kept sealed; lists show the year alone.")]
RELATIONS = ("head", "spouse", "child", "parent", "grandparent", "grandchild", "sibling", "other")
Relation = Annotated[
    Literal["head", "spouse", "child", "parent", "grandparent", "grandchild", "sibling", "other"],
    msgspec.Meta(description="To the head of the household."),
]
DwellingKind = Literal["home", "shop", "dormitory", "other"]
ResidentState = Literal["LIVING_HERE", "MOVED_OUT", "DECEASED", "MERGED"]
Source = Annotated[Word, msgspec.Meta(description="Where it comes from: the form, register or visit.")]
Why = Annotated[NoteIfAny, msgspec.Meta(description="Why it changes; kept sealed in the history.")]
Year = Annotated[int, msgspec.Meta(ge=1900, le=2199)]
Age = Annotated[int, msgspec.Meta(ge=0, le=150)]
Colour = Annotated[
    Word, msgspec.Meta(description="The card of the household (五色户卡), by the city's own list; empty: none.")
]
BuildingIfAny = Annotated[Word, msgspec.Meta(description="The building's id (`GET /v1/buildings`), if it has one.")]
