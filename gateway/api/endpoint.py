"""Generic endpoint: validates the path and form of a request, calls the service, and returns its answer.

All operations share it. Their OpenAPI entries come from the same shapes (`gateway.api.schema`).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import Scope

from chassis.envelope import UNREADABLE
from chassis.errors import Invalid
from chassis.types import File, Form, Id
from chassis.validation import convert, faults_of
from gateway.api import schema
from gateway.api.numbers import unreadable_numbers
from gateway.api.operation import Operation
from gateway.api.partial import MERGE_PATCH
from gateway.http.problems import BadRequest, UnsupportedMedia
from gateway.request_context import AppState, RequestContext, context_of

F = TypeVar("F", bound=Form)
_NOT_JSON = "body", "it is not valid JSON", "不是有效的 JSON"
_NO_OBJECT = "body", "it must be an object", "须为 JSON 对象"


def add(router: APIRouter, state: AppState, operations: list[Operation]) -> None:
    """Registers the operations on the router, in this order."""
    for operation in operations:
        located = operation.creates and any(other.is_read_at(f"{operation.path}/0") for other in operations)
        router.add_api_route(
            operation.path,
            _endpoint(operation, state, located),
            methods=[operation.verb],
            status_code=201 if operation.creates else 200,
            summary=operation.summary,
            description=f"Available to: {operation.needs}.",
            operation_id=f"{operation.service}.{operation.method}",
            tags=[operation.tag],
            response_model=None,
            responses=schema.responses(operation, located),
            response_class=Response if operation.answer is File else JSONResponse,
            openapi_extra=schema.request(operation),
            route_class_override=_route_class(operation.path),
        )


def _route_class(template: str) -> type[APIRoute]:
    before, _, rest = template.partition("{")
    after = rest.rpartition("}")[2]

    class Route(APIRoute):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            # Two string comparisons save most of a hundred regular expressions per request.
            path = scope["path"] if scope["type"] == "http" else ""
            if not path.startswith(before) or not path.endswith(after):
                return Match.NONE, {}
            return super().matches(scope)

    return Route


def _endpoint(operation: Operation, state: AppState, located: bool) -> Callable[[Request], Awaitable[Response]]:
    parameters = operation.parameters
    form = operation.form or Form
    read = _reader(operation, form)

    async def endpoint(request: Request) -> Response:
        context = await context_of(
            state, request, public=operation.public, needs_key=operation.creates, fresh=operation.fresh
        )
        if operation.bulk:
            return await _import(operation, context, request, read)
        args = {name: _parameter(name, value, parameters[name]) for name, value in request.path_params.items()}
        args |= await read(request)
        if operation.public and not context.caller.signed_in:
            args |= operation.unsigned
        if operation.paged:
            return await _page(operation, context, args)
        answer = await context.ask(
            operation.service, operation.method, args, batched=operation.batched, timeout=operation.timeout
        )
        if operation.answer is File:
            return _file(answer)
        shown = located and context.caller.signed_in
        return _response(operation, answer, location(operation, request, answer) if shown else {})

    return endpoint


async def _import(
    operation: Operation,
    context: RequestContext,
    request: Request,
    read: Callable[[Request], Awaitable[dict[str, Any]]],
) -> Response:
    """Takes the import's place only once its body is there: a slow sender must not keep the others from importing."""
    shared = context.caller.counted_as, context.address
    with context.state.uploads.one_for(*shared):
        args = await read(request)
        with context.state.imports.one_for(*shared):
            answer = await context.ask(operation.service, operation.method, args, timeout=operation.timeout)
    return _response(operation, answer, {})


def _reader(operation: Operation, form: type[Form]) -> Callable[[Request], Awaitable[dict[str, Any]]]:
    """Returns the function that reads the form of a request: the fields that it gives, as they are written."""
    query = schema.query_of(operation)

    async def from_query(request: Request) -> dict[str, Any]:
        if not request.query_params:
            return _checked({}, query) if operation.form else {}
        parameters = request.query_params
        # A repeated parameter becomes a list, which no filter accepts.
        given = {name: parameters[name] for name in parameters} | {
            name: values for name in parameters if len(values := parameters.getlist(name)) > 1
        }
        return _checked(given, query, strict=False)

    async def from_body(request: Request) -> dict[str, Any]:
        if request.query_params:
            await from_query(request)
        return _checked(await _json(request), form)

    async def from_patch(request: Request) -> dict[str, Any]:
        refuse_parameters(request)
        if request.headers.get("if-match") == "*":  # any version would undo changes that the caller has not seen
            raise BadRequest(reason="If-Match must name the version that you last read, not *")
        patch = await _json(request, MERGE_PATCH)
        _require_single_names(await request.body())
        if not isinstance(patch, dict):
            raise Invalid(_NO_OBJECT)
        return {"patch": patch}

    if operation.patches:
        return from_patch
    return from_query if operation.verb == "GET" or operation.form is None else from_body


def _present(given: Any, form: type[Form]) -> dict[str, Any]:
    """Returns the given fields; null means absent. Raises `Invalid` if they are not an object."""
    if not isinstance(given, dict):
        raise Invalid(_NO_OBJECT)
    known = form.__struct_encode_fields__
    return {name: value for name, value in given.items() if value is not None or name not in known}


def _checked(given: Any, form: type[Form], strict: bool = True) -> dict[str, Any]:
    """Returns the present fields. Raises `Invalid` with the fields that are wrong."""
    present = _present(given, form)
    if not strict and (faults := unreadable_numbers(present, form)):
        raise Invalid(*faults)
    read = convert(present, form, strict=strict)
    if strict:
        return present
    values = {name: value for name, value in msgspec.to_builtins(read).items() if name in present}
    if nulls := [name for name, value in values.items() if value is None]:  # the text `null`
        raise Invalid(*((name, "it cannot be null", "不能为 null") for name in nulls))
    return values


async def read_form(request: Request, form: type[F]) -> F:
    """Reads the body of a request, for a route that is not an operation and takes no parameters."""
    refuse_parameters(request)
    read: F = convert(_present(await _json(request), form), form)
    return read


def refuse_parameters(request: Request) -> None:
    read_query(request, Form)


def read_header(request: Request, name: str, kind: Any, default: str | None = None) -> str:
    """Reads a header, for a route that is not an operation. Raises `Invalid` if it is missing without a default."""
    value = request.headers.get(name, default)
    if value is None:
        raise Invalid((name, "it is missing", "缺少该字段"))
    if faults := faults_of(value, kind, name):
        raise Invalid(*faults)
    return value


def read_query(request: Request, form: type[F]) -> F:
    """Reads the query string of a request, for a route that is not an operation."""
    query = dict(request.query_params)
    if faults := unreadable_numbers(query, form):
        raise Invalid(*faults)
    read: F = convert(query, form, strict=False)
    return read


async def _json(request: Request, media_type: str = "application/json") -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != media_type:
        raise UnsupportedMedia(taken=media_type)
    text = await request.body()
    if not text:
        raise BadRequest(reason="the body is empty")
    try:
        return msgspec.json.decode(text)
    except UNREADABLE as error:
        raise Invalid(_NOT_JSON) from error


def _require_single_names(text: bytes) -> None:
    """Raises `BadRequest` if an object gives a name twice: of two values nobody knows which was meant.

    Only for patches: it reads the text again, which is too slow for every request.
    """

    def single(pairs: list[tuple[str, Any]]) -> None:
        if len(dict(pairs)) < len(pairs):
            raise BadRequest(reason="the body gives a name twice")

    try:
        json.loads(text, object_pairs_hook=single)
    except UNREADABLE as error:
        raise Invalid(_NOT_JSON) from error


def _parameter(name: str, value: str | int, kind: Any) -> Any:
    """Validates a path parameter, which is an id unless it has a `kind`."""
    faults = faults_of(value, kind or Id, name, strict=False)
    if faults and kind is None:
        raise Invalid((name, "it is not a valid id", "不是有效的编号"))
    if faults:
        raise Invalid(*faults)
    return value


class _Versioned(msgspec.Struct):
    version: int | None = None


_decode_version = msgspec.json.Decoder(_Versioned).decode


_decode_object = msgspec.json.Decoder(dict[str, Any]).decode


def location(operation: Operation, request: Request, answer: bytes) -> dict[str, str]:
    """Returns the Location header of a new resource, or nothing if the answer has no key."""
    key = _decode_object(answer).get(operation.key)
    return {"Location": f"{request.url.path}/{key}"} if key else {}


def _response(operation: Operation, answer: bytes, headers: dict[str, str]) -> Response:
    if answer.startswith(b"{") and (version := _decode_version(answer).version) is not None:
        headers["ETag"] = f'"{version}"'
    return Response(answer, 201 if operation.creates else 200, headers, "application/json")


_decode_file = msgspec.json.Decoder(File).decode


def _file(answer: bytes) -> Response:
    """It is stored, not shown: what people have written never becomes a page of this host."""
    file = _decode_file(answer)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"}
    return Response(file.content, 200, headers, file.mime)


class _Listed(msgspec.Struct):
    """A service's answer to a list (`chassis.types.Listed`). The rows pass through undecoded."""

    items: msgspec.Raw
    next: Any = None


_decode_list = msgspec.json.Decoder(_Listed).decode


async def _page(operation: Operation, context: RequestContext, args: dict[str, Any]) -> Response:
    """Keyset pagination. The cursor is bound to the list, the tenant and the filters."""
    cursor, fields = args.pop("cursor", None), _fields(operation, args.pop("fields", None))
    filters = {name: value for name, value in args.items() if name != "limit"}
    listed = json.dumps([operation.method, context.principal.tenant, filters], sort_keys=True)
    if cursor:
        args["after"] = context.state.cursors.read(cursor, listed)
    found = _decode_list(await context.ask(operation.service, operation.method, args))
    following = None if found.next is None else context.state.cursors.write(found.next, listed)
    items = _only(fields, found.items) if fields else found.items
    return Response(msgspec.json.encode({"items": items, "cursor": following}), 200, media_type="application/json")


def _fields(operation: Operation, text: str | None) -> list[str]:
    """Returns the requested fields of each row, separated by commas; an empty list means all."""
    if text is None:
        return []
    known, requested = operation.row.__struct_fields__, text.split(",")
    if unknown := [name for name in requested if name not in known]:
        en = f"a row has no {', '.join(unknown)}; it has {', '.join(known)}"
        raise Invalid(("fields", en, f"列表项没有字段 {'、'.join(unknown)}，可选字段：{'、'.join(known)}"))
    return requested


def _only(fields: list[str], items: msgspec.Raw) -> list[dict[str, Any]]:
    """Returns sparse rows with only these fields."""
    return [
        {name: row[name] for name in fields if name in row}
        for row in msgspec.json.decode(items, type=list[dict[str, Any]])
    ]
