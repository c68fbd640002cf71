"""Answers of a submission: from the texts of a phone to values that a form takes, and what they contradict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.residents.dictionary.values import fault_of
from services.residents.submissions.reading import value_of
from services.residents.tasks.answering import Answering

Values = dict[str, Any]


def shown_on_phone(answering: Answering, field: str) -> Any:
    """Returns the known value that a phone is sent; None if it is sealed, or not offered any more."""
    value = answering.shown(field)
    if value is None or fault_of(answering.fields[field], value):
        return None
    return value


def answers_of(answering: Answering, texts: Mapping[str, str]) -> Values:
    """Returns what was answered. Empty stands for no value where the phone showed one, else for nothing."""
    given = {
        field: value_of(answering.fields[field], text) if field in answering.fields else text
        for field, text in texts.items()
        if text
    }
    now = {field: answering.shown(field) for field in answering.known} | given
    asked = {question.field for question in answering.questions if question.is_asked(now)}
    empty = {field for field, text in texts.items() if not text and field in asked}
    return given | {field: None for field in empty if shown_on_phone(answering, field) is not None}


def contradictions(answering: Answering, given: Values, changed: set[str]) -> list[str]:
    """Returns the fields that others changed meanwhile, to another value than this one. `changed`: see `versions`."""
    return sorted(field for field in given if field in changed and answering.differs(field, given[field]))
