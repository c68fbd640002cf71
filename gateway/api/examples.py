"""Examples of requests and answers in OpenAPI, composed from what stands elsewhere.

A row that shows the state its event carries has the example of that event; anything else has the words of its fields.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from gateway.api.example_words import DAY, MOMENT, SHOWN_TOO, WORDS, WORDS_OF

Json = dict[str, Any]
_SERVICES = Path(__file__).parents[2] / "services"
_FORMS = {"date-time": r"\d{4}-\d\d-\d\dT", "date": r"\d{4}-\d\d-\d\d$"}
_OF_RECORD = {"id", "version"}
_FORMATS = {"date-time": MOMENT, "date": DAY}
_DEEPEST = 6


@cache
def _events() -> list[Json]:
    files = sorted(_SERVICES.glob("*/event_examples.json"))
    return [example for file in files for example in json.loads(file.read_text()).values()]


class Examples:
    """`schemas`: `components/schemas`, to which references lead."""

    def __init__(self, schemas: Json) -> None:
        self._schemas = schemas

    def of_request(self, name: str) -> Any:
        """Returns an example of a form: what is required, and what it would say nothing without."""
        return self._object(name, self._schemas[name], whole=False)

    def of_answer(self, schema: Json) -> Any:
        return self._value("", schema, whole=True)

    def _object(self, name: str, schema: Json, *, whole: bool, depth: int = 0) -> Json:
        fields: Json = schema.get("properties", {})
        shown = fields if whole else {*schema.get("required", ()), *SHOWN_TOO.get(name, ())}
        known = _state_of(set(fields)) if whole else {}
        return known | {
            field: self._value(field, part, whole=whole, depth=depth + 1, within=name)
            for field, part in fields.items()
            if field in shown and field not in known
        }

    def _value(self, field: str, schema: Json, *, whole: bool, depth: int = 0, within: str = "") -> Any:
        """`within`: the schema that has the field."""
        part, name = self._resolved(schema)
        if words := [word for word in _words(field, within) if _takes(part, word)]:
            return words[0]
        part, name = self._resolved(_first(part)) if "anyOf" in part else (part, name)
        if "enum" in part or "const" in part:
            return part.get("const", part.get("enum", [None])[0])
        if part.get("type") == "object":
            if "properties" in part:
                return self._object(name, part, whole=whole, depth=depth) if depth < _DEEPEST else {}
            return self._map(field, part, whole=whole, depth=depth)
        if part.get("type") == "array":
            items = part.get("items")
            least: int = max(1, part.get("minItems", 1))
            return [self._value(field, items, whole=whole, depth=depth, within=within)] * least if items else []
        return _least(field, part)

    def _map(self, field: str, schema: Json, *, whole: bool, depth: int) -> Json:
        inner = schema.get("additionalProperties")
        key = {"indicators": "registration"}.get(field, "main")
        return {key: self._value("", inner, whole=whole, depth=depth + 1)} if isinstance(inner, dict) else {}

    def _resolved(self, schema: Json) -> tuple[Json, str]:
        if "$ref" not in schema:
            return schema, ""
        name = schema["$ref"].rpartition("/")[2]
        return self._schemas[name], name


def _words(field: str, within: str) -> tuple[Any, ...]:
    if field in (own := WORDS_OF.get(within, {})):
        return (own[field],)
    word = WORDS.get(field, ())
    return word if isinstance(word, tuple) else (word,)


def _first(schema: Json) -> Json:
    found: Json = next(part for part in schema["anyOf"] if part.get("type") != "null")
    return found


def _state_of(fields: set[str]) -> Json:
    """Returns the example of the event that carries just these fields, but for what every record has."""
    matching = (each for each in _events() if len(each) > 1 and each.keys() <= fields <= each.keys() | _OF_RECORD)
    return next(matching, {})


def _takes(schema: Json, word: Any) -> bool:
    """Returns whether the schema takes a word of the table, by what such words differ in."""
    parts = schema.get("anyOf", [schema])
    return any(_is(part, word) for part in parts)


def _is(part: Json, word: Any) -> bool:
    if "enum" in part:
        return word in part["enum"]
    match part.get("type"), word:
        case ("null", None) | ("boolean", bool()) | ("object", dict()) | ("array", list()):
            return "items" not in part or not word or all(_takes(part["items"], each) for each in word)
        case None, _ if not part:
            return True
        case "integer", int():
            return not isinstance(word, bool)
        case "number", int() | float():
            return True
        case "string", str():
            return _fits(part, word)
    return False


def _fits(part: Json, word: str) -> bool:
    if (form := _FORMS.get(part.get("format", ""))) and not re.match(form, word):
        return False
    long_enough = part.get("minLength", 0) <= len(word) <= part.get("maxLength", len(word))
    return long_enough and re.search(part.get("pattern", ""), word) is not None


def _least(field: str, part: Json) -> Any:
    match part.get("type"):
        case "integer":
            return max(1, int(part.get("minimum", 1)))
        case "number":
            return part.get("minimum", 1)
        case "boolean":
            return False
        case "null":
            return None
    if part.get("format") in _FORMATS:
        return _FORMATS[part["format"]]
    return part.get("default") or field
