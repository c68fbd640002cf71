"""Channels at the broker: each is given back on every way out, and readiness tells when none is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pika
import pytest

from chassis.errors import Unavailable
from gateway.app import create
from gateway.events import log_reader
from gateway.events.positions import Position
from gateway.events.stream_limits import OpenStreams
from gateway.rpc.connection import channel_of, open_connection
from gateway.server import health
from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.running import Site, running
from tests.integration.gateway.test_calls import until
from tests.integration.gateway.test_live import Log

pytestmark = pytest.mark.anyio

CHANNELS = 20
POSITIONS = ["", "1", "5000000", str(2**63 - 1), "99999999999999999999", "9" * 5_000, "x"]


@pytest.fixture
async def site(broker_process: BrokerProcess, tmp_path: Path) -> AsyncIterator[Site]:
    async with running(tmp_path, f"{broker_process.uri}?channel_max={CHANNELS}") as site:
        yield site


@pytest.fixture
async def log(broker_process: BrokerProcess) -> AsyncIterator[Log]:
    log = Log(broker_process.uri, "wuhai")
    await log.open()
    yield log
    await log.close()


async def test_2500_requests_that_fail_or_leave_keep_no_channel(
    site: Site, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_reader, "RESUME_TIMEOUT", 0.01)
    state = replace(site.state, streams=OpenStreams(CHANNELS, openings="1000000/minute"))
    app, statuses = create(state), set()

    async def gone() -> Any:
        await asyncio.sleep(0)  # it leaves only once its stream is opened
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        statuses.add(message.get("status"))

    async def ask(number: int) -> None:
        tenant = "nowhere" if number % 4 == 0 else "wuhai"
        signed_in = site.signed_in(
            ("u-hai", "u-lan", "u-qiu")[number % 3], tenant, **{"Last-Event-ID": POSITIONS[number % len(POSITIONS)]}
        )
        headers = [(name.lower().encode(), value.encode()) for name, value in signed_in.items()]
        scope = {"type": "http", "method": "GET", "path": "/v1/events", "query_string": b"", "headers": headers}
        await app({**scope, "client": ("127.0.0.1", 1)}, gone, send)

    for first in range(0, 2500, 10):
        await asyncio.gather(*(ask(number) for number in range(first, first + 10)))
    await until(lambda: site.state.logs.channels_left == CHANNELS)
    assert statuses >= {200, 400, 422, 503}
    assert health(site.broker, site.state)["live events"] == "up"


async def test_a_request_that_is_cancelled_while_it_opens_keeps_no_channel(site: Site, log: Log) -> None:
    logs = site.state.logs
    for turns in range(12):
        opening = asyncio.create_task(logs.resume("wuhai", Position(5_000_000)))
        for _ in range(turns):
            await asyncio.sleep(0.001)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
    await until(lambda: logs.channels_left == CHANNELS)


async def test_readiness_tells_when_no_channel_is_left(site: Site, log: Log) -> None:
    logs = site.state.logs
    readers = [await logs.follow("wuhai") for _ in range(CHANNELS)]
    with pytest.raises(Unavailable):
        await logs.follow("wuhai")
    assert health(site.broker, site.state)["live events"] == "no channel left"
    for reader in readers:
        reader.close()
    await until(lambda: logs.channels_left == CHANNELS)
    assert health(site.broker, site.state)["live events"] == "up"


async def test_counting_replicas_keeps_no_channel_however_it_ends(broker_process: BrokerProcess) -> None:
    connection = await open_connection(pika.URLParameters(f"{broker_process.uri}?channel_max=1"), lambda _: None)
    for wrong in (ValueError, asyncio.CancelledError):
        with pytest.raises(wrong):
            async with channel_of(connection) as channel:
                raise wrong
        await until(lambda channel=channel: channel.is_closed)
    connection.close()
