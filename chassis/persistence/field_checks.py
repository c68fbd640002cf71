"""Validation at write: what a field's value must be, told apart once for each field.

mongoengine's own `validate` asks every field at every write and costs more than the write. It is left out, so this
is what keeps a value of a wrong type, or the absence of a required one, out of the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    EmbeddedDocumentField,
    FloatField,
    IntField,
    ListField,
    StringField,
)

log = logging.getLogger(__name__)
#: "" for a good value, otherwise what is wrong with it, to be read behind the field's name.
Check = Callable[[Any], str]
#: The type that most good values have: seen without a call. Others, such as the members of a `StrEnum`, are checked.
_EXACT: dict[type[Any], type[Any]] = {StringField: str, IntField: int, FloatField: float, BooleanField: bool}


class InvalidDocument(Exception):
    """A defect of ours: a document that must not be stored. Names the field and the types, never the value."""

    def __init__(self, model: type[Any], fault: str) -> None:
        super().__init__(f"{model.__name__}.{fault}")
        # Logs leave out what an exception says, as it may quote people; this one is safe to tell.
        log.error("not stored: %s.%s", model.__name__, fault)


def exact_type(field: Any) -> type[Any] | None:
    return _EXACT.get(type(field))


def check_of(field: Any) -> Check:
    if isinstance(field, ListField):
        return _list_check(check_of(field.field)) if field.field is not None else _of_type(list, tuple)
    if isinstance(field, EmbeddedDocumentField):
        return _part_check(field.document_type)
    for kind, check in _CHECKS.items():
        if isinstance(field, kind):
            return check
    return _anything


def _anything(value: Any) -> str:
    return ""


def _of_type(*types: type[Any]) -> Check:
    def check(value: Any) -> str:
        return "" if isinstance(value, types) else f" is a {type(value).__name__}, not a {types[0].__name__}"

    return check


def _number(*types: type[Any]) -> Check:
    """Python's `bool` is an `int`; here it is not."""
    of_type = _of_type(*types)
    return lambda value: " is a bool, not a number" if isinstance(value, bool) else of_type(value)


def _moment(value: Any) -> str:
    if not isinstance(value, datetime):
        return f" is a {type(value).__name__}, not a datetime"
    return "" if value.tzinfo is not None else " is a datetime without a zone"


def _list_check(check: Check) -> Check:
    def checked(values: Any) -> str:
        if not isinstance(values, list | tuple):
            return f" is a {type(values).__name__}, not a list"
        for number, value in enumerate(values):
            if wrong := check(value):
                return f"[{number}]{wrong}"
        return ""

    return checked


def _part_check(model: type[Any]) -> Check:
    def checked(part: Any) -> str:
        if not isinstance(part, model):
            return f" is a {type(part).__name__}, not a {model.__name__}"
        fault: str = part.fault()
        return f".{fault}" if fault else ""

    return checked


_CHECKS: dict[type[Any], Check] = {
    StringField: _of_type(str),
    IntField: _number(int),
    FloatField: _number(float, int),
    BooleanField: _of_type(bool),
    DateTimeField: _moment,
    DictField: _of_type(dict),
}
