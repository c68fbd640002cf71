"""Overload: what is too much is refused at once, by method and by tenant, and nothing else suffers from it."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from chassis.concurrency import adaptive_limit
from gateway.auth import principals
from gateway.server import health
from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.raw import Raw
from tests.integration.gateway.running import Site, listening, running

pytestmark = pytest.mark.anyio

#: The limit of all calls, and of those of one method.
ALL, FEW = 16, 14
REPORT = json.dumps(
    {"category": "event.appearance.blocked-sewer", "place": {"path": "/1503/150302/150302011/"}, "text": "积水"}
)


@pytest.fixture
async def site(broker_process: BrokerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setattr(adaptive_limit, "START", ALL)
    async with (
        running(tmp_path, broker_process.uri) as site,
        listening(site.state) as (_, port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as site.http,
    ):
        yield site


class Slow:
    """A method that answers when the gate is open."""

    def __init__(self, site: Site, method: str) -> None:
        self._site = site
        self._method = method
        self.gate = asyncio.Event()
        site.cases.answers[method] = self.answer

    async def answer(self, call: dict[str, Any]) -> Any:
        await self.gate.wait()
        return call["args"]

    async def hold(self, number: int, tenant: str = "wuhai") -> list[asyncio.Task[httpx.Response]]:
        """Starts requests until so many more have reached the service."""
        arrived = self._arrived() + number
        tasks = [asyncio.create_task(get(self._site, "/v1/cases/7", tenant)) for _ in range(number)]
        await self.reached(arrived)
        return tasks

    async def reached(self, number: int) -> None:
        """Waits until so many requests in all have reached the service."""
        async with asyncio.timeout(60):
            while self._arrived() < number:
                await asyncio.sleep(0.01)

    def _arrived(self) -> int:
        return [call["method"] for call in self._site.cases.calls].count(self._method)


async def get(site: Site, path: str, tenant: str = "wuhai") -> httpx.Response:
    return await site.http.get(path, headers=site.signed_in("u-lan", tenant))


async def post_report(site: Site, headers: dict[str, str], body: str) -> httpx.Response:
    sent = headers | {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
    return await site.http.post("/v1/cases", headers=sent, content=body)


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, {"callee": "cases", **labels}) or 0.0


async def test_a_flood_of_one_tenant_is_refused_at_once_and_another_tenant_is_served(site: Site) -> None:
    slow = Slow(site, "get_case")
    held = await slow.hold(FEW)
    refused = await get(site, "/v1/cases/7")
    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert int(refused.headers["retry-after"]) > 0
    held += await slow.hold(FEW // 2, "yaan")
    assert (await get(site, "/v1/cases/7")).status_code == 503
    assert not any(task.done() for task in held), "nothing that was taken is refused, and nothing waited for an answer"
    slow.gate.set()
    assert {answer.status_code for answer in await asyncio.gather(*held)} == {200}
    assert (await get(site, "/v1/cases/7")).status_code == 200


async def test_a_full_gateway_refuses_before_it_looks_at_sign_in_and_body(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(site, "report")
    headers = site.signed_in("u-lan", **{"Accept-Language": "en", "X-Correlation-ID": "flood-1"})
    assert (await post_report(site, headers, "no JSON")).status_code == 422
    held = [asyncio.create_task(post_report(site, headers, REPORT)) for _ in range(FEW)]
    await slow.reached(FEW)
    monkeypatch.setattr(principals, "REFRESH_AFTER", 0.0)  # the next that asks who this is asks org
    asked = len(site.org.calls)
    refused = await post_report(site, headers, "no JSON")
    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert refused.json()["title"] == "Too many requests are waiting; try again in 2 s with the same key."
    assert int(refused.headers["retry-after"]) > 0
    assert refused.json()["correlation_id"] == refused.headers["x-correlation-id"] == "flood-1"
    assert refused.headers["cache-control"] == "no-store", "it has the headers of every answer"
    assert len(site.org.calls) == asked
    slow.gate.set()
    await asyncio.gather(*held)


async def test_a_full_gateway_still_asks_for_a_sign_in(site: Site) -> None:
    slow = Slow(site, "get_case")
    held = await slow.hold(FEW)
    assert (await site.http.get("/v1/cases/7")).status_code == 401
    forged = {"Authorization": "Bearer e30.e30.AAAA"}
    assert (await site.http.get("/v1/cases/7", headers=forged)).status_code == 401
    slow.gate.set()
    await asyncio.gather(*held)


async def test_what_is_refused_at_the_door_counts_and_writes_no_line(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    headers = site.signed_in("u-lan")
    assert (await site.http.get("/v1/divisions/15", headers=headers)).status_code == 200
    slow = Slow(site, "get_case")
    held = await slow.hold(FEW)
    labels = {"route": "/v1/cases/{case}", "method": "GET", "status": "503"}
    before = REGISTRY.get_sample_value("linli_http_requests_total", labels) or 0.0
    assert (await site.http.get("/v1/cases/7", headers=headers)).status_code == 503
    assert REGISTRY.get_sample_value("linli_http_requests_total", labels) == before + 1
    assert "503" not in caplog.text
    slow.gate.set()
    await asyncio.gather(*held)


async def test_requests_of_one_person_ask_org_once_for_their_rights(site: Site) -> None:
    answers = await asyncio.gather(*(get(site, "/v1/cases/7") for _ in range(FEW)))
    assert {answer.status_code for answer in answers} == {200}
    assert [call["method"] for call in site.org.calls] == ["principal_of"]


async def test_a_slow_method_refuses_no_call_of_another(site: Site) -> None:
    slow = Slow(site, "get_case")
    held = await slow.hold(FEW)
    assert (await get(site, "/v1/cases/7")).status_code == 503
    assert (await get(site, "/v1/divisions/15")).status_code == 200
    slow.gate.set()
    await asyncio.gather(*held)


async def test_the_limit_falls_while_calls_are_late_and_rises_again_once_they_come_back_in_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adaptive_limit, "IN_TIME", 0.0)
    slow = Slow(site, "get_case")
    slow.gate.set()
    async with asyncio.timeout(60):
        while metric("linli_calls_allowed") > adaptive_limit.LEAST:
            answers = await asyncio.gather(*(get(site, "/v1/cases/7") for _ in range(FEW)))
            assert 200 in {answer.status_code for answer in answers}
    monkeypatch.setattr(adaptive_limit, "IN_TIME", 1.0)
    async with asyncio.timeout(60):
        while metric("linli_calls_allowed") < ALL:
            await asyncio.gather(*(get(site, "/v1/cases/7") for _ in range(adaptive_limit.LEAST)))
            await asyncio.gather(*(get(site, "/v1/cases/7") for _ in range(int(metric("linli_calls_allowed")))))


async def test_overload_shows_in_the_metrics_and_is_no_failure_of_readiness(site: Site) -> None:
    slow = Slow(site, "get_case")
    before = metric("linli_call_seconds_count", method="get_case", outcome="overloaded")
    held = await slow.hold(FEW)
    await get(site, "/v1/cases/7")
    assert (metric("linli_calls_allowed"), metric("linli_calls_in_flight")) == (ALL, FEW)
    assert metric("linli_call_seconds_count", method="get_case", outcome="overloaded") == before + 1
    assert health(site.broker, site.state)["serving"] == "up"
    slow.gate.set()
    await asyncio.gather(*held)
    assert metric("linli_calls_in_flight") == 0


async def test_a_service_that_refuses_lowers_the_limit_and_its_refusal_reaches_the_caller(site: Site) -> None:
    async def refusing(_: Any) -> None:
        raise adaptive_limit.Overloaded(retry_after=3)

    site.cases.answers["get_case"] = refusing
    refused = await get(site, "/v1/cases/7")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "3")
    assert metric("linli_calls_allowed") == int(ALL * adaptive_limit.BACKOFF)


async def test_pipelined_requests_are_answered_in_order_though_some_are_refused_at_the_door(site: Site) -> None:
    assert (await get(site, "/v1/divisions/15")).status_code == 200
    slow = Slow(site, "get_case")
    held = await slow.hold(FEW)
    async with Raw(site) as raw:
        for number in range(60):
            raw.send("/v1/divisions/15" if number % 20 == 10 else "/v1/cases/7")
        statuses = [(await raw.answer())[0] for _ in range(60)]
    assert statuses == [200 if number % 20 == 10 else 503 for number in range(60)]
    slow.gate.set()
    await asyncio.gather(*held)


@pytest.mark.parametrize("more", ["Connection: close\r\n", "Expect: 100-continue\r\n", "Content-Length: 4\r\n\r\nbody"])
async def test_a_connection_that_ends_or_has_a_body_is_refused_like_the_others(site: Site, more: str) -> None:
    assert (await get(site, "/v1/divisions/15")).status_code == 200
    slow = Slow(site, "get_case")
    held = await slow.hold(FEW)
    async with Raw(site) as raw:
        raw.send("/v1/cases/7", more)
        status, headers, body = await raw.answer()
    assert (status, json.loads(body)["code"]) == (503, "overloaded")
    assert (headers.get("connection") == "close") is ("close" in more)
    slow.gate.set()
    await asyncio.gather(*held)


async def test_refusals_that_a_client_does_not_read_do_not_pile_up(site: Site) -> None:
    assert (await get(site, "/v1/divisions/15")).status_code == 200
    slow = Slow(site, "get_case")
    held = await slow.hold(FEW)
    async with Raw(site) as raw:
        assert await raw.fill("/v1/cases/7") < 100_000
    slow.gate.set()
    await asyncio.gather(*held)


async def test_a_page_of_another_origin_can_read_a_refusal(broker_process: BrokerProcess, tmp_path: Path) -> None:
    origin = "https://page.example"
    async with running(tmp_path, broker_process.uri, LINLI_CORS_ORIGINS=origin) as site:
        slow = Slow(site, "get_case")
        held = await slow.hold(int(adaptive_limit.START * adaptive_limit.MOST_OF_KIND))
        refused = await site.http.get("/v1/cases/7", headers=site.signed_in("u-lan", Origin=origin))
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (503, origin)
        slow.gate.set()
        await asyncio.gather(*held)


async def test_what_cannot_be_written_again_takes_no_place(site: Site) -> None:
    """A body nested as deep as can be read, which the call's message wraps in more."""
    headers = site.signed_in("u-hai", **{"Content-Type": "application/merge-patch+json", "If-Match": '"1"'})
    statuses = set()
    for depth in range(800, 1000, 3):
        body = b'{"x":' + b"[" * depth + b"]" * depth + b"}"
        statuses.add((await site.http.patch("/v1/tenant", headers=headers, content=body)).status_code)
    assert 500 not in statuses
    assert metric("linli_calls_in_flight", callee="org") == 0


async def test_who_floods_org_does_not_end_the_work_of_colleagues(site: Site) -> None:
    slow = Slow(site, "get_division")
    site.org.answers["get_division"] = site.org.answers["list_divisions"] = slow.answer
    flood = [
        asyncio.create_task(get(site, path)) for path in ("/v1/divisions/15", "/v1/divisions") for _ in range(2 * ALL)
    ]
    async with asyncio.timeout(60):
        while metric("linli_calls_in_flight", callee="org") < ALL:
            await asyncio.sleep(0.01)
    colleague = await site.http.get("/v1/cases/7", headers=site.signed_in("u-qiu"))
    assert colleague.status_code == 200, "who they are is asked all the same"
    slow.gate.set()
    await asyncio.gather(*flood)


async def test_a_refusal_has_the_correlation_id_that_another_answer_would_have(site: Site) -> None:
    twice = [*site.signed_in("u-lan").items(), ("X-Correlation-ID", "one"), ("X-Correlation-ID", "two")]
    served = await site.http.get("/v1/cases/7", headers=twice)
    slow = Slow(site, "get_case")
    held = await slow.hold(FEW)
    refused = await site.http.get("/v1/cases/7", headers=twice)
    assert [each.headers["x-correlation-id"] for each in (served, refused)] == ["one", "one"]
    slow.gate.set()
    await asyncio.gather(*held)
