"""HEAD and OPTIONS of every address, and its `Allow`: what HTTP promises beside the operations (RFC 9110)."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def add_head(router: APIRouter) -> None:
    """Lets HEAD go wherever GET does; the server leaves out the body.

    Call it last: routes are tried in order, and HEAD is rare.
    """
    for route in [each for each in router.routes if isinstance(each, APIRoute) and "GET" in (each.methods or ())]:
        router.add_api_route(
            route.path,
            route.endpoint,
            methods=["HEAD"],
            include_in_schema=False,
            response_model=None,
            route_class_override=type(route),
        )


def allowed_at(request: Request) -> list[str]:
    """Returns the methods of all routes that match this path, and OPTIONS, which every address answers."""
    routes = (route for route in request.app.routes if isinstance(route, Route))
    methods = (route.methods or () for route in routes if route.path_regex.match(request.url.path))
    return sorted({"OPTIONS"}.union(*methods))


def options(request: Request) -> Response:
    return Response(status_code=204, headers={"Allow": ", ".join(allowed_at(request))})
