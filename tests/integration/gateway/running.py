"""A gateway in the test process, with fakes of org and cases behind the real broker."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chassis.errors import Unauthenticated
from gateway.app import admission, create
from gateway.request_context import AppState
from gateway.rpc.connection import Broker
from gateway.server import Server, assemble, listen, server
from gateway.settings import GatewaySettings
from services.org.api.users import Standing
from tests.integration.gateway.fake import FakeService

PEOPLE: dict[str, dict[str, Any]] = {
    "u-lan": {"roles": ["street"], "area": "/1503/150302/150302011/", "unit": "150302011", "post": "p-1"},
    "u-qiu": {"roles": ["department"], "area": "/1503/150302/", "unit": "urban-management", "post": "p-2"},
    "u-hai": {"roles": ["resident"]},
    "u-adm": {"roles": ["tenant_admin"], "area": "/1503/"},
}


def standing(subject: str, **given: Any) -> dict[str, Any]:
    """Returns a standing as org sends it."""
    nothing: dict[str, Any] = {"roles": [], "area": "", "unit": "", "post": "", "purposes": []}
    facts: dict[str, Any] = msgspec.to_builtins(Standing(subject=subject, **nothing | given))
    return facts


async def principal_of(call: dict[str, Any]) -> Any:
    subject = call["args"]["subject"]
    if subject not in PEOPLE:
        raise Unauthenticated()
    return standing(subject, **PEOPLE[subject])


async def sign_in(call: dict[str, Any]) -> Any:
    if (call["args"]["login"], call["args"]["password"]) != ("lan", "right and long"):
        raise Unauthenticated()
    standings = [standing("u-lan", **PEOPLE["u-lan"]), standing("u-lan", post="p-9")]
    return {"subject": "u-lan", "standings": standings}


def key_file(folder: Path, name: str) -> str:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / name).write_bytes(pem)
    return str(folder / name)


def ticket_key_file(folder: Path) -> str:
    (folder / "ticket").write_bytes(base64.b64encode(bytes(range(32))))
    return str(folder / "ticket")


def environment(folder: Path, uri: str, **more: str) -> dict[str, str]:
    return {
        "AMQP_URI": uri,
        "LINLI_PRINCIPAL_PRIVATE_KEY_FILE": key_file(folder, "principal.pem"),
        "LINLI_SESSION_PRIVATE_KEY_FILE": key_file(folder, "session.pem"),
        "LINLI_TICKET_KEY_FILE": ticket_key_file(folder),
        "MONGODB_URI": "mongodb://127.0.0.1:9/",
        "LINLI_PUBLIC_URL": "https://linli.example",
        **more,
    }


class Site:
    """`http`: client of the gateway; `org` and `cases`: the fakes behind it; `kept`: what they recorded."""

    def __init__(self, state: AppState, broker: Broker, http: httpx.AsyncClient, org: FakeService, cases: FakeService):
        self.state = state
        self.broker = broker
        self.http = http
        self.org = org
        self.cases = cases
        self.kept: dict[str, Any] = {}

    def token(self, subject: str, tenant: str = "wuhai", post: str = "") -> str:
        return self.state.sessions.own.issue(tenant, subject, post, revocations=0)

    def signed_in(self, subject: str, tenant: str = "wuhai", **headers: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(subject, tenant)}", **headers}


@asynccontextmanager
async def listening(state: AppState) -> AsyncIterator[tuple[Server, int]]:
    """The gateway on a real port, with the door in front of it. Yields the server and the port."""
    serving = server(create(state), state.settings, graceful=1, refusal=admission(state).refusal)
    public = listen("LINLI_GATEWAY_PORT", "127.0.0.1", 0)
    task = asyncio.create_task(serving.serve([public]))
    while not serving.started:
        await asyncio.sleep(0.01)
    try:
        yield serving, public.getsockname()[1]
    finally:
        serving.should_exit = True
        await task


@asynccontextmanager
async def running(folder: Path, uri: str, **more: str) -> AsyncIterator[Site]:
    org, cases = FakeService(uri, "org"), FakeService(uri, "cases")
    org.answers = {"principal_of": principal_of, "sign_in": sign_in}
    await org.start()
    await cases.start()
    broker = Broker(uri)
    async with httpx.AsyncClient() as outside:
        state = assemble(GatewaySettings.read(environment(folder, uri, **more)), broker, outside)
        broker.start(state.rpc)
        while not broker.ready:
            await asyncio.sleep(0.01)
        transport = httpx.ASGITransport(create(state), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://linli.example") as http:
            yield Site(state, broker, http, org, cases)
        state.logs.stop()
        await broker.stop()
    await org.stop()
    await cases.stop()
