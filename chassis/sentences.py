"""Sentences for people: each placeholder says the kind of its value, `{lead:unit}`, so that a name is read, no code.

Kinds: `time` is a moment, said in local time; `verbatim` is what somebody wrote or is to write, said in quotes; every
other kind is one that `Words` knows. A placeholder without a kind is a number, a word, or has a table of words.

Where nobody knows the names, as in a log, a sentence reads with the codes.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

CHINESE = "zh-CN"
LANGUAGES = ("en", CHINESE)
#: Kinds that need no name.
TIME, VERBATIM = "time", "verbatim"


class Words(Protocol):
    """What a service knows to say a sentence to the people of a tenant."""

    def name(self, kind: str, code: str, language: str) -> str:
        """Returns the name of what the code of this kind stands for; "" if it has none."""

    def time(self, moment: datetime, language: str) -> str: ...


def say(
    template: str,
    values: Mapping[str, Any],
    language: str,
    words: Words | None = None,
    tables: Mapping[str, Mapping[str, str]] | None = None,
) -> str:
    """Fills in the placeholders; `?` stands for a value that is missing, which must not hide what a sentence says.

    `tables`: by placeholder, the words for some of its values, whatever its kind.
    """
    said = ""
    for text, name, kind in _parts(template):
        said += text
        if name in values:
            said += _value(values[name], kind, tables.get(name) if tables else None, language, words)
        elif name:
            said += "?"
    return said


@lru_cache(maxsize=4096)
def _parts(template: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((text, name or "", kind or "") for text, name, kind, _ in string.Formatter().parse(template))


def _value(value: Any, kind: str, table: Mapping[str, str] | None, language: str, words: Words | None) -> str:
    if isinstance(value, list):
        between = "、" if language == CHINESE else ", "
        return between.join(_value(each, kind, table, language, words) for each in value)
    return (table.get(str(value)) if table else None) or _item(value, kind, language, words)


def _item(item: Any, kind: str, language: str, words: Words | None) -> str:
    if kind == VERBATIM:
        return _quoted(str(item))
    if not kind or words is None:
        return item.isoformat() if isinstance(item, datetime) else str(item)
    if kind == TIME:
        return words.time(item if isinstance(item, datetime) else datetime.fromisoformat(item), language)
    return words.name(kind, str(item), language) or _quoted(str(item))


def _quoted(text: str) -> str:
    return f"“{text}”"  # in both languages (GB/T 15834)


def plain(code: str) -> str:
    """Returns an English code in plain words: `AWAITING_RATING` as "awaiting rating"; a phrase stays as it is."""
    return code if " " in code else code.replace("_", " ").lower()


class Sentence(str):
    """A sentence with its values: a string that reads with the codes, until `said` says it by names."""

    _template: str
    _values: Mapping[str, Any]
    _language: str

    def __new__(cls, template: str, values: Mapping[str, Any], language: str) -> Sentence:
        sentence = super().__new__(cls, say(template, values, language))
        sentence._template, sentence._values, sentence._language = template, values, language
        return sentence

    def said(self, words: Words | None) -> str:
        return say(self._template, self._values, self._language, words)


def said(text: str, words: Words | None) -> str:
    """Returns a text as a person reads it, if it is a `Sentence`; any other text as it is."""
    return text.said(words) if isinstance(text, Sentence) else text
