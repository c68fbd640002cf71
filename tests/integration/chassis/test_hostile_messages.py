"""Whatever comes over the broker ends no service: an event is parked or handled, a call is answered."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.envelope import encode
from launcher.commands import parked
from launcher.servers.process import wait_until
from tests.integration.chassis.anyone import Broker, added
from tests.servers.caller import Caller
from tests.servers.hostile import DEEP, Properties, bodies, properties
from tests.servers.site import Running

LAST = "cases.tally.added.v1"
QUICK = settings(max_examples=30, suppress_health_check=list(HealthCheck), derandomize=True)
EVENT: dict[str, Any] = msgspec.json.decode(encode(added("wuhai", "a", by=1)))


@pytest.fixture
def same_process(sample: Running) -> Any:
    before = sample.process.pid
    yield
    assert sample.process.alive
    assert sample.process.pid == before


def test_no_message_stops_the_events_behind_it(
    caller: Caller, as_anyone: Broker, tenant: str, total: Callable[[str], int], same_process: None
) -> None:
    keys = st.sampled_from([f"{tenant}.{LAST}", f"wuhai.{LAST}", b"\xff\xfe." + LAST.encode()])

    @QUICK
    @given(st.lists(st.tuples(bodies(EVENT, "data"), properties(), keys), max_size=4), st.booleans())
    def handled(hostile: list[tuple[bytes, Properties, Any]], is_retry: bool) -> None:
        name = uuid.uuid4().hex
        caller("sum", name=name)
        for body, odd, key in hostile:
            as_anyone.channel.basic_publish(
                "cases.again" if is_retry else "linli.events", "again" if is_retry else key, body, odd
            )
        as_anyone.publish(added(tenant, name, by=1, subject=name))
        assert wait_until(lambda: total(name) == 1, 60)

    handled()
    reasons = {str((each.headers or {}).get("linli-reason")) for _, each, _ in as_anyone.messages("cases.parked")}
    assert "unreadable_message" in reasons


@pytest.mark.parametrize("value", ["abc", -1, 2**62, [1]])
def test_a_count_of_tries_that_this_service_cannot_have_written_is_none(
    caller: Caller, as_anyone: Broker, tenant: str, total: Callable[[str], int], same_process: None, value: Any
) -> None:
    event = added(tenant, "late", by=1)
    as_anyone.publish(event, "again", "cases.again", **{"linli-key": event.routing_key, "linli-tries": value})
    assert wait_until(lambda: as_anyone.waiting("cases.retry.1") == 1, 60)
    caller("sum", name="late")
    assert wait_until(lambda: total("late") == 1, 60)


def test_a_header_of_a_foreign_exchange_is_no_count_of_tries(
    caller: Caller, as_anyone: Broker, tenant: str, total: Callable[[str], int]
) -> None:
    as_anyone.publish(added(tenant, "late", by=1), **{"linli-tries": 6})
    caller("sum", name="soon")
    as_anyone.publish(added(tenant, "soon", by=2, subject="T2"))
    assert wait_until(lambda: total("soon") == 2, 60)
    assert list(as_anyone.messages("cases.parked")) == []
    caller("sum", name="late")
    assert wait_until(lambda: total("late") == 1, 60)


def test_no_request_stops_the_calls_behind_it(caller: Caller, as_anyone: Broker, same_process: None) -> None:
    good = caller.call("read", tally="none")

    @QUICK
    @given(
        bodies({"calls": [good]}, "calls") | bodies(good, "args").map(lambda call: b'{"calls":[' + call + b"]}"),
        properties(reply_to=b"replies.nobody"),
    )
    def answered(body: bytes, odd: Properties) -> None:
        as_anyone.channel.basic_publish("linli.requests", "cases", body, odd)
        assert caller("read", tally="none")["problem"]["code"] == "not_found"

    answered()


@pytest.mark.parametrize("body", [b"{", DEEP, b'{"calls":[{"id":"\xff"}]}'])
def test_a_message_of_calls_that_cannot_be_read_is_answered_with_its_id(caller: Caller, body: bytes) -> None:
    caller.send_raw(body, message_id="m-1")
    assert caller.wait(["m-1"])[0]["problem"]["code"] == "unreadable_request"


@QUICK
@given(st.lists(st.tuples(bodies(EVENT, "data"), properties()), min_size=1, max_size=4))
def test_any_parked_message_is_listed_replayed_and_dropped(
    as_anyone: Broker, hostile: list[tuple[bytes, Properties]]
) -> None:
    def act(what: str) -> None:
        # The count that a quorum queue tells lags behind what was put back.
        assert wait_until(lambda: as_anyone.waiting("org.parked") == len(hostile), 60)
        lines = list(parked.act(as_anyone.channel, "org", what))
        assert len(lines) == len(hostile)
        assert all(line.isprintable() for line in lines)
        assert wait_until(lambda: as_anyone.waiting("org.parked") == (len(hostile) if what == "list" else 0), 60)

    for last in ("replay", "drop"):
        for body, odd in hostile:
            as_anyone.channel.basic_publish("org.again", "parked", body, odd)
        act("list")
        act(last)
    found: list[bytes] = []
    assert wait_until(
        lambda: bool(found.extend(body for *_, body in as_anyone.messages("org")) or len(found) == len(hostile)), 15
    )
    assert found == [body for body, _ in hostile]
