"""Validation before a write: type checks of the fields, built once for each field.

mongoengine's own `validate` inspects every field at every write and costs more than the write, so it is not used.
These checks keep values of a wrong type and missing required values out of the database.
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
#: Returns "" for a valid value, else what is wrong, to follow the field's name.
Check = Callable[[Any], str]
#: The type of most valid values, which saves the call. Other values, such as members of a `StrEnum`, are checked.
_EXACT: dict[type[Any], type[Any]] = {StringField: str, IntField: int, FloatField: float, BooleanField: bool}


class InvalidDocument(Exception):
    """Programming error: the document must not be stored. Names the field and the types, never the value."""

    def __init__(self, model: type[Any], fault: str) -> None:
        super().__init__(f"{model.__name__}.{fault}")
        # The log formatter drops messages of exceptions because they may quote personal data; this one cannot.
        log.error("not stored: %s.%s", model.__name__, fault)


def exact_type(field: Any) -> type[Any] | None:
    """Returns the type whose values need no check, or None if every value of the field must be checked."""
    return _EXACT.get(type(field))


def check_of(field: Any) -> Check:
    """Returns the type check of a mongoengine field."""
    if isinstance(field, ListField):
        return _list_check(check_of(field.field)) if field.field is not None else _of_type(list, tuple)
    if isinstance(field, EmbeddedDocumentField):
        return _embedded_check(field.document_type)
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
    """Returns a check for numbers that rejects `bool`, which in Python is an `int`."""
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


def _embedded_check(model: type[Any]) -> Check:
    def checked(value: Any) -> str:
        if not isinstance(value, model):
            return f" is a {type(value).__name__}, not a {model.__name__}"
        fault: str = value.fault()
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
