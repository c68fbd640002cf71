"""ASGI middleware around the API: correlation id, trace, size limit, security headers, access log and metrics."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Mapping
from functools import cache
from urllib.parse import unquote_to_bytes

from prometheus_client import Counter, Histogram
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.errors import Problem
from chassis.ids import uuid7
from gateway import metrics
from gateway.http import problems
from gateway.http.problems import BadRequest, TooLarge

log = logging.getLogger("gateway.requests")

_NOT_UTF_8 = "the address must be percent-encoded UTF-8"
_LENGTH = re.compile(rb"[0-9]{1,18}")
_CORRELATION = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})")
_SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
]
_API_HEADERS = [
    *_SECURITY,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
]
# The API reference runs scripts and styles of this host alone; Swagger UI draws its signs from data.
_PAGE_HEADERS = [
    *_SECURITY,
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
]
PAGES = "/docs"


def api_headers(*, https: bool) -> list[tuple[bytes, bytes]]:
    """Returns the headers of each answer of the API, but for its correlation id."""
    return _API_HEADERS + _transport(https=https)


def _transport(*, https: bool) -> list[tuple[bytes, bytes]]:
    return [(b"strict-transport-security", b"max-age=31536000; includeSubDomains")] if https else []


class Edge:
    """Pure ASGI middleware. `size`: maximum bytes of a request; `sizes`: exceptions by path prefix."""

    def __init__(self, app: ASGIApp, *, size: int, sizes: Mapping[str, int], https: bool) -> None:
        self._app = app
        self._size = size
        self._sizes = dict(sizes)
        self._api_headers = api_headers(https=https)
        self._page_headers = _PAGE_HEADERS + _transport(https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(reversed(scope["headers"]))  # the first of each name
        state = scope.setdefault("state", {})
        state["correlation_id"] = correlation = correlation_id(headers.get(b"x-correlation-id", b"").decode("latin-1"))
        state["traceparent"] = _trace(headers.get(b"traceparent", b"").decode("latin-1"))
        fixed = self._page_headers if scope["path"].startswith(PAGES) else self._api_headers
        added = [*fixed, (b"x-correlation-id", correlation.encode())]
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *added, *state.get("headers", ())]
            await send(message)

        started = time.perf_counter()
        metrics.requests_now.inc()
        try:
            if _is_readable(scope):
                await self._sized(scope, headers, receive, send_with_headers)
            else:
                await _refuse(BadRequest(reason=_NOT_UTF_8), scope, receive, send_with_headers)
        except ClientDisconnect:
            status = 499  # as nginx calls it; nobody is there to read an answer
        finally:
            metrics.requests_now.dec()
            route = getattr(scope.get("route"), "path", "unknown")
            seconds = time.perf_counter() - started
            record(route, scope["method"], status, seconds)
            _log(route, scope["method"], status, seconds)

    async def _sized(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
        limit = next((size for prefix, size in self._sizes.items() if scope["path"].startswith(prefix)), self._size)
        length = headers.get(b"content-length", b"")
        if _LENGTH.fullmatch(length):
            if int(length) > limit:
                await _refuse(TooLarge(limit=limit), scope, receive, send)
            else:
                await self._app(scope, receive, send)  # the server enforces the announced length
        else:
            await self._app(scope, _counted(receive, limit), send)


def _is_readable(scope: Scope) -> bool:
    """Returns whether the address is text. Starlette would put U+FFFD or other letters for what is not, and go on."""
    target = (scope.get("raw_path") or b"") + b"?" + scope["query_string"]  # a server may leave the raw path out
    try:
        return target.isascii() and (b"%" not in target or bool(unquote_to_bytes(target).decode()))
    except UnicodeDecodeError:
        return False


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    accept = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    language = problems.language(accept.decode("latin-1"))
    await problems.response(problem, language, scope["state"]["correlation_id"])(scope, receive, send)


def _counted(receive: Receive, limit: int) -> Receive:
    """Wraps `receive` for a body without an announced length; raises `TooLarge` once it exceeds the limit."""
    received = 0

    async def count() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise TooLarge(limit=limit)
        return message

    return count


def correlation_id(given: str) -> str:
    return given if _CORRELATION.fullmatch(given) else uuid7()


def _trace(given: str) -> str:
    """Returns the caller's trace (W3C Trace Context) with a new span, or a new trace."""
    found = _TRACEPARENT.fullmatch(given)
    trace, flags = (found[1], found[2]) if found else (os.urandom(16).hex(), "00")
    return f"00-{trace}-{os.urandom(8).hex()}-{flags}"


def record(route: str, method: str, status: int, seconds: float) -> None:
    """Counts a request in the metrics."""
    count, times = _meters(route, method, status)
    count.inc()
    times.observe(seconds)


@cache  # a tenth of the time of a refusal
def _meters(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    return metrics.requests.labels(route, method, status), metrics.request_seconds.labels(route)


def _log(route: str, method: str, status: int, seconds: float) -> None:
    level = logging.ERROR if status >= 500 else logging.INFO
    if log.isEnabledFor(level):
        log.log(level, "%s %s %d %.1f ms", method, route, status, seconds * 1000)
