"""The door refuses only what its limit would refuse, and knows every operation by verb and path."""

from __future__ import annotations

import msgspec
import pytest

from gateway import routes
from gateway.api.admission import Admission, Paths
from gateway.api.operation import Operation
from gateway.http.middleware import api_headers
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
        headers = api_headers(https=False)
        self._admission = Admission(OPERATIONS, self._lets_in, {"known": "wuhai"}.get, headers)

    def _lets_in(self, operation: Operation, tenant: str) -> bool:
        return (operation, tenant) not in self._full

    def refusal(self, operation: Operation, **headers: str) -> bytes | None:
        return self._admission.refusal(
            {
                "type": "http",
                "method": operation.verb,
                "path": example(operation.path),
                "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            }
        )

    def lets(self, operation: Operation, **headers: str) -> bool:
        return self.refusal(operation, **headers) is None


def test_a_call_of_a_full_method_is_refused_and_another_one_goes_on() -> None:
    assert not Door((READ, "wuhai")).lets(READ, authorization="Bearer known")
    assert Door((READ, "wuhai")).lets(FOLLOW, authorization="Bearer known")
    assert Door((READ, "yaan")).lets(READ, authorization="Bearer known")


@pytest.mark.parametrize(("accept", "word"), [("en", "Too many requests"), ("zh-CN", "等待处理的请求过多")])
def test_a_refusal_is_a_whole_answer_in_the_language_of_the_caller(accept: str, word: str) -> None:
    headers = {"authorization": "Bearer known", "accept-language": accept, "x-correlation-id": "c-1"}
    raw = Door((READ, "wuhai")).refusal(READ, **headers)
    assert raw is not None
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    said = dict(line.split(": ", 1) for line in lines)
    assert status.startswith("HTTP/1.1 503 ")
    assert int(said["content-length"]) == len(body)
    assert int(said["retry-after"]) > 0
    assert said["x-correlation-id"] == msgspec.json.decode(body)["correlation_id"] == "c-1"
    assert said["cache-control"] == "no-store"
    assert word in body.decode()


def test_a_page_of_another_origin_goes_on_to_where_it_is_named() -> None:
    assert Door((READ, "wuhai")).lets(READ, authorization="Bearer known", origin="https://page.example")


@pytest.mark.parametrize("authorization", ["Bearer unknown", "Bearer", "Basic known", "known"])
def test_whoever_is_not_known_goes_on_to_the_sign_in(authorization: str) -> None:
    assert Door((READ, "wuhai"), (READ, UNVERIFIED)).lets(READ, authorization=authorization)


def test_all_who_did_not_sign_in_share_one_place_where_that_is_allowed() -> None:
    assert not Door((FOLLOW, UNVERIFIED)).lets(FOLLOW)
    assert Door((READ, UNVERIFIED)).lets(READ), "the endpoint asks for a sign-in"
