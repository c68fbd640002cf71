"""OpenAPI 3.1 entries of operations, generated from their request and response types."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from chassis.types import AnyText, Form, Id
from gateway.api.operation import Operation
from gateway.api.partial import MERGE_PATCH, partial
from gateway.http.problems import MEDIA_TYPE

R = TypeVar("R")
IDEMPOTENCY_KEY = "Idempotency-Key"
Key = Annotated[str, msgspec.Meta(max_length=128)]
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
_ALWAYS = {401, 403, 404, 422, 429, 503, 504}
#: Response entry with a Location header.
LOCATED: dict[int | str, dict[str, Any]] = {
    201: {"headers": {"Location": {"description": "Path of the new resource.", "schema": {"type": "string"}}}}
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
    success = answer(operation.answer) | (LOCATED[201] if located else {})
    return {status: success} | problem_responses(operation.verb, *([428] if operation.patches else []))


def answer(kind: Any) -> dict[str, Any]:
    return {"description": "Success", "content": {"application/json": {"schema": _schema(kind)}}}


def problem_responses(verb: str, *more: int) -> dict[int | str, dict[str, Any]]:
    """Returns the problem responses of a route with this method, and `more` of its own."""
    statuses = (_ALWAYS if verb == "GET" else _ALWAYS | {400, 409, 412, 413, 415}) | set(more)
    problem = {"$ref": _REF.format(name="Problem")}
    return {
        status: {"description": _MEANINGS[status], "content": {MEDIA_TYPE: {"schema": problem}}}
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
    return [
        {"name": name, "in": "path", "required": True, "schema": _schema(Id if kind is None else kind)}
        for name, kind in operation.parameters.items()
    ]


def in_query(query: type[Form]) -> list[dict[str, Any]]:
    [_], found = msgspec.json.schema_components([query], ref_template=_REF)
    shape = _published(found[query.__name__])
    required = shape.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": each}
        for name, each in shape["properties"].items()
    ]


def _in_headers(operation: Operation) -> list[dict[str, Any]]:
    headers = []
    if operation.verb != "GET":
        headers.append(key_header(operation.creates))
        if not operation.creates:
            headers.append(header("If-Match", "The ETag that you last saw.", operation.patches is not None))
    if operation.public:
        headers.append(header("Linli-Tenant", "The city; for requests without a sign-in."))
        visit = "A random secret shared by all requests of one visitor without a sign-in."
        headers.append(header("Linli-Visit", visit))
    return headers


def key_header(required: bool) -> dict[str, Any]:
    described = header(
        IDEMPOTENCY_KEY, "A repeated request with the same key has no further effect for 24 hours.", required
    )
    return described | {"schema": _schema(Key)}


def header(name: str, description: str, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string"},
    }


def _schema(kind: Any) -> Any:
    [found], _ = msgspec.json.schema_components([kind], ref_template=_REF)
    return _published(found)


def _published(schema: Any) -> Any:
    """Converts Python patterns to ECMA 262 (see `chassis.types.exactly`), and docstrings to Markdown."""
    if isinstance(schema, dict):
        return {name: _text(name, each) if isinstance(each, str) else _published(each) for name, each in schema.items()}
    return [_published(each) for each in schema] if isinstance(schema, list) else schema


def _text(name: str, text: str) -> str:
    if name == "description":
        return inspect.cleandoc(text)
    return text.removesuffix(r"(?!\n)") if name == "pattern" else text
