"""Which failures of the database are answered with "try again", and which are a fault of ours."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from amqp.exceptions import AccessRefused, ConnectionForced
from bson.errors import InvalidDocument
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    InvalidOperation,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
    WriteError,
    WTimeoutError,
)

from chassis.entrypoints.delivery import Batch, Delivery
from chassis.entrypoints.incoming_call import Incoming
from chassis.errors import Unavailable
from chassis.messaging import amqp
from chassis.messaging.wire import WireCall
from chassis.persistence.failures import is_away

BAD_VALUE, OUT_OF_DISK_SPACE, UNAUTHORIZED = 2, 14031, 13
AWAY: list[Exception] = [
    AutoReconnect(),
    NetworkTimeout("slow"),
    ServerSelectionTimeoutError(),
    NotPrimaryError("stepped down"),
]
PASSING: list[Exception] = [
    *AWAY,
    ExecutionTimeout("slow", 50),
    WTimeoutError("slow", 64),
    WriteConcernError("slow", 64),
    OperationFailure("no space", OUT_OF_DISK_SPACE),
    WriteError("no space", OUT_OF_DISK_SPACE),
    OperationFailure("its library panics", 1),
    OperationFailure("wait", BAD_VALUE, {"errorLabels": ["RetryableWriteError"]}),
    BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 64}]}),
    BulkWriteError({"writeErrors": [{"code": OUT_OF_DISK_SPACE}], "writeConcernErrors": []}),
]
REFUSED: list[Exception] = [
    OperationFailure("bad value", BAD_VALUE),
    OperationFailure("no code"),
    OperationFailure("not allowed", UNAUTHORIZED),
    WriteError("bad value", BAD_VALUE),
    DuplicateKeyError("taken", 11000),
    BulkWriteError({"writeErrors": [{"code": BAD_VALUE}], "writeConcernErrors": []}),
    InvalidOperation("closed"),
    ConfigurationError("wrong"),
    PyMongoError("whatever"),
    InvalidDocument("no BSON"),
    DocumentTooLarge("17 MB"),
    OverflowError("beyond 8 bytes"),
]


def answered(error: Exception) -> dict[str, Any]:
    replies: list[bytes] = []
    runtime = SimpleNamespace(
        clock=SimpleNamespace(now=lambda: None),
    )

    def refuse(*_: object) -> None:
        raise error

    entry: Any = SimpleNamespace(arguments=SimpleNamespace(read=lambda _: {}))
    anything: Any = SimpleNamespace(answered=lambda _: None, ended=lambda: None)
    wire = WireCall(id="c", method="report", args={}, principal="p", deadline=1e12)
    caller: Any = SimpleNamespace(tenant="wuhai", subject="u")
    Incoming(entry, wire, caller, anything, anything, runtime, replies.append).run(refuse)
    problem: dict[str, Any] = msgspec.json.decode(replies[0])["problem"]
    return problem


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_a_database_that_is_away_or_busy_is_answered_with_try_again(error: Exception) -> None:
    problem = answered(error)
    assert (problem["status"], problem["data"]) == (503, {"retry_after": 2})


@pytest.mark.parametrize("error", REFUSED, ids=lambda error: type(error).__name__)
def test_what_the_database_refuses_is_a_fault_of_ours_and_logged(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        problem = answered(error)
    assert (problem["status"], "retry_after" in problem["data"]) == (500, False)
    assert caplog.records[-1].exc_info


def test_a_call_gives_back_its_place_and_is_answered_though_nobody_has_words_for_its_problem() -> None:
    given_back: list[str] = []
    replies: list[bytes] = []

    def fail(*_: object) -> None:
        raise Unavailable()

    def no_words(*_: object) -> None:
        raise ZeroDivisionError

    ticket: Any = SimpleNamespace(answered=lambda _: given_back.append("ticket"))
    queue: Any = SimpleNamespace(ended=lambda: given_back.append("worker"))
    entry: Any = SimpleNamespace(arguments=SimpleNamespace(read=lambda _: {}))
    runtime: Any = SimpleNamespace(clock=SimpleNamespace(now=lambda: None))
    caller: Any = SimpleNamespace(tenant="wuhai", subject="u")
    wire = WireCall(id="c", method="report", args={}, principal="p", deadline=1e12)
    speaking: Any = SimpleNamespace(name=no_words, time=no_words)
    Incoming(entry, wire, caller, ticket, queue, runtime, replies.append).run(fail, lambda _: speaking)
    assert given_back == ["ticket", "worker"]
    assert msgspec.json.decode(replies[0])["problem"]["status"] == 503


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (ConnectionRefusedError(), True),
        (TimeoutError(), True),
        (ConnectionForced("shutdown", (10, 50)), True),
        (AccessRefused("write access refused", (60, 40)), False),
        (FileNotFoundError(), False),
    ],
)
def test_a_lost_broker_may_come_back_but_one_that_refuses_will_refuse_again(error: Exception, away: bool) -> None:
    assert amqp.is_away(error) is away


def delivery(tenant: str, subject: str) -> Any:
    message = SimpleNamespace(
        delivery_info={"delivery_tag": 1, "redelivered": False, "exchange": "linli.events", "routing_key": ""},
        headers={},
        body=b"",
    )
    made = Delivery(message)
    made.received = cast(Any, SimpleNamespace(tenant=tenant, envelope=SimpleNamespace(subject=subject)))
    return made


@pytest.mark.parametrize("error", [*PASSING, *REFUSED], ids=lambda error: type(error).__name__)
def test_only_a_database_that_is_away_fails_no_try_of_an_event_and_is_asked_once_for_its_city(error: Exception) -> None:
    asked: list[str] = []

    def handle(received: Any) -> None:
        asked.append(received.tenant)
        raise error

    deliveries = [delivery("wuhai", "a"), delivery("wuhai", "b"), delivery("yaan", "c")]
    Batch(deliveries).run("handler", handle)
    assert {each.is_without_database for each in deliveries} == {is_away(error)} == {error in AWAY}
    assert asked.count("wuhai") == (1 if is_away(error) else 2)
    assert asked.count("yaan") == 1
