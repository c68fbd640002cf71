"""Whatever a service writes into a tenant's log or answers, the gateway skips it and goes on with what comes behind."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.errors import UnreadableRequest
from gateway.rpc.client import RpcClient
from tests.integration.gateway.fake import FakeService
from tests.integration.gateway.running import Site
from tests.integration.gateway.test_calls import ask, broker, calls, outcome
from tests.integration.gateway.test_live import Following, Log, log, site
from tests.servers.hostile import Properties, bodies, properties

pytestmark = pytest.mark.anyio

FIXTURES = (broker, calls, log, site)
QUICK = settings(max_examples=25, suppress_health_check=list(HealthCheck), derandomize=True)
KEY = "wuhai.cases.case.dispatched.v1"
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e",
    "source": "cases",
    "type": "linli.cases.case.dispatched.v1",
    "subject": "hostile",
    "time": "2026-03-01T09:00:00Z",
    "datacontenttype": "application/json",
    "tenant": "wuhai",
    "sequence": 1,
    "correlationid": "c",
    "data": {"case": {}},
}
PROBLEM = {"code": "x", "status": 409, "en": "No.", "zh": "不。", "data": {}, "phrases": {}}


@QUICK
@given(
    st.lists(
        st.tuples(bodies(EVENT, "data"), st.sampled_from([KEY, "wuhai.x", b"wuhai.\xff\xfe"]), properties()), max_size=4
    )
)
async def test_no_entry_of_a_log_stops_the_live_events_behind_it_nor_their_replay(
    site: Site, log: Log, hostile: list[tuple[bytes, Any, Properties]]
) -> None:
    live = await Following(site).start()
    marks = [f"before-{uuid.uuid4()}", f"behind-{uuid.uuid4()}"]
    log.write(subject=marks[0])
    for body, key, odd in hostile:
        log.write_as(body, key, odd)
    log.write(subject=marks[1])
    await live.until(lambda seen: marks[1] in seen.subjects)
    assert [subject for subject in live.seen.subjects if subject != "hostile"] == marks
    again = await Following(site).start(after=live.seen.offsets[0])
    await again.until(lambda seen: marks[1] in seen.subjects)
    assert again.seen.events == live.seen.events[1:]
    assert not live.seen.ended
    await live.close()
    await again.close()


@QUICK
@given(
    bodies({"id": "x", "problem": PROBLEM}, "problem") | bodies({"replies": [{"id": "x", "ok": 1}]}, "replies"),
    properties(),
)
async def test_no_reply_stops_the_replies_behind_it(
    calls: RpcClient, cases: FakeService, body: bytes, odd: Properties
) -> None:
    cases.reply_as(calls._broker._replies, body, odd)
    assert await ask(calls, args={"text": "behind"}) == {"text": "behind"}


async def test_a_message_that_the_service_cannot_read_is_answered_for_all_its_calls(
    calls: RpcClient, cases: FakeService
) -> None:
    async def unreadable(call: dict[str, Any]) -> Any:
        raise UnreadableRequest()

    cases.answers["first"] = unreadable
    call = calls.call("cases", "first", {}, tenant="wuhai", principal="p")
    assert (await outcome(call)).code == UnreadableRequest.code
