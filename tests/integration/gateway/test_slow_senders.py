"""Slow senders and readers over real sockets: they are cut off, and meanwhile keep nobody else from being served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.http.connections import MOST_HEADER_BYTES
from gateway.server import Server
from launcher.servers.database import Database
from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.running import Site, listening
from tests.integration.gateway.test_calls import until
from tests.integration.gateway.test_photos import picture, taking_photos

pytestmark = pytest.mark.anyio

NEAR, FAR, FARTHER = "127.0.0.1", "127.0.0.2", "127.0.0.3"
SHORT = {
    "LINLI_HEADER_TIMEOUT": "1",
    "LINLI_BODY_TIMEOUT": "1",
    "LINLI_SEND_TIMEOUT": "1",
    "LINLI_BODY_MIN_RATE": "1000000",
    "LINLI_ADDRESS_CONNECTIONS": "250",
    "LINLI_ANONYMOUS_LIMIT": "1000/second",
    "LINLI_TRUSTED_PROXIES": FARTHER,
}


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    """Returns what the gateway sends until it closes the connection."""
    return await asyncio.wait_for(reader.read(), 60)


class Served:
    """A gateway on a real port. `senders`: raw connections that tests opened."""

    def __init__(self, site: Site, serving: Server, port: int) -> None:
        self.site = site
        self.serving = serving
        self.port = port
        self.senders: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(self, raw: bytes, address: str = NEAR) -> asyncio.StreamReader:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(address, 0))
        self.senders.append((reader, writer))
        writer.write(raw)
        return reader

    def http(self, address: str) -> httpx.AsyncClient:
        transport = httpx.AsyncHTTPTransport(local_address=address)
        return httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{self.port}", timeout=20)

    @property
    def connections(self) -> int:
        return len(self.serving.server_state.connections)

    def upload(self, visit: str) -> bytes:
        """An upload of a megabyte that stops in the middle."""
        head = (
            f"POST /v1/photos HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            f"Linli-Tenant: wuhai\r\nLinli-Visit: {visit}\r\nIdempotency-Key: {visit}\r\n"
            f"Content-Length: 1000000\r\n\r\n"
            f'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        )
        return head.encode() + b"x" * 1000

    async def photo(self, address: str) -> int:
        headers = self.site.signed_in("u-hai", **{"Idempotency-Key": f"k-{address}"})
        async with self.http(address) as http:
            form: Any = {"data": {"purpose": "report"}, "files": {"file": picture()}}
            return (await http.post("/v1/photos", headers=headers, **form)).status_code


@asynccontextmanager
async def served(folder: Path, uri: str, **more: str) -> AsyncIterator[Served]:
    async with taking_photos(folder, uri, **{**SHORT, **more}) as site, listening(site.state) as (serving, port):
        gateway = Served(site, serving, port)
        yield gateway
        for _, writer in gateway.senders:
            writer.close()


@pytest.fixture
async def gateway(broker_process: BrokerProcess, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, broker_process.uri) as gateway:
        yield gateway


async def test_uploads_that_stop_in_the_middle_keep_nobody_else_from_uploading(
    broker_process: BrokerProcess, database: Database, tmp_path: Path
) -> None:
    patient = {"LINLI_BODY_TIMEOUT": "600", "MONGODB_URI": database.uri("gateway")}
    async with served(tmp_path, broker_process.uri, **patient) as gateway:
        stopped = [await gateway.send(gateway.upload(f"visit-{number}")) for number in range(100)]
        refused = [asyncio.create_task(reader.readline()) for reader in stopped]
        await until(lambda: sum(task.done() for task in refused) == 92)
        assert {task.result() for task in refused if task.done()} == {b"HTTP/1.1 429 Too Many Requests\r\n"}
        assert await gateway.photo(NEAR) == 429
        assert await gateway.photo(FAR) == 201
        for task in refused:
            task.cancel()


async def test_an_upload_that_stops_in_the_middle_ends_and_makes_room(
    broker_process: BrokerProcess, database: Database, tmp_path: Path
) -> None:
    async with served(tmp_path, broker_process.uri, MONGODB_URI=database.uri("gateway")) as gateway:
        stopped = [await gateway.send(gateway.upload(f"visit-{number}")) for number in range(16)]
        assert await gateway.photo(FAR) == 201
        answers = [await rest_of(reader) for reader in stopped]
        assert sum(answer.startswith(b"HTTP/1.1 408 ") for answer in answers) == 8
        assert await gateway.photo(NEAR) == 201


async def test_200_half_open_requests_are_closed_when_their_headers_are_late(gateway: Served) -> None:
    starts = [b"", b"GET /v1/me HT", b"GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"\r\n\r\n"]
    half_open = [await gateway.send(starts[number % 4]) for number in range(200)]
    await until(lambda: gateway.connections == 200)
    async with gateway.http(FAR) as http:
        assert (await http.get("/.well-known/jwks.json")).status_code == 200
    answers = {(await rest_of(reader)).partition(b"\r\n")[0] for reader in half_open}
    assert answers == {b"", b"HTTP/1.1 408 "}
    await until(lambda: gateway.connections == 0)


async def test_headers_that_drip_are_closed_as_well(gateway: Served) -> None:
    answer = asyncio.create_task(rest_of(await gateway.send(b"GET /v1/me HTTP/1.1\r\n")))
    async with asyncio.timeout(60):
        while not answer.done():
            gateway.senders[0][1].write(b"X: y\r\n")
            await asyncio.wait([answer], timeout=0.05)
    await asyncio.gather(answer, return_exceptions=True)
    await until(lambda: gateway.connections == 0)


async def test_the_next_request_of_a_connection_has_a_header_timeout_too(gateway: Served) -> None:
    reader = await gateway.send(b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"]}")
    gateway.senders[0][1].write(b"GET /v1/me HTTP")
    assert (await rest_of(reader)).startswith(b"HTTP/1.1 408 ")
    await until(lambda: gateway.connections == 0)


async def test_a_body_that_was_announced_and_does_not_come_is_closed(gateway: Served) -> None:
    raw = b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{"
    answer = await rest_of(await gateway.send(raw))
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in answer
    await until(lambda: gateway.connections == 0)


async def test_a_body_at_the_least_rate_has_more_time_than_the_timeout(
    broker_process: BrokerProcess, tmp_path: Path
) -> None:
    async with served(tmp_path, broker_process.uri, LINLI_BODY_MIN_RATE="100") as gateway:
        body = b" " * 1000 + b'{"tenant": "wuhai", "login": "lan", "password": "right and long"}'
        head = f"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        reader = await gateway.send(head.encode() + b"\r\n\r\n")
        for start in range(0, len(body), 100):
            gateway.senders[0][1].write(body[start : start + 100])
            await asyncio.sleep(0.2)  # all pieces together take longer than the time-out
        assert (await reader.readline()).startswith(b"HTTP/1.1 201 ")


async def test_what_came_fast_buys_no_long_silence(broker_process: BrokerProcess, tmp_path: Path) -> None:
    async with served(tmp_path, broker_process.uri, LINLI_BODY_MIN_RATE="100") as gateway:
        head = (
            b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10001\r\n\r\n"
        )
        answer = await rest_of(await gateway.send(head + b" " * 10_000))
        assert answer.startswith(b"HTTP/1.1 408 ")


async def test_a_sender_is_not_blamed_for_a_slow_service(gateway: Served) -> None:
    async def slow(call: dict[str, Any]) -> Any:
        await asyncio.sleep(1.5)  # longer than the time-out of the body, which nobody reads meanwhile
        return await known(call)

    known = gateway.site.org.answers["principal_of"]
    gateway.site.org.answers["principal_of"] = slow
    async with gateway.http(NEAR) as http:
        text = "x" * 250_000
        answer = await http.post("/v1/cases/7/withdraw", headers=gateway.site.signed_in("u-lan"), json={"reason": text})
    assert answer.status_code == 422


async def test_an_address_has_a_limit_of_connections_and_a_proxy_has_none(
    broker_process: BrokerProcess, tmp_path: Path
) -> None:
    request = b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n"
    # Patient: whoever is silent stays connected while the others connect.
    async with served(tmp_path, broker_process.uri, LINLI_HEADER_TIMEOUT="600") as gateway:
        held = [await gateway.send(b"", address) for address in (NEAR, FARTHER) for _ in range(250)]
        await until(lambda: gateway.connections == len(held))
        refused = await rest_of(await gateway.send(request))
        assert refused.startswith(b"HTTP/1.1 429 ")
        assert b"retry-after: " in refused
        for address in (FAR, FARTHER):
            assert (await (await gateway.send(request, address)).readline()).startswith(b"HTTP/1.1 200 ")


async def test_endless_headers_are_refused(gateway: Served) -> None:
    reader = await gateway.send(b"GET /v1/me HTTP/1.1\r\nX-Long: ")
    _, writer = gateway.senders[0]
    try:
        while not reader.at_eof():
            writer.write(b"x" * MOST_HEADER_BYTES)
            await asyncio.wait_for(writer.drain(), 60)
            await asyncio.sleep(0)
    except OSError:
        pass  # the gateway has closed the connection
    await until(lambda: gateway.connections == 0)


async def test_a_client_that_does_not_read_its_answer_is_cut_off(gateway: Served) -> None:
    async def long(_: Any) -> Any:
        return {"text": "x" * 20_000_000}

    gateway.site.cases.answers["get_case"] = long
    token = gateway.site.token("u-lan")
    reader = await gateway.send(
        f"GET /v1/cases/7 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    )
    await reader.readline()  # and no more
    await until(lambda: gateway.connections == 0)
