"""The smallest body that an operation's own schema takes, so that a test reaches what comes after the schema."""

from __future__ import annotations

import re
from typing import Any

_WORDS = (
    "water-supply",
    "/1503/150302/150302003/",
    "component.utility.storm-drain",
    "NEW",
    "13900000000",
    "2026-11-23",
    "cases",
    "a" * 64,
)
_FORMATS = {"date-time": "2026-11-23T00:00:00Z", "date": "2026-11-23"}


class Bodies:
    def __init__(self, document: dict[str, Any]) -> None:
        self._schemas = document["components"]["schemas"]

    def of(self, operation: dict[str, Any]) -> Any:
        """None for an operation without a body."""
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        return None if content is None else self._least(content["schema"])

    def query(self, operation: dict[str, Any]) -> dict[str, Any]:
        needed = [each for each in operation.get("parameters", ()) if each["in"] == "query" and each.get("required")]
        return {each["name"]: self._least(each["schema"]) for each in needed}

    def _least(self, schema: dict[str, Any]) -> Any:
        if "$ref" in schema:
            return self._least(self._schemas[schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema:
            return self._least(schema["anyOf"][0])
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        match schema.get("type"):
            case "object":
                return {name: self._least(schema["properties"][name]) for name in schema.get("required", ())}
            case "array":
                return [self._least(schema["items"])] * max(1, schema.get("minItems", 1))
            case "string":
                return self._word(schema)
            case "integer":
                return int(schema.get("minimum", 1))  # OpenAPI's own models write it as 1.0
            case "number":
                return schema.get("minimum", 1)
            case "boolean":
                return True
        return {}

    @staticmethod
    def _word(schema: dict[str, Any]) -> str:
        if "format" in schema and schema["format"] in _FORMATS:
            return _FORMATS[schema["format"]]
        least = schema.get("minLength", 0)
        fitting = (word for word in _WORDS if re.search(schema.get("pattern", ""), word))
        return next(fitting).ljust(least, "x")
