"""OpenAPI 3.1 entries of operations, generated from their request and response types."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from chassis.types import AnyText, File, Form, Id, Tenant
from gateway.api import headers
from gateway.api.operation import Operation
from gateway.api.partial import MERGE_PATCH, partial
from gateway.http.problems import MEDIA_TYPE

R = TypeVar("R")
_ANY_FILE = "application/octet-stream"
_REF = "#/components/schemas/{name}"
_MEANINGS = {
    400: "The request cannot be read",
    401: "Not signed in",
    403: "The role does not allow it, or the caller would judge their own work",
    404: "Not found, or outside the caller's area",
    409: "The rules do not allow this step now",
    412: "Changed by someone else in the meantime",
    413: "The request is too large",
    415: "The media type is not supported",
    422: "Some fields are invalid; the problem names each",
    428: "If-Match is missing",
    429: "Over the rate limit; see Retry-After",
    503: "Temporarily unavailable; see Retry-After",
    504: "No answer in time; repeat the request, with the same key if it is not a GET",
}
_ALWAYS = {400, 401, 403, 404, 422, 429, 503, 504}
#: Path parameters of which neither type nor name says it all; the others are ids of what they are called.
_IN_PATH = {
    "number": "The number that the step which made it returned as `said`.",
    "day": "A day of the city's calendar.",
    "week": "A day of the week; its Monday names the roster.",
    "receipt": "The receipt that the visitor holds.",
    "item": "The number of the item on the ticket.",
    "kind": "Which proceedings.",
    "division": "The code of the division.",
    "grid": "The code of the grid.",
    "merge": "The id of the grid merge.",
    "organisation": "The id of the party organisation.",
    "rule": "The id of the whistle rule.",
}
PROBLEM = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "code", "correlation_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string", "description": "What is wrong and what to do, in the reader's language."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable code for programs."},
        "correlation_id": {"type": "string"},
        "retry_after": {"type": "integer", "description": "Seconds."},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
}


class Listing(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """A page of a list. `cursor` leads to the next page; null on the last."""

    items: list[R]
    cursor: str | None


@cache
def query_of(operation: Operation) -> type[Form]:
    """Returns the query type of an operation: the form of a GET; for a list with a cursor instead of `after`."""
    form = operation.form if operation.verb == "GET" else None
    if form is None or not operation.paged:
        return form or Form
    known = ", ".join(operation.row.__struct_fields__)
    fields = Annotated[
        AnyText,
        msgspec.Meta(
            max_length=300, description=f"Return only these fields of each row, separated by commas: {known}."
        ),
    ]
    cursor = Annotated[AnyText, msgspec.Meta(max_length=1000, description="`cursor` of the previous page.")]
    filters = {field.name: field for field in msgspec.structs.fields(form) if field.name != "after"}
    published: list[Any] = [
        (name, field.type) if field.required else (name, field.type, field.default) for name, field in filters.items()
    ]
    published += [("cursor", cursor | None, None), ("fields", fields | None, None)]
    # Named after the operation: several lists have no filters, and type names must be unique.
    name = f"{operation.service}_{operation.method}"
    query: type[Form] = msgspec.defstruct(name, published, bases=(Form,), frozen=True, kw_only=True)  # type: ignore[assignment]
    return query


def request(operation: Operation) -> dict[str, Any]:
    """Returns the parameters, body and security of an operation."""
    described: dict[str, Any] = {
        "parameters": [*_in_path(operation), *in_query(query_of(operation)), *_in_headers(operation)],
        "security": [{}, {"bearer": []}] if operation.public else [{"bearer": []}],
    }
    if operation.patches:
        described["requestBody"] = body(partial(operation.patches), MERGE_PATCH)
    elif operation.form and operation.verb != "GET":
        described["requestBody"] = body(operation.form)
    return described


def body(form: type[msgspec.Struct], media_type: str = "application/json") -> dict[str, Any]:
    return {"required": True, "content": {media_type: {"schema": _schema(form)}}}


def responses(operation: Operation, located: bool) -> dict[int | str, dict[str, Any]]:
    """Returns the success response of an operation and its problems."""
    status = 201 if operation.creates else 200
    success = file_answer(_ANY_FILE) if operation.answer is File else answer(operation.answer, located)
    return {status: success} | problem_responses(operation.verb, *([428] if operation.patches else []))


def answer(kind: Any, located: bool = False) -> dict[str, Any]:
    versioned = "version" in getattr(kind, "__struct_fields__", ())
    return {
        "description": "Success",
        "headers": headers.of_success(versioned=versioned, located=located),
        "content": {"application/json": {"schema": _schema(kind)}},
    }


def file_answer(media: str) -> dict[str, Any]:
    """A success response whose body is no JSON: an image or a stream."""
    schema = {"type": "string"} if media.startswith("text/") else {"type": "string", "format": "binary"}
    return {"description": "Success", "headers": headers.of_success(), "content": {media: {"schema": schema}}}


def problem_responses(verb: str, *more: int) -> dict[int | str, dict[str, Any]]:
    """Returns the problem responses of a route with this method, and `more` of its own."""
    statuses = (_ALWAYS if verb == "GET" else _ALWAYS | {409, 412, 413, 415}) | set(more)
    problem = {"$ref": _REF.format(name="Problem")}
    return {
        status: {
            "description": _MEANINGS[status],
            "headers": headers.of_problem(status),
            "content": {MEDIA_TYPE: {"schema": problem}},
        }
        for status in sorted(statuses)
    }


def components(operations: Iterable[Operation], others: Iterable[Any] = ()) -> dict[str, Any]:
    """Returns all schemas by name, including `Problem` and `others`: types of routes that are not operations."""
    shapes = list(others)
    for operation in operations:
        read = operation.form if operation.verb != "GET" else query_of(operation)
        if operation.patches:
            shapes.append(partial(operation.patches))
        shapes += [each for each in (read, operation.answer, *operation.named.values()) if each is not None]
    _, found = msgspec.json.schema_components(shapes, ref_template=_REF)
    queries = {query_of(operation).__name__ for operation in operations if operation.verb == "GET"}
    return {name: _published(each) for name, each in found.items() if name not in queries} | {"Problem": PROBLEM}


def _in_path(operation: Operation) -> list[dict[str, Any]]:
    schemas = {name: _schema(Id if kind is None else kind) for name, kind in operation.parameters.items()}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _described(schema) or _IN_PATH.get(name, f"The id of the {name}."),
            "schema": schema,
        }
        for name, schema in schemas.items()
    ]


def in_query(query: type[Form]) -> list[dict[str, Any]]:
    [_], found = msgspec.json.schema_components([query], ref_template=_REF)
    shape = _published(found[query.__name__])
    required = shape.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": _described(each),
            "schema": each,
        }
        for name, each in shape["properties"].items()
    ]


def _described(schema: dict[str, Any]) -> str:
    """Returns the description of a schema, or of the part that has one."""
    parts = [schema, *schema.get("anyOf", [])]
    return next((part["description"] for part in parts if "description" in part), "")


def _in_headers(operation: Operation) -> list[dict[str, Any]]:
    found = []
    if operation.verb != "GET":
        found.append(headers.key(operation.creates))
        if not operation.creates:
            found.append(headers.if_match(required=operation.patches is not None))
    return found + (headers.of_visitors(_schema(Tenant)) if operation.public else [])


def _schema(kind: Any) -> Any:
    [found], _ = msgspec.json.schema_components([kind], ref_template=_REF)
    return _published(found)


def _published(schema: Any) -> Any:
    """Converts Python patterns to ECMA 262 (see `chassis.types.exactly`), and docstrings to Markdown.

    An empty default of a text that must not be empty stands for no text at all, so it is left out.
    """
    if isinstance(schema, list):
        return [_published(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    absent = schema.get("default") == "" and not _may_be_empty(schema)
    return {
        name: _text(name, each) if isinstance(each, str) else _published(each)
        for name, each in schema.items()
        if not (absent and name == "default")
    }


def _may_be_empty(schema: dict[str, Any]) -> bool:
    return schema.get("minLength", 0) == 0 and bool(re.search(schema.get("pattern", ""), ""))


def _text(name: str, text: str) -> str:
    if name == "description":
        return inspect.cleandoc(text)
    return text.removesuffix(r"(?!\n)") if name == "pattern" else text
