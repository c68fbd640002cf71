"""ASGI application: routes, error handlers, the OpenAPI document and the API reference page."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from chassis.errors import Problem
from chassis.process.version import VERSION
from gateway import reference_page, routes
from gateway.api import document, methods
from gateway.api.admission import Admission
from gateway.api.endpoint import add
from gateway.api.operation import Operation
from gateway.api.packed import Packed
from gateway.auth import routes as sign_in
from gateway.events import routes as live
from gateway.http import problems
from gateway.http.middleware import Edge, api_headers
from gateway.http.problems import BadRequest, MethodNotAllowed, NoSuchRoute
from gateway.openrosa import routes as openrosa
from gateway.photos import routes as photos
from gateway.request_context import AppState

OPERATIONS = routes.tables()
#: Overhead in bytes of a multipart form around its file; maximum size in bytes of a file in JSON.
_FORM_BYTES, _FILE_BYTES = 4096, 2_000_000
#: Maximum size in bytes of what anybody may send before we know who it is.
_SIGN_IN_PATHS, _SIGN_IN_BYTES = ("/v1/sessions", "/v1/users/register"), 16_384
#: The headers of the API that a page of another origin may send.
_READ_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "Linli-Tenant",
    "Linli-Visit",
)


def create(state: AppState) -> ASGIApp:
    """Application factory."""
    # `Edge` does metrics and traces. FastAPI's own looks up a provider on each request, a quarter of its time.
    silent: Any = {"tracing": False, "metrics": False, "logs": False}
    app = FastAPI(title="Linli", version=VERSION, openapi_url=None, docs_url=None, redoc_url=None, telemetry=silent)
    _show_problems(app)
    for operations in OPERATIONS.values():
        add(app.router, state, operations)
    for special in (sign_in, photos, live, openrosa):
        special.add_to(app.router, state)
    _publish_api(app)
    reference_page.add_to(app.router)
    methods.add_head(app.router)
    settings = state.settings
    # Only trusted proxies may set the client address, which some rate limits count by.
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)  # type: ignore[arg-type]
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=_READ_HEADERS,
            expose_headers=["ETag", "Location", "Retry-After", "X-Correlation-ID"],
        )
    sizes = {
        photos.PATH: settings.photo_bytes + _FORM_BYTES,
        openrosa.SUBMISSION: openrosa.SIZE,
        **dict.fromkeys(_SIGN_IN_PATHS, _SIGN_IN_BYTES),
        **{operation.path: _FILE_BYTES for operation in _every_operation() if operation.bulk},
    }
    return Edge(app, size=settings.request_bytes, sizes=sizes, https=_is_https(state))


def admission(state: AppState) -> Admission:
    """Builds the door in front of the application."""

    def lets_in(operation: Operation, tenant: str) -> bool:
        return state.rpc.lets_in(operation.service, operation.method, tenant)

    return Admission(_every_operation(), lets_in, state.callers.tenant_of, api_headers(https=_is_https(state)))


def _is_https(state: AppState) -> bool:
    return state.settings.public_url.startswith("https://")


def _every_operation() -> Iterator[Operation]:
    return (operation for table in OPERATIONS.values() for operation in table)


def _show_problems(app: FastAPI) -> None:
    async def show(request: Request, error: Exception) -> Response:
        language = problems.language(request.headers.get("accept-language", ""))
        problem, is_read = _problem_of(request, error), request.method in ("GET", "HEAD")
        if isinstance(problem, MethodNotAllowed) and request.method == "OPTIONS":
            return methods.options(request)
        return problems.response(problem, language, request.state.correlation_id, is_read=is_read)

    for kind in (Problem, HTTPException, Exception):
        app.add_exception_handler(kind, show)


def _problem_of(request: Request, error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error.__cause__, Problem):
        return error.__cause__  # raised while the framework read the body
    if not isinstance(error, HTTPException):
        return Problem()
    if error.status_code == 404:
        return NoSuchRoute()
    if error.status_code == 405:
        return MethodNotAllowed(method=request.method, allowed=methods.allowed_at(request))
    return BadRequest(reason="it is malformed", detail=error.detail)


def _publish_api(app: FastAPI) -> None:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document.build(app.routes, [*_every_operation(), photos.SEND], sign_in.TYPES)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to extend it

    @cache
    def packed() -> Packed:
        return Packed(msgspec.json.encode(app.openapi()), "application/json")

    @app.get("/v1/openapi.json", include_in_schema=False)
    async def described(request: Request) -> Response:
        return packed().answer(request)
