from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from pika.exceptions import ChannelWrongStateError

from chassis.concurrency import adaptive_limit
from chassis.errors import NotFound, Problem, RemoteProblem, Unavailable
from gateway.http.problems import NoAnswer, NoService
from gateway.rpc.batching import BATCH
from gateway.rpc.client import REPLIES_AT_ONCE, RpcClient
from gateway.rpc.connection import Broker
from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.fake import FakeService
from tests.integration.gateway.relay import relaying

pytestmark = pytest.mark.anyio


async def never(_: Any) -> None:
    await asyncio.Event().wait()


async def until(condition: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition did not come true"
        await asyncio.sleep(0.01)


@pytest.fixture
async def broker(broker_process: BrokerProcess) -> AsyncIterator[Broker]:
    broker = Broker(broker_process.uri)
    yield broker
    await broker.stop()


@pytest.fixture
async def calls(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> RpcClient:
    monkeypatch.setattr(adaptive_limit, "START", 2 * BATCH)  # as after some load
    calls = RpcClient(broker)
    broker.start(calls)
    await until(lambda: broker.ready)
    return calls


async def ask(calls: RpcClient, method: str = "echo", tenant: str = "wuhai", **options: Any) -> Any:
    args = options.pop("args", {})
    return msgspec.json.decode(
        await calls.call("cases", method, args, tenant=tenant, principal=f"token of {tenant}", **options)
    )


async def outcome(awaitable: Any) -> Any:
    try:
        return await awaitable
    except Problem as problem:
        return type(problem)


async def first_answer(calls: RpcClient, seconds: float = 60) -> Any:
    """Returns the first answer that is not 503, repeating the call until the service is found."""
    end = time.monotonic() + seconds
    while (answer := await outcome(ask(calls))) in (Unavailable, NoService):
        assert time.monotonic() < end, "the service was never found again"
        await asyncio.sleep(0.05)
    return answer


async def test_a_call_carries_its_principal_key_version_trace_and_deadline(
    calls: RpcClient, cases: FakeService
) -> None:
    before = time.time()
    answer = await ask(
        calls, args={"case": "7"}, key="k", if_match=3, correlation_id="c", traceparent="t", batched=True, timeout=5
    )
    assert answer == {"case": "7"}
    [call] = cases.calls
    assert (call["principal"], call["key"], call["if_match"]) == ("token of wuhai", "k", 3)
    assert (call["correlation_id"], call["traceparent"]) == ("c", "t")
    assert before + 5 <= call["deadline"] <= time.time() + 5


async def test_one_call_after_another_never_waits(calls: RpcClient, cases: FakeService) -> None:
    for _ in range(20):
        await ask(calls, batched=True)
    assert [len(message) for message in cases.messages] == [1] * 20


async def test_waiting_calls_share_a_message_and_each_gets_its_own_answer(calls: RpcClient, cases: FakeService) -> None:
    answers = await asyncio.gather(*(ask(calls, args={"n": n}, batched=True) for n in range(100)))
    assert [answer["n"] for answer in answers] == list(range(100))
    sizes = [len(message) for message in cases.messages]
    assert sizes[:2] == [1, 1]
    assert max(sizes) == BATCH


async def test_calls_not_marked_batched_are_sent_at_once_unbatched(calls: RpcClient, cases: FakeService) -> None:
    gate = asyncio.Event()

    async def wait(_: Any) -> None:
        await gate.wait()

    cases.answers["lists"] = wait
    running = [asyncio.create_task(ask(calls, "lists")) for _ in range(10)]
    await until(lambda: len(cases.messages) == 10)
    gate.set()
    await asyncio.gather(*running)
    assert all(len(message) == 1 for message in cases.messages)


async def test_a_quiet_tenant_is_served_beside_a_busy_one(calls: RpcClient, cases: FakeService) -> None:
    busy = [ask(calls, tenant="wuhai", batched=True) for _ in range(100)]
    await asyncio.gather(*busy, ask(calls, tenant="yaan", batched=True))
    first_large = next(message for message in cases.messages if len(message) > 1)
    assert "token of yaan" in [call["principal"] for call in first_large]


async def test_a_slow_call_among_64_delays_no_other(calls: RpcClient, cases: FakeService) -> None:
    gate = asyncio.Event()

    async def slow(_: Any) -> str:
        await gate.wait()
        return "late"

    cases.answers["slow"] = slow
    late = [asyncio.create_task(ask(calls, "slow", batched=True)) for _ in range(4)]
    others = [ask(calls, args={"n": n}, batched=True) for n in range(62)]
    async with asyncio.timeout(60):
        answers = await asyncio.gather(*others)
    assert [answer["n"] for answer in answers] == list(range(62))
    assert not any(task.done() for task in late)
    gate.set()
    assert await asyncio.gather(*late) == ["late"] * 4


async def test_a_refused_call_among_64_refuses_no_other(calls: RpcClient, cases: FakeService) -> None:
    async def missing(_: Any) -> None:
        raise NotFound()

    cases.answers["missing"] = missing
    answers = await asyncio.gather(
        *(outcome(ask(calls, "missing" if n == 30 else "echo", batched=True)) for n in range(64))
    )
    assert answers[30] is RemoteProblem
    assert [answer for answer in answers if answer != {}] == [RemoteProblem]


async def test_only_an_expired_call_is_answered_504(calls: RpcClient, cases: FakeService) -> None:
    cases.answers["never"] = never
    answers = await asyncio.gather(
        *(outcome(ask(calls, "never" if n == 5 else "echo", batched=True, timeout=0.3)) for n in range(30))
    )
    assert answers[5] is NoAnswer
    assert answers.count(NoAnswer) == 1
    assert calls.open == 0


async def test_a_call_that_expires_while_it_waits_is_never_sent(calls: RpcClient, cases: FakeService) -> None:
    cases.answers["never"] = never
    full = [asyncio.create_task(outcome(ask(calls, "never", batched=True, timeout=5))) for _ in range(2)]
    await until(lambda: len(cases.messages) == 2)
    assert await outcome(ask(calls, "waits", batched=True, timeout=0.1)) is NoAnswer
    assert await ask(calls, batched=True) == {}
    assert "waits" not in [call["method"] for call in cases.calls]
    assert await asyncio.gather(*full) == [NoAnswer] * 2


async def test_a_message_may_contain_several_replies(calls: RpcClient, cases: FakeService) -> None:
    cases.answers["never"] = never
    answer = asyncio.create_task(ask(calls, "never"))
    await until(lambda: cases.calls)
    [call] = cases.calls
    calls.on_reply(msgspec.json.encode({"replies": [{"id": "unknown", "ok": 1}, {"id": call["id"], "ok": 2}]}))
    assert await answer == 2


async def test_what_comes_while_many_replies_are_given_out_waits_for_a_few_of_them_only(
    calls: RpcClient, cases: FakeService
) -> None:
    cases.answers["never"] = never
    answers = [asyncio.create_task(ask(calls, "never")) for _ in range(3 * REPLIES_AT_ONCE)]
    await until(lambda: len(cases.calls) == len(answers))
    calls.on_reply(msgspec.json.encode({"replies": [{"id": call["id"], "ok": 1} for call in cases.calls]}))
    assert calls.open == 2 * REPLIES_AT_ONCE
    assert await asyncio.gather(*answers) == [1] * len(answers)


@pytest.mark.parametrize("body", [b"{", b'{"id":"\xff\xfe"}', b'{"ok":' + b"[" * 100_000], ids=["", "UTF-8", "depth"])
async def test_an_unreadable_reply_is_dropped(calls: RpcClient, cases: FakeService, body: bytes) -> None:
    calls.on_reply(body)
    assert await ask(calls) == {}


async def test_a_service_without_replicas_answers_503_at_once(calls: RpcClient) -> None:
    for batched in (True, False):
        with pytest.raises(NoService):
            await ask(calls, batched=batched, timeout=30)
    assert calls.open == 0


async def test_each_replica_of_a_service_raises_the_limit(broker_process: BrokerProcess, calls: RpcClient) -> None:
    replicas = [FakeService(broker_process.uri, "cases") for _ in range(2)]
    for replica in replicas:
        await replica.start()
    await ask(calls)
    await until(lambda: calls._lane("cases").limit.allowed() == 4)
    for replica in replicas:
        await replica.stop()


async def test_a_service_absent_for_a_while_answers_503_at_once_even_if_its_queue_exists(
    broker_process: BrokerProcess, broker: Broker, calls: RpcClient, cases: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.rpc.client.ABSENCE_LIMIT", 0.0)
    await ask(calls)
    await cases.rest()
    await until(lambda: calls._lane("cases").absent_since is not None)
    with pytest.raises(NoService):
        await ask(calls)
    await cases.wake()
    await until(lambda: calls._lane("cases").absent_since is None)
    assert await ask(calls) == {}


async def test_a_broker_that_blocks_publishers_answers_503(
    broker_process: BrokerProcess, broker: Broker, calls: RpcClient, cases: FakeService
) -> None:
    await asyncio.to_thread(broker_process.control, "set_vm_memory_high_watermark", "absolute", "1")
    try:
        await outcome(ask(calls, timeout=0.2))  # the broker blocks a connection when it publishes
        await until(lambda: not broker.ready)
        with pytest.raises(Unavailable):
            await ask(calls)
    finally:
        await asyncio.to_thread(broker_process.control, "set_vm_memory_high_watermark", "0.4")
    await until(lambda: broker.ready)
    assert await ask(calls) == {}


async def test_it_starts_without_a_broker_and_connects_once_there_is_one(
    broker_process: BrokerProcess, broker: Broker
) -> None:
    calls = RpcClient(broker)
    await asyncio.to_thread(broker_process.stop)
    broker.start(calls)
    with pytest.raises(Unavailable):
        await ask(calls)
    await asyncio.to_thread(broker_process.start)
    await until(lambda: broker.ready)


async def test_a_lost_broker_fails_open_calls_and_is_reconnected(
    broker_process: BrokerProcess, broker: Broker, calls: RpcClient
) -> None:
    service = FakeService(broker_process.uri, "cases")
    await service.start()
    service.answers["never"] = never
    # Longer than the broker takes to stop, so that no call ends by its own timeout.
    running = [asyncio.create_task(outcome(ask(calls, "never", batched=True, timeout=120))) for _ in range(5)]
    await until(lambda: service.messages)
    await asyncio.to_thread(broker_process.stop)
    try:
        assert await asyncio.gather(*running) == [Unavailable] * 5
        assert not broker.ready
    finally:
        await asyncio.to_thread(broker_process.start)
    await service.stop()
    await until(lambda: broker.ready, seconds=60)
    again = FakeService(broker_process.uri, "cases")
    await again.start()
    assert await first_answer(calls) == {}
    await again.stop()


async def test_a_connection_that_the_broker_still_holds_does_not_block_the_next_one(
    broker_process: BrokerProcess, cases: FakeService
) -> None:
    async with relaying(broker_process.uri) as relay:
        broker = Broker(relay.uri)
        calls = RpcClient(broker)
        broker.start(calls)
        await until(lambda: broker.ready)
        relay.break_near()
        await until(lambda: not broker.ready)
        await until(lambda: broker.ready)
        assert await ask(calls) == {}
        await broker.stop()


async def test_a_channel_that_has_just_closed_is_a_broker_that_is_away(
    broker: Broker, calls: RpcClient, cases: FakeService
) -> None:
    assert await ask(calls) == {}
    broker._requests.close()  # as the loss of a connection does, before anybody hears of it
    assert not broker.ready
    assert await outcome(ask(calls)) is Unavailable
    assert await first_answer(calls) == {}


async def test_a_channel_that_closes_while_calls_are_sent_fails_them_as_unavailable(
    broker: Broker, calls: RpcClient, cases: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = ChannelWrongStateError("Channel is closed.")

    def lost(*_: Any, **__: Any) -> None:
        raise gone

    monkeypatch.setattr(broker._requests, "basic_publish", lost)
    for batched in (False, True):
        assert await outcome(ask(calls, batched=batched)) is Unavailable
    assert calls.open == 0
