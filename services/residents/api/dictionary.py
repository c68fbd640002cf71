"""API types of the field dictionary (数据项): what may be asked, once for all forms."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from chassis.types import Form, Id, Page, Title, Word, exactly, in_words
from vocabulary.fields import UnitIfAny

_CODE = in_words(
    exactly("[a-z][a-z0-9_]{1,39}"),
    "it must be 2 to 40 small letters, digits and underscores, like housing_kind",
    "须为 2 至 40 个小写字母、数字或下划线，如 housing_kind",
)
FieldCode = Annotated[str, msgspec.Meta(pattern=_CODE, max_length=40, description="The code of a field (数据项).")]
SubjectKind = Annotated[
    Literal["resident", "household", "dwelling"], msgspec.Meta(description="What a field or form is about.")
]
ValueKind = Literal["text", "whole", "decimal", "date", "choice", "choices"]
Value: TypeAlias = str | int | float | bool | list[str] | None
"""A value by the type of its field: the codes of several choices are a list."""
Sensitivity = Annotated[
    Literal["open", "sensitive"],
    msgspec.Meta(description="Values of sensitive fields are sealed, and opened for a purpose only; it stays."),
]
Months = Annotated[int, msgspec.Meta(ge=0, le=600, description="How long a value holds; 0: until it changes.")]


class Choice(Form, frozen=True, kw_only=True):
    """A word of a field's code list; one that is retired stays readable and is not offered any more."""

    code: Id
    zh: Title
    en: Title
    retired: bool = False


class FieldDefinition(Form, frozen=True, kw_only=True):
    """What a field is. `measure`: of a number, such as m². `source`: the department that answers for it."""

    zh: Title
    en: Title
    about: SubjectKind
    kind: ValueKind
    measure: Word = ""
    choices: Annotated[tuple[Choice, ...], msgspec.Meta(max_length=300)] = ()
    source: UnitIfAny = ""
    sensitivity: Sensitivity = "open"
    holds_months: Months = 0


class NewField(FieldDefinition, frozen=True, kw_only=True):
    code: FieldCode


class ListFields(Page, frozen=True, kw_only=True):
    about: Annotated[SubjectKind | None, msgspec.Meta(description="Only those about this.")] = None


class FieldState(msgspec.Struct, frozen=True, kw_only=True):
    """The public state of a field: the data of its event."""

    code: str
    zh: str
    en: str
    about: str
    kind: str
    measure: str
    choices: list[Choice]
    source: str
    sensitivity: str
    holds_months: int
    retired: bool


class ListedField(FieldState, frozen=True, kw_only=True):
    id: str
    version: int
