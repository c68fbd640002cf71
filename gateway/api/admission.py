"""Admission control: a call that its limit would refuse is refused before routing, sign-in and body cost anything.

Whoever refuses ten times what can be borne has little time for each. A refusal here costs a tenth of one by the
endpoint, which decides likewise, by the same limit, for whatever comes through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, TypeAlias

from starlette.types import Scope

from chassis.errors import Overloaded
from gateway.api.operation import Operation
from gateway.http import problems
from gateway.http.middleware import correlation_id, record
from gateway.http.places import UNVERIFIED

#: Whether a call of the operation for the tenant has room; if so, it has a place until its task runs.
LetsIn = Callable[[Operation, str], bool]
#: The tenant whose share a bearer token uses; None if nobody has signed in with it here.
TenantOf = Callable[[str], str | None]
_NO_ID = b"-" * 8
Header: TypeAlias = tuple[bytes, bytes]


class Admission:
    """Asked by the connection for each request.

    It refuses only whom it knows: a token that is not remembered goes on to the sign-in, which has its own limit. The
    page of another origin goes on, too: it can only read an answer that names it (CORS).
    """

    def __init__(
        self, operations: Iterable[Operation], lets_in: LetsIn, tenant_of: TenantOf, headers: Sequence[Header]
    ) -> None:
        """`headers`: those of each answer of the API."""
        self._paths = Paths(operations)
        self._lets_in = lets_in
        self._tenant_of = tenant_of
        self._headers = tuple(headers)

    def refusal(self, scope: Scope) -> bytes | None:
        """Returns the response to a request of this ASGI scope, or None if it is not refused here."""
        operation = self._paths.find(scope["method"], scope["path"])
        if operation is None or _header(scope, b"origin") or not self._refuses(operation, scope):
            return None
        language = problems.language(_header(scope, b"accept-language"))
        status, head, body = _response(self._headers, language, is_read=scope["method"] == "GET")
        correlation = correlation_id(_header(scope, b"x-correlation-id")).encode()
        body = body.replace(_NO_ID, correlation)
        record(operation.path, operation.verb, status, 0.0)  # no line in the log: that would be a load of its own
        return b"%bx-correlation-id: %b\r\ncontent-length: %d\r\n\r\n%b" % (head, correlation, len(body), body)

    def _refuses(self, operation: Operation, scope: Scope) -> bool:
        authorization = _header(scope, b"authorization")
        scheme, _, token = authorization.partition(" ")
        if authorization:
            tenant = self._tenant_of(token) if scheme.lower() == "bearer" else None
        else:
            tenant = UNVERIFIED if operation.public else None
        return tenant is not None and not self._lets_in(operation, tenant)


class Paths:
    """Trie of the operations' paths by segment, where a parameter takes whatever no other operation has there."""

    _PARAMETER = "{}"

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root: dict[str, Any] = {}
        self._longest = 0
        for operation in operations:
            node, segments = self._root, operation.path.split("/")
            self._longest = max(self._longest, len(segments))
            for segment in segments:
                node = node.setdefault(self._PARAMETER if segment.startswith("{") else segment, {})
            node[f"/{operation.verb}"] = operation

    def find(self, verb: str, path: str) -> Operation | None:
        node = self._root
        for segment in path.split("/", self._longest):
            node = node.get(segment) or node.get(self._PARAMETER, {})
        found: Operation | None = node.get(f"/{verb}")
        return found


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


@cache
def _response(headers: tuple[Header, ...], language: str, *, is_read: bool) -> tuple[int, bytes, bytes]:
    """Returns the status, the status line with all headers but those that differ, and the body without its id."""
    response = problems.response(Overloaded(), language, _NO_ID.decode(), is_read=is_read)
    own = [header for header in response.raw_headers if header[0] != b"content-length"]
    lines = [b"HTTP/1.1 %d " % response.status_code, *(b"%b: %b" % header for header in (*headers, *own)), b""]
    return response.status_code, b"\r\n".join(lines), bytes(response.body)
