"""Requests that are sent before the answer to an earlier one on the same connection is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.raw import Raw
from tests.integration.gateway.running import Site, listening, running
from tests.integration.gateway.test_calls import until
from tests.integration.gateway.test_live import Log

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(broker_process: BrokerProcess, tmp_path: Path) -> AsyncIterator[Site]:
    async with (
        running(tmp_path, broker_process.uri, LINLI_HEADER_TIMEOUT="1") as site,
        listening(site.state) as (_, port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as site.http,
    ):
        yield site


@pytest.fixture
async def stream(site: Site, broker_process: BrokerProcess) -> AsyncIterator[Raw]:
    """A connection on which live events are read."""
    log = Log(broker_process.uri, "wuhai")
    await log.open()
    async with Raw(site) as raw:
        raw.send("/v1/events")
        assert " 200 " in await raw.head()
        yield raw
    await log.close()


async def test_a_stream_gives_its_place_back_though_a_request_waited_behind_it(site: Site, stream: Raw) -> None:
    stream.send("/v1/me")
    await asyncio.wait_for(site.http.get("/v1/me", headers=site.signed_in("u-lan")), 60)  # by then it has arrived
    assert site.state.streams._places._taken == 1
    stream._writer.close()
    await until(lambda: site.state.streams._places._taken == 0)


async def test_too_many_that_wait_end_the_connection_without_words_in_the_answer_before_them(stream: Raw) -> None:
    stream.send("/v1/me", times=102)
    assert b"HTTP/1.1" not in await stream.rest()


async def test_a_late_header_ends_the_connection_without_words_in_the_answer_before_it(stream: Raw) -> None:
    stream.send("/v1/me", then=b"GET /v1/me HT")
    assert b"HTTP/1.1" not in await stream.rest()


async def test_too_many_that_wait_are_not_taken_for_the_answer_to_the_call_that_runs(site: Site) -> None:
    arrived, gate = asyncio.Event(), asyncio.Event()

    async def held(call: dict[str, Any]) -> Any:
        arrived.set()
        await gate.wait()
        return call["args"]

    site.cases.answers["get_case"] = held
    async with Raw(site) as raw:
        raw.send("/v1/cases/7")
        await asyncio.wait_for(arrived.wait(), 60)
        raw.send("/v1/me", times=102)
        assert await raw.rest() == b""
    gate.set()


async def test_requests_whose_answers_nobody_reads_do_not_pile_up(site: Site) -> None:
    async with Raw(site) as raw:
        assert await raw.fill("/v1/me") < 100_000


async def test_trailers_do_not_pile_up(site: Site) -> None:
    trailers = b"".join(b"t: %d\r\n" % number for number in range(100_000))
    chunked = "Transfer-Encoding: chunked\r\n"
    async with Raw(site) as raw:
        raw.send("/v1/me", chunked, then=b"0\r\n" + trailers + b"\r\n")
        status, _, _ = await raw.answer()
    assert status == 200
