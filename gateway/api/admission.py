"""Admission control: a call that its limit would refuse is refused before routing, sign-in and body cost anything.

Whoever refuses ten times what can be borne has little time for each. A refusal here costs a tenth of one by the
endpoint, which decides likewise, by the same limit, for whatever comes through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.errors import Overloaded
from gateway.api.operation import Operation
from gateway.http import problems
from gateway.http.places import UNVERIFIED

#: Whether a call of the operation for the tenant would be refused now.
IsFull = Callable[[Operation, str], bool]
#: The tenant whose share a bearer token uses; None if nobody has signed in with it here.
TenantOf = Callable[[str], str | None]
_NO_ID = "-" * 8


class Admission:
    """ASGI middleware around the API.

    It refuses only whom it knows: a token that is not remembered goes on to the sign-in, which has its own limit.
    """

    def __init__(self, app: ASGIApp, operations: Iterable[Operation], is_full: IsFull, tenant_of: TenantOf) -> None:
        self._app = app
        self._paths = Paths(operations)
        self._is_full = is_full
        self._tenant_of = tenant_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = self._paths.find(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if operation is None or not self._refuses(operation, scope):
            await self._app(scope, receive, send)
            return
        scope["route"] = operation  # its path is the label of the metrics
        scope["state"]["is_shed"] = True
        for message in _refusal(scope):
            await send(message)

    def _refuses(self, operation: Operation, scope: Scope) -> bool:
        authorization = _header(scope, b"authorization")
        scheme, _, token = authorization.partition(" ")
        if authorization:
            tenant = self._tenant_of(token) if scheme.lower() == "bearer" else None
        else:
            tenant = UNVERIFIED if operation.public else None
        return tenant is not None and self._is_full(operation, tenant)


class Paths:
    """Trie of the operations' paths by segment, where a parameter takes whatever no other operation has there."""

    _PARAMETER = "{}"

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root: dict[str, Any] = {}
        for operation in operations:
            node = self._root
            for segment in operation.path.split("/"):
                node = node.setdefault(self._PARAMETER if segment.startswith("{") else segment, {})
            node[f"/{operation.verb}"] = operation

    def find(self, verb: str, path: str) -> Operation | None:
        node = self._root
        for segment in path.split("/"):
            node = node.get(segment) or node.get(self._PARAMETER, {})
        found: Operation | None = node.get(f"/{verb}")
        return found


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _refusal(scope: Scope) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns the messages of the response: made once for each language, but for the correlation id."""
    language = problems.language(_header(scope, b"accept-language"))
    status, headers, body = _response(language, is_read=scope["method"] == "GET")
    body = body.replace(_NO_ID.encode(), scope["state"]["correlation_id"].encode())
    length = (b"content-length", str(len(body)).encode())
    return (
        {"type": "http.response.start", "status": status, "headers": [*headers, length]},
        {"type": "http.response.body", "body": body},
    )


@cache
def _response(language: str, *, is_read: bool) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    response = problems.response(Overloaded(), language, _NO_ID, is_read=is_read)
    headers = [header for header in response.raw_headers if header[0] != b"content-length"]
    return response.status_code, headers, bytes(response.body)
