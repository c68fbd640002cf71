"""The door refuses only what its limit would refuse, and knows every operation by verb and path."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from gateway import routes
from gateway.api.admission import Admission, Paths
from gateway.api.operation import Operation
from gateway.http.places import UNVERIFIED

OPERATIONS = [operation for table in routes.tables().values() for operation in table]
READ, FOLLOW = (
    next(operation for operation in OPERATIONS if operation.path == path) for path in ("/v1/cases/{case}", "/v1/follow")
)


def example(path: str) -> str:
    return "/".join("7" if segment.startswith("{") else segment for segment in path.split("/"))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation.verb} {operation.path}")
def test_each_operation_is_found_by_its_verb_and_path(operation: Operation) -> None:
    assert Paths(OPERATIONS).find(operation.verb, example(operation.path)) is operation


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/cases/7/", "/v1/cases//7", "/v1/nothing", "//v1/cases", "/docs"])
def test_what_is_no_operation_goes_on(path: str) -> None:
    assert Paths(OPERATIONS).find("GET", path) is None


class Door:
    """`full`: the operation and the tenant that are refused."""

    def __init__(self, *full: tuple[Operation, str]) -> None:
        self._full = full
        self._admission = Admission(self._app, OPERATIONS, self._is_full, {"known": "wuhai"}.get)
        self.sent: list[Message] = []
        self.came_through = False

    def _is_full(self, operation: Operation, tenant: str) -> bool:
        return (operation, tenant) in self._full

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.came_through = True

    async def lets(self, operation: Operation, **headers: str) -> bool:
        scope: dict[str, Any] = {
            "type": "http",
            "method": operation.verb,
            "path": example(operation.path),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "state": {"correlation_id": "c-1"},
        }
        await self._admission(scope, _no_body, self._keep)
        return self.came_through

    async def _keep(self, message: Message) -> None:
        self.sent.append(message)


async def _no_body() -> Message:
    raise AssertionError("the body was read")


pytestmark = pytest.mark.anyio


async def test_a_call_of_a_full_method_is_refused_and_another_one_goes_on() -> None:
    door = Door((READ, "wuhai"))
    assert not await door.lets(READ, authorization="Bearer known")
    assert [message["type"] for message in door.sent] == ["http.response.start", "http.response.body"]
    assert door.sent[0]["status"] == 503
    assert int(dict(door.sent[0]["headers"])[b"retry-after"]) > 0
    assert int(dict(door.sent[0]["headers"])[b"content-length"]) == len(door.sent[1]["body"])
    assert await Door((READ, "wuhai")).lets(FOLLOW, authorization="Bearer known")
    assert await Door((READ, "yaan")).lets(READ, authorization="Bearer known")


@pytest.mark.parametrize("authorization", ["Bearer unknown", "Bearer", "Basic known", "known"])
async def test_whoever_is_not_known_goes_on_to_the_sign_in(authorization: str) -> None:
    assert await Door((READ, "wuhai"), (READ, UNVERIFIED)).lets(READ, authorization=authorization)


async def test_all_who_did_not_sign_in_share_one_place_where_that_is_allowed() -> None:
    assert not await Door((FOLLOW, UNVERIFIED)).lets(FOLLOW)
    assert await Door((READ, UNVERIFIED)).lets(READ), "the endpoint asks for a sign-in"
