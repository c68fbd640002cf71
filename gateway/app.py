"""ASGI application: routes, error handlers, the OpenAPI document and the API reference page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from chassis.errors import Problem
from chassis.process.version import VERSION
from gateway import routes
from gateway.api import document
from gateway.api.endpoint import add
from gateway.auth import routes as sign_in
from gateway.events import routes as live
from gateway.http import problems
from gateway.http.middleware import PAGES, Edge
from gateway.http.problems import BadRequest, MethodNotAllowed, NoSuchRoute
from gateway.photos import routes as photos
from gateway.request_context import AppState

OPERATIONS = routes.tables()
#: Overhead in bytes of a multipart form around its file; maximum size in bytes of a file in JSON.
_FORM_BYTES, _FILE_BYTES = 4096, 2_000_000
#: Maximum size in bytes of what anybody may send before we know who it is.
_SIGN_IN_PATHS, _SIGN_IN_BYTES = ("/v1/sessions", "/v1/users/register"), 16_384
_PAGE = Path(__file__).parent / "page"
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


def create(state: AppState) -> ASGIApp:
    """Application factory."""
    # `Edge` does metrics and traces. FastAPI's own looks up a provider on each request, a quarter of its time.
    silent: Any = {"tracing": False, "metrics": False, "logs": False}
    app = FastAPI(title="Linli", version=VERSION, openapi_url=None, docs_url=None, redoc_url=None, telemetry=silent)
    _show_problems(app)
    for tag, operations in OPERATIONS.items():
        add(app.router, state, tag, operations)
    for special in (sign_in, photos, live):
        special.add_to(app.router, state)
    _publish_api(app)
    _serve_page(app)
    if state.settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=state.settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Linli-Tenant"],
            expose_headers=["ETag", "Location", "Retry-After", "X-Correlation-ID"],
        )
    settings = state.settings
    return Edge(
        app,
        size=settings.request_bytes,
        sizes={
            photos.PATH: settings.photo_bytes + _FORM_BYTES,
            **dict.fromkeys(_SIGN_IN_PATHS, _SIGN_IN_BYTES),
            **{operation.path: _FILE_BYTES for table in OPERATIONS.values() for operation in table if operation.bulk},
        },
        https=settings.public_url.startswith("https://"),
    )


def _show_problems(app: FastAPI) -> None:
    async def show(request: Request, error: Exception) -> Response:
        language = problems.language(request.headers.get("accept-language", ""))
        problem, is_read = _problem_of(request, error), request.method == "GET"
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
        return MethodNotAllowed(method=request.method, allowed=_allowed(request))
    return BadRequest(reason=error.detail)


def _allowed(request: Request) -> list[str]:
    """Returns the methods of all routes that match this path."""
    routes = (route for route in request.app.routes if isinstance(route, Route))
    methods = (route.methods or () for route in routes if route.path_regex.match(request.url.path))
    return sorted(set().union(*methods))


def _publish_api(app: FastAPI) -> None:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            operations = (operation for table in OPERATIONS.values() for operation in table)
            app.openapi_schema = document.build(app.routes, [*operations, photos.SEND], sign_in.TYPES)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to extend it

    @app.get("/v1/openapi.json", include_in_schema=False)
    async def described() -> dict[str, Any]:
        return app.openapi()


def _serve_page(app: FastAPI) -> None:
    files = {path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in _PAGE.iterdir()}

    @app.get("/", include_in_schema=False)
    async def front() -> Response:
        return RedirectResponse(PAGES)

    @app.get(PAGES, include_in_schema=False)
    async def page() -> Response:
        content, kind = files["index.html"]
        return Response(content, media_type=kind)

    @app.get(PAGES + "/{name}", include_in_schema=False)
    async def asset(name: str) -> Response:
        if name not in files:
            raise NoSuchRoute()
        content, kind = files[name]
        return Response(content, media_type=kind)
