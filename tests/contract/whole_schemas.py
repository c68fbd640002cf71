"""The schema of an event with all references inlined, for validators that read one file."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from chassis.envelope import PREFIX
from launcher.generate.contracts import Json, files


@cache
def schemas() -> dict[str, Json]:
    """Returns the schema of every contract by its `$id`."""
    written = (json.loads(text)["schema"] for text in files().values())
    return {schema["$id"]: schema for schema in written}


def whole(kind: str) -> Json:
    """Returns the schema of an event type with the states that it refers to."""
    defs: Json = {}

    def embed(part: Any) -> Any:
        if isinstance(part, list):
            return [embed(each) for each in part]
        if not isinstance(part, dict):
            return part
        if (state := schemas().get(part.get("$ref", ""))) is not None:
            own = {name: value for name, value in state.items() if name not in ("$schema", "$id", "$defs")}
            defs.update({state["title"]: embed(own), **embed(state.get("$defs", {}))})
            return {**part, "$ref": f"#/$defs/{state['title']}"}
        return {name: embed(value) for name, value in part.items()}

    schema: Json = embed(schemas()[PREFIX + kind])
    return {**schema, "$defs": {**schema.get("$defs", {}), **defs}} if defs else schema
