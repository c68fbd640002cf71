"""Operations endpoints `/metrics`, `/livez` and `/readyz`, on a separate port that is not reachable from outside.

`/readyz/serving` answers for one check alone, as the API server of Kubernetes does it.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.process.version import VERSION


def application(health: Callable[[], dict[str, str]]) -> ASGIApp:
    """ASGI application. `health` returns `up` for each dependency, or why it is not."""

    def answer(path: str) -> Response:
        if path == "/metrics":
            return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
        if path == "/livez":
            return _json(200, {"version": VERSION})
        page, _, check = path.removeprefix("/").partition("/")
        checks = health() if page == "readyz" else {}
        asked = {check: checks[check]} if check in checks else {} if check else checks
        if asked:
            ready = all(state == "up" for state in asked.values())
            return _json(200 if ready else 503, {"version": VERSION, "checks": asked})
        return Response("/metrics /livez /readyz\n", 404)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(scope["path"])(scope, receive, send)

    return app


def _json(status: int, content: dict[str, object]) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
