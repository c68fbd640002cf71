"""Values of a field: what is checked before one is stored, and its canonical text."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from chassis.moments import YEARS, months_from
from chassis.types import UNSHOWN, is_blank
from services.residents.dictionary.model import Field

_LONGEST_TEXT = 500
_MOST = 10**15


def as_text(value: Any) -> str:
    """Returns the canonical JSON text: the same for codes in another order, and for 2 and 2.0."""
    match value:
        case list():
            value = sorted(value)
        case float() if abs(value) < _MOST and value.is_integer():
            value = int(value)
    return msgspec.json.encode(value).decode()


def of_text(text: str) -> Any:
    return msgspec.json.decode(text)


def holds_until(field: Field, since: datetime) -> datetime | None:
    """Returns until when a value that was given then holds; None: until it changes."""
    return months_from(since, field.holds_months) if field.holds_months else None


def fault_of(field: Field, value: Any) -> tuple[str, str] | None:
    """Returns why the field cannot have this value, in English and Chinese."""
    match field.kind, value:
        case ("text", str() as text) if not is_blank(text) and len(text) <= _LONGEST_TEXT and not UNSHOWN.search(text):
            return None
        case (_, bool()):
            return _EXPECTED[field.kind]
        case ("whole", int() as number) if abs(number) < _MOST:
            return None
        case ("decimal", int() | float() as number) if abs(number) < _MOST:
            return None
        case ("date", str() as text) if _is_day(text):
            return None
        case ("choice", str() as code):
            return _choice_fault(field, [code])
        case ("choices", list() as codes) if codes and all(isinstance(code, str) for code in codes):
            return _choice_fault(field, codes)
    return _EXPECTED[field.kind]


_EXPECTED = {
    "text": ("it must be a text of at most 500 characters", "须为不超过 500 字的文本"),
    "whole": ("it must be a whole number", "须为整数"),
    "decimal": ("it must be a number", "须为数字"),
    "date": ("it must be a date like 2026-03-01", "须为日期，如 2026-03-01"),
    "choice": ("it must be a code of the list", "须为选项编码"),
    "choices": ("it must be a list of codes", "须为选项编码的列表"),
}


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text and int(text[:4]) in YEARS
    except ValueError:
        return False


def _choice_fault(field: Field, codes: list[str]) -> tuple[str, str] | None:
    offered = {each.code for each in field.choices if not each.retired}
    if set(codes) <= offered and len(set(codes)) == len(codes):
        return None
    return "the list of the field does not offer this", "不在该数据项的选项之内"
