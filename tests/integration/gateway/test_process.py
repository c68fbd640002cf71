from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.fake import FakeService
from tests.integration.gateway.running import environment, principal_of, sign_in
from tests.servers.ports import free

pytestmark = pytest.mark.anyio


class Process:
    """A real `python -m gateway` process."""

    def __init__(self, folder: Path, uri: str) -> None:
        self.port, self.ops_port = free(2)
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=15)
        self.ops = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.ops_port}")
        self._environment = environment(
            folder, uri, LINLI_GATEWAY_PORT=str(self.port), LINLI_OPS_PORT=str(self.ops_port)
        )

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", env={**os.environ, **self._environment}, stderr=asyncio.subprocess.PIPE
        )

    async def readiness(self) -> httpx.Response | None:
        try:
            return await self.ops.get("/readyz")
        except httpx.TransportError:
            return None

    async def until(self, status: int) -> httpx.Response:
        for _ in range(600):
            answer = await self.readiness()
            if answer is not None and answer.status_code == status:
                return answer
            await asyncio.sleep(0.05)
        raise AssertionError(f"/readyz never answered {status}")

    async def stop(self) -> tuple[int, str]:
        """Stops the process; returns its exit code and its log."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        _, logged = await self.process.communicate()
        await self.http.aclose()
        await self.ops.aclose()
        return self.process.returncode or 0, logged.decode()


@asynccontextmanager
async def answering(uri: str) -> AsyncIterator[FakeService]:
    org, cases = FakeService(uri, "org"), FakeService(uri, "cases")
    org.answers = {"principal_of": principal_of, "sign_in": sign_in}
    await org.start()
    await cases.start()
    yield cases
    await org.stop()
    await cases.stop()


async def signed_in(process: Process) -> dict[str, str]:
    body = {"tenant": "wuhai", "login": "lan", "password": "right and long"}
    answer = await process.http.post("/v1/sessions", json=body)
    return {"Authorization": f"Bearer {answer.json()['token']}"}


async def test_it_finishes_open_requests_on_stop_and_logs_no_personal_data(
    broker_process: BrokerProcess, tmp_path: Path
) -> None:
    gate, running = asyncio.Event(), asyncio.Event()

    async def slow(call: dict[str, Any]) -> Any:
        running.set()
        await gate.wait()
        return call["args"]

    async with answering(broker_process.uri) as cases:
        cases.answers["withdraw"] = slow
        process = Process(tmp_path, broker_process.uri)
        await process.start()
        await process.until(200)
        headers = {**await signed_in(process), "X-Correlation-ID": "the-one"}
        body = {"reason": "a-person-said-so"}
        pending = asyncio.create_task(process.http.post("/v1/cases/7/withdraw", headers=headers, json=body))
        await running.wait()
        process.process.send_signal(signal.SIGTERM)
        await process.until(503)
        gate.set()
        assert (await pending).status_code == 200
        code, logged = await process.stop()
    assert code == 0
    [line] = [line for line in logged.splitlines() if "/withdraw" in line]
    assert '"correlation_id":"the-one"' in line
    assert '"tenant":"wuhai"' in line
    assert "POST /v1/cases/{case}/withdraw 200" in line
    assert not any(word in logged for word in ("a-person-said-so", "right and long", headers["Authorization"]))


async def test_it_waits_for_its_broker_without_crashing_and_reports_it(
    broker_process: BrokerProcess, tmp_path: Path
) -> None:
    await asyncio.to_thread(broker_process.stop)
    process = Process(tmp_path, broker_process.uri)
    await process.start()
    waiting = await process.until(503)
    assert waiting.json()["checks"]["broker"] != "up"
    assert (await process.ops.get("/readyz/serving")).json()["checks"] == {"serving": "starting"}
    assert (await process.ops.get("/readyz/weather")).status_code == 404
    assert (await process.ops.get("/livez")).status_code == 200
    await asyncio.to_thread(broker_process.start)
    await process.until(200)
    assert (await process.stop())[0] == 0


async def test_while_its_broker_is_away_it_stays_in_service_and_answers_503_with_retry_after(
    broker_process: BrokerProcess, tmp_path: Path
) -> None:
    process = Process(tmp_path, broker_process.uri)
    async with answering(broker_process.uri):
        await process.start()
        await process.until(200)
        headers = await signed_in(process)
        assert (await process.http.get("/v1/cases/7", headers=headers)).status_code == 200
    await asyncio.to_thread(broker_process.stop)
    await process.until(503)
    serving = await process.ops.get("/readyz/serving")
    assert (serving.status_code, serving.json()["checks"]) == (200, {"serving": "up"})
    for path in ("/v1/cases/7", "/v1/events"):
        answer = await process.http.get(path, headers=headers)
        assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
    await asyncio.to_thread(broker_process.start)
    await process.until(200)
    assert (await process.stop())[0] == 0


async def test_it_counts_requests_by_route_and_calls_by_method(broker_process: BrokerProcess, tmp_path: Path) -> None:
    async with answering(broker_process.uri):
        process = Process(tmp_path, broker_process.uri)
        await process.start()
        await process.until(200)
        await process.http.get("/v1/cases/7", headers=await signed_in(process))
        counted = (await process.ops.get("/metrics")).text
        await process.stop()
    assert 'linli_http_requests_total{method="GET",route="/v1/cases/{case}",status="200"} 1.0' in counted
    assert 'linli_call_seconds_count{callee="cases",method="get_case",outcome="ok"} 1.0' in counted
    assert 'linli_build_info{service="gateway"' in counted
    assert "_created" not in counted
    assert "u-lan" not in counted


@pytest.mark.parametrize("variable", ["LINLI_GATEWAY_PORT", "LINLI_OPS_PORT"])
async def test_a_port_in_use_prevents_the_start_and_is_named(tmp_path: Path, variable: str) -> None:
    ports = dict(zip(("LINLI_GATEWAY_PORT", "LINLI_OPS_PORT"), map(str, free(2)), strict=True))
    settings = environment(tmp_path, "amqp://127.0.0.1:9/", LINLI_GATEWAY_HOST="127.0.0.1", **ports)
    with socket.create_server(("127.0.0.1", int(ports[variable]))):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", env={**os.environ, **settings}, stderr=asyncio.subprocess.PIPE
        )
        _, said = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 2
    assert f"{variable} is not valid: port {ports[variable]} at 127.0.0.1" in said.decode()
    assert "Traceback" not in said.decode()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AMQP_URI", None),
        ("LINLI_PRINCIPAL_PRIVATE_KEY_FILE", None),
        ("LINLI_SESSION_PRIVATE_KEY_FILE", None),
        ("LINLI_TICKET_KEY_FILE", None),
        ("MONGODB_URI", None),
        ("LINLI_SESSION_SECONDS", "60"),
        ("LINLI_ISSUERS", '[{"issuer": 7}]'),
        ("LINLI_GATEWAY_PORT", "http"),
        ("LINLI_TRUSTED_PROXIES", "*"),
        ("LINLI_HEADER_TIMEOUT", "0"),
        ("LINLI_CALLS", "9" * 5_000),
    ],
)
async def test_a_missing_or_unusable_setting_prevents_the_start_and_is_named(
    tmp_path: Path, variable: str, value: str | None
) -> None:
    settings = environment(tmp_path, "amqp://127.0.0.1:9/") | ({variable: value} if value else {})
    if value is None:
        del settings[variable]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", env={"PATH": os.environ["PATH"], **settings}, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == 2
    assert variable in said.decode()
    assert "Traceback" not in said.decode()
