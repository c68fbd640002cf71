"""Check of real answers against what OpenAPI declares for them, strict about unknown fields.

The callers of the tests run it on every answer, so that whatever a test asks shows that declared and real agree.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema
import msgspec

from chassis.types import Listed
from gateway.api.operation import Operation
from gateway.app import OPERATIONS
from gateway.photos.routes import SEND

_BY_METHOD = {
    (operation.service, operation.method): operation
    for operation in (*(each for table in OPERATIONS.values() for each in table), SEND)
}


def check(service: str, method: str, answer: Any) -> None:
    """Raises `AssertionError` unless the service's answer is what its operation declares."""
    if operation := _BY_METHOD.get((service, method)):
        require(answer, _of(operation), method)


def require(answer: Any, validator: jsonschema.Draft202012Validator, what: str) -> None:
    faults = [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(answer)]
    assert not faults, f"{what} does not answer what OpenAPI declares: {faults}"


def strict(schema: Any) -> Any:
    """Returns the schema with every object of named fields closed to others."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {} if "additionalProperties" in schema or "properties" not in schema else {"additionalProperties": False}
    return {name: strict(each) for name, each in schema.items()} | (closed if schema.get("type") == "object" else {})


@cache
def _of(operation: Operation) -> jsonschema.Draft202012Validator:
    # A service answers a page with its `next`, which the gateway turns into the cursor.
    declared = Listed[operation.row] if operation.paged else operation.answer  # type: ignore[name-defined]
    return jsonschema.Draft202012Validator(strict(msgspec.json.schema(declared)))
