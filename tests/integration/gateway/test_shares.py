"""Shares of the gateway's places: one city or one address never keeps the others from being served."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app import OPERATIONS, create
from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.running import Site, running, sign_in

pytestmark = pytest.mark.anyio

FEW = "16"  # of a tenant 8, of an address 2


@pytest.fixture
async def site(broker_process: BrokerProcess, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    """The parameter: the setting of the places that are few."""
    few = {request.param: FEW} if hasattr(request, "param") else {}
    async with running(tmp_path, broker_process.uri, **few) as site:
        yield site


class Crowd:
    """Clients at many addresses of the same gateway."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._app = create(site.state)
        self.gate = asyncio.Event()
        self.waiting: list[asyncio.Task[httpx.Response]] = []

    async def held(self, call: dict[str, Any]) -> Any:
        await self.gate.wait()
        return call["args"]

    async def ask(self, verb: str, path: str, address: str, tenant: str = "wuhai", **more: Any) -> httpx.Response:
        headers = self._site.signed_in("u-lan", tenant, **{"Idempotency-Key": "k"})
        transport = httpx.ASGITransport(self._app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="https://linli.example") as http:
            return await http.request(verb, path, headers=headers, **more)

    async def unverified(self, path: str, address: str, tenant: str) -> httpx.Response:
        """Asks without a sign-in, or for one, in the name of a city."""
        transport = httpx.ASGITransport(self._app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="https://linli.example") as http:
            if path == "/v1/sessions":
                return await http.post(path, json={"tenant": tenant, "login": "lan", "password": "right and long"})
            headers = {"Linli-Tenant": tenant, "Idempotency-Key": "k"}
            return await http.post(path, headers=headers, json={"code": "c", "reason": "r"})

    async def wait(self, number: int, verb: str, path: str, address: str, **more: Any) -> None:
        """Starts requests that stay open until the gate opens."""
        before = len(self._site.cases.calls)
        self.waiting += [asyncio.create_task(self.ask(verb, path, address, **more)) for _ in range(number)]
        async with asyncio.timeout(60):
            while len(self._site.cases.calls) < before + number:
                await asyncio.sleep(0.01)

    async def answers(self) -> set[int]:
        self.gate.set()
        return {answer.status_code for answer in await asyncio.gather(*self.waiting)}


ROWS: dict[str, Any] = {"json": {"source": "x", "rows": []}}


@pytest.mark.parametrize(
    ("site", "method", "verb", "path", "body"),
    [
        ("LINLI_CALLS", "get_case", "GET", "/v1/cases/7", {}),
        ("LINLI_IMPORTS", "import_cases", "POST", "/v1/imports/cases", ROWS),
    ],
    indirect=["site"],
)
async def test_no_address_and_no_city_takes_the_places_of_others(
    site: Site, method: str, verb: str, path: str, body: dict[str, Any]
) -> None:
    crowd = Crowd(site)
    for tenant in ("wuhai", "yaan"):
        await crowd.ask("GET", "/v1/me", "192.0.2.99", tenant)  # so that the principal is known
    site.cases.answers[method] = crowd.held
    await crowd.wait(2, verb, path, "192.0.2.1", **body)
    refused = await crowd.ask(verb, path, "192.0.2.1", **body)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert int(refused.headers["retry-after"]) > 0
    for number in range(2, 5):
        await crowd.wait(2, verb, path, f"192.0.2.{number}", **body)
    full = await crowd.ask(verb, path, "192.0.2.5", **body)
    assert (full.status_code, full.json()["code"]) == (503, "overloaded")
    assert int(full.headers["retry-after"]) > 0
    await crowd.wait(2, verb, path, "192.0.2.5", tenant="yaan", **body)
    assert await crowd.answers() == {200}
    assert (await crowd.ask(verb, path, "192.0.2.1", **body)).status_code == 200


@pytest.mark.parametrize("site", ["LINLI_CALLS"], indirect=True)
@pytest.mark.parametrize("path", ["/v1/cases/7/withdraw", "/v1/sessions"])
async def test_invented_names_of_cities_share_one_half_of_the_places(site: Site, path: str) -> None:
    crowd, asked = Crowd(site), Counter[str]()

    async def held(call: dict[str, Any]) -> Any:
        asked[call["method"]] += 1
        args = await crowd.held(call)
        return await sign_in(call) if call["method"] == "sign_in" else args

    await crowd.ask("GET", "/v1/me", "192.0.2.99")
    site.cases.answers |= {"withdraw": held, "get_case": crowd.held}
    site.org.answers["sign_in"] = held
    crowd.waiting = [
        asyncio.create_task(crowd.unverified(path, f"192.0.2.{number // 2}", f"city-{number}")) for number in range(8)
    ]
    async with asyncio.timeout(60):
        while asked.total() < 8:
            await asyncio.sleep(0.01)
    full = await asyncio.wait_for(crowd.unverified(path, "192.0.2.50", "city-50"), 60)
    assert (full.status_code, full.json()["code"]) == (503, "overloaded")
    await crowd.wait(2, "GET", "/v1/cases/7", "192.0.2.60")
    await crowd.answers()


async def test_invented_names_of_cities_take_one_share_of_a_method_and_none_of_a_citys_rate(site: Site) -> None:
    crowd = Crowd(site)
    calls = site.state.rpc._lane("cases").calls
    site.cases.answers["withdraw"] = crowd.held
    crowd.waiting = [
        asyncio.create_task(crowd.unverified("/v1/cases/7/withdraw", f"192.0.2.{number}", f"city-{number}"))
        for number in range(8)
    ]
    async with asyncio.timeout(60):
        while calls.in_flight < 8:
            await asyncio.sleep(0.01)
    assert len(calls._calls._tenants) == 1
    await crowd.answers()
    answer = await crowd.ask("GET", "/v1/me", "192.0.2.1", "city-1")
    assert "r=1999;" in answer.headers["ratelimit"]


async def test_every_import_takes_a_place_of_imports(site: Site) -> None:
    paths = {operation.path: operation for table in OPERATIONS.values() for operation in table}
    named = ("/import", "/imports", "/v1/forms/xlsform")
    imports = {path for path in paths if path.endswith(named) or path.startswith("/v1/imports")}
    assert len(imports) == 8
    assert imports == {path for path, operation in paths.items() if operation.bulk}


async def test_who_is_not_known_yet_sends_little(site: Site) -> None:
    for path in ("/v1/sessions", "/v1/users/register"):
        answer = await site.http.post(path, content=b"x" * 20_000, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 413
