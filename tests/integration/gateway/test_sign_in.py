from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt
import msgspec
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from jwt.algorithms import ECAlgorithm
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from chassis.errors import Unauthenticated, Unavailable
from gateway.app import create
from gateway.auth import principals
from gateway.auth.devices import LIFETIME
from gateway.auth.principals import Caller, Callers
from gateway.server import Server, server
from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.running import PEOPLE, Site, running, sign_in, standing
from tests.servers.ports import free

pytestmark = pytest.mark.anyio

LAN = {"tenant": "wuhai", "login": "lan", "password": "right and long"}


@pytest.fixture
async def site(broker_process: BrokerProcess, tmp_path: Path) -> AsyncIterator[Site]:
    async with running(tmp_path, broker_process.uri) as site:
        yield site


async def me(site: Site, token: str) -> Any:
    return await site.http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})


async def test_a_sign_in_returns_a_token_without_name_roles_or_area(site: Site) -> None:
    answer = await site.http.post("/v1/sessions", json=LAN)
    assert answer.status_code == 201
    signed_in = answer.json()
    claims = jwt.decode(signed_in["token"], options={"verify_signature": False})
    assert set(claims) == {"iss", "aud", "sub", "tenant", "post", "revocations", "iat", "exp"}
    assert (claims["sub"], claims["tenant"], claims["post"]) == ("u-lan", "wuhai", "p-1")
    assert (await me(site, signed_in["token"])).json()["roles"] == ["street"]


async def test_org_hears_how_often_the_tokens_had_been_revoked_when_a_token_was_issued(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def after_three(call: dict[str, Any]) -> Any:
        return {**await sign_in(call), "revocations": 3}

    monkeypatch.setitem(site.org.answers, "sign_in", after_three)
    token = (await site.http.post("/v1/sessions", json=LAN)).json()["token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    del claims["revocations"]  # as a release without the count issued it
    earlier = jwt.encode(claims, site.state.settings.session_key, algorithm="EdDSA")
    for each in (token, earlier):
        assert (await me(site, each)).status_code == 200
    asked = [call["args"] for call in site.org.calls if call["method"] == "principal_of"]
    assert asked[0]["revocations"] == 3
    assert "revocations" not in asked[1]  # an org of that release would refuse the argument


async def test_without_a_post_a_resident_acts_as_themselves_and_staff_at_their_first_post(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def neighbour(call: dict[str, Any]) -> Any:
        return {"subject": "u-hai", "standings": [standing("u-hai", post="p-3"), standing("u-hai")]}

    assert (await site.http.post("/v1/sessions", json={**LAN, "post": ""})).json()["post"] == "p-1"
    monkeypatch.setitem(site.org.answers, "sign_in", neighbour)
    for post in ("", "p-3"):
        assert (await site.http.post("/v1/sessions", json={**LAN, "post": post})).json()["post"] == post


async def test_only_ones_own_posts_can_be_chosen(site: Site) -> None:
    chosen = await site.http.post("/v1/sessions", json={**LAN, "post": "p-9"})
    assert chosen.json()["post"] == "p-9"
    assert (await site.http.post("/v1/sessions", json={**LAN, "post": "p-7"})).status_code == 403


async def test_a_wrong_password_is_401_and_an_address_that_guesses_is_slowed_down(
    broker_process: BrokerProcess, tmp_path: Path
) -> None:
    async with running(tmp_path, broker_process.uri, LINLI_SIGN_IN_LIMIT="3/hour") as site:
        [*_, device] = [(await site.http.post("/v1/sessions", json=LAN)).json()["device"] for _ in range(5)]
        tries = [{**LAN, "login": f"login-{number}", "password": "guessed"} for number in range(4)]
        answers = [(await site.http.post("/v1/sessions", json=each)).status_code for each in tries]
        assert answers == [401, 401, 401, 429]
        async with through(site, "203.0.113.8") as elsewhere:
            assert (await elsewhere.post("/v1/sessions", json=LAN)).status_code == 201
        known = await site.http.post("/v1/sessions", json={**LAN, "device": device})
        assert known.status_code == 201
        own = {**LAN, "password": "guessed", "device": device}
        guesses = [(await site.http.post("/v1/sessions", json=own)).status_code for _ in range(4)]
        assert guesses == [401, 401, 401, 429]


async def test_a_device_does_not_hide_guesses_at_the_logins_of_others(
    broker_process: BrokerProcess, tmp_path: Path
) -> None:
    async with running(tmp_path, broker_process.uri, LINLI_SIGN_IN_LIMIT="3/hour") as site:
        devices = [(await site.http.post("/v1/sessions", json=LAN)).json()["device"] for _ in range(4)]
        guess = {**LAN, "login": "hai", "password": "guessed"}
        answers = [await site.http.post("/v1/sessions", json={**guess, "device": device}) for device in devices]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


async def test_a_device_token_does_not_show_the_login(site: Site) -> None:
    device = (await site.http.post("/v1/sessions", json=LAN)).json()["device"]
    assert LAN["login"] != jwt.decode(device, options={"verify_signature": False})["login"]


async def test_org_learns_on_which_device_somebody_signed_in_before(site: Site) -> None:
    first = (await site.http.post("/v1/sessions", json=LAN)).json()["device"]
    second = (await site.http.post("/v1/sessions", json={**LAN, "device": first})).json()["device"]
    await site.http.post("/v1/sessions", json={**LAN, "device": second})
    asked = [call["args"] for call in site.org.calls if call["method"] == "sign_in"]
    assert "device" not in asked[0]
    assert asked[1]["device"] == asked[2]["device"]
    assert asked[1]["device_of"] == "u-lan"


@pytest.mark.parametrize("forge", ["expired", "of another city", "of another key", "a session", "nonsense"])
async def test_a_device_token_that_does_not_hold_is_as_none(
    site: Site, forge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = site.state.devices
    with monkeypatch.context() as changed:
        if forge == "expired":
            changed.setattr(devices, "_now", lambda: time.time() - LIFETIME - 1)
        if forge == "of another key":
            changed.setattr(devices, "_key", b"x" * 32)
        token = devices.issue("yaan" if forge == "of another city" else "wuhai", "u-lan", "lan", None)
    token = {"a session": site.token("u-lan"), "nonsense": "x.y.z"}.get(forge, token)
    assert (await site.http.post("/v1/sessions", json={**LAN, "device": token})).status_code == 201
    assert "device" not in site.org.calls[-1]["args"]


async def test_a_device_token_signs_nobody_in(site: Site) -> None:
    assert (await me(site, site.state.devices.issue("wuhai", "u-lan", "lan", None))).status_code == 401


async def test_invented_names_of_cities_do_not_fill_the_memory(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(principals, "_CACHE_SIZE", 3)
    for number in range(9):
        await site.http.post("/v1/sessions", json={**LAN, "tenant": f"city-{number}"})
    assert len(site.state.callers._system_tokens) <= 3


def through(site: Site, peer: str) -> httpx.AsyncClient:
    """A client of the configured server, connecting from `peer`."""
    config = server(create(site.state), site.state.settings, graceful=1).config
    config.load()
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(config.loaded_app, client=(peer, 1)), base_url="https://linli.example"
    )


@pytest.mark.parametrize(("peer", "statuses"), [("10.0.0.7", [201, 429, 201]), ("198.51.100.1", [201, 429, 429])])
async def test_a_limit_by_address_trusts_only_trusted_proxies_for_the_client_address(
    broker_process: BrokerProcess, tmp_path: Path, peer: str, statuses: list[int]
) -> None:
    limits = {"LINLI_TRUSTED_PROXIES": "10.0.0.0/8 127.0.0.1", "LINLI_ADDRESS_LIMIT": "1/hour"}
    async with running(tmp_path, broker_process.uri, **limits) as site, through(site, peer) as http:
        answers = [
            await http.post("/v1/sessions", json=LAN, headers={"X-Forwarded-For": caller})
            for caller in ("192.0.2.1", "192.0.2.1", "192.0.2.2")
        ]
    assert [answer.status_code for answer in answers] == statuses


async def test_others_verify_our_tokens_by_the_published_key(site: Site) -> None:
    key_set = (await site.http.get("/.well-known/jwks.json")).json()
    token = site.token("u-lan")
    key = jwt.PyJWKSet.from_dict(key_set)[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, key, algorithms=["EdDSA"], audience="linli")["sub"] == "u-lan"


@pytest.mark.parametrize("change", [{"exp": 1}, {"aud": "linli.services"}, {"iss": "https://elsewhere.example"}])
async def test_an_expired_or_foreign_token_is_refused(site: Site, change: dict[str, Any]) -> None:
    claims = jwt.decode(site.token("u-lan"), options={"verify_signature": False}) | change
    token = jwt.encode(claims, site.state.settings.session_key, algorithm="EdDSA")
    assert (await me(site, token)).status_code == 401


async def test_a_principal_token_is_not_a_sign_in(site: Site) -> None:
    assert (await me(site, site.state.callers.gateway("wuhai"))).status_code == 401


@pytest.mark.parametrize("token", ["gateway wuhai", "wuhai", "system:gateway", "anonymous wuhai", "null", "."])
async def test_an_unsigned_token_is_refused(site: Site, token: str) -> None:
    site.state.callers.gateway("wuhai")
    assert (await me(site, token)).status_code == 401


async def test_a_cached_token_still_expires(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    token = site.token("u-lan")
    callers = site.state.callers
    assert (await callers.of(token)).principal.subject == "u-lan"
    later = now + site.state.sessions.own.seconds + 1
    monkeypatch.setattr(callers, "_now", lambda: later)
    monkeypatch.setattr(site.state.sessions, "_now", lambda: later)
    with pytest.raises(Unauthenticated):
        await callers.of(token)


async def test_a_revocation_applies_within_sixty_seconds(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    token, callers = site.token("u-hai"), site.state.callers
    await callers.of(token)
    monkeypatch.delitem(PEOPLE, "u-hai")
    assert await callers.of(token)
    monkeypatch.setattr(callers, "_now", lambda: now + 31)
    with pytest.raises(Unauthenticated):
        await callers.of(token)


async def test_a_revocation_applies_at_once_to_acts_on_users_roles_and_settings(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = site.signed_in("u-adm")
    assert (await site.http.get("/v1/tenant", headers=headers)).status_code == 200
    monkeypatch.delitem(PEOPLE, "u-adm")
    assert (await site.http.get("/v1/tenant", headers=headers)).status_code == 200  # remembered for half a minute
    for path in ("/v1/users/u-adm/enable", "/v1/assignments", "/v1/posts", "/v1/units"):
        answer = await site.http.post(path, headers={**headers, "Idempotency-Key": "k"}, json={})
        assert (path, answer.status_code) == (path, 401)
    assert (await site.http.get("/v1/tenant", headers=headers)).status_code == 401  # and no longer


async def test_an_act_on_rights_does_not_run_on_remembered_ones_while_org_is_silent(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = site.signed_in("u-adm")
    assert (await site.http.get("/v1/tenant", headers=headers)).status_code == 200

    async def silent(_: dict[str, Any]) -> Any:
        raise Unavailable

    monkeypatch.setitem(site.org.answers, "principal_of", silent)
    assert (await site.http.get("/v1/tenant", headers=headers)).status_code == 200
    assert (await site.http.post("/v1/users/u-hai/disable", headers=headers, json={})).status_code == 503


async def known_before_org_went(site: Site) -> tuple[str, Callers, Caller]:
    token, callers = site.token("u-lan"), site.state.callers
    known = await callers.of(token)
    await site.org.stop()
    return token, callers, known


async def test_a_cached_caller_is_accepted_for_a_limited_time_while_org_is_down(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    token, callers, known = await known_before_org_went(site)
    monkeypatch.setattr(callers, "_now", lambda: now + 40)
    assert (await callers.of(token)).principal == known.principal
    monkeypatch.setattr(callers, "_now", lambda: now + 56)
    with pytest.raises(Unavailable):
        await callers.of(token)


async def test_all_requests_of_a_cached_caller_are_accepted_while_org_is_down(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    token, callers, known = await known_before_org_went(site)
    monkeypatch.setattr(callers, "_now", lambda: now + 40)
    found = await asyncio.gather(*(callers.of(token) for _ in range(5)))
    assert [caller.principal for caller in found] == [known.principal] * 5


async def test_a_refused_caller_is_not_accepted_again_while_org_is_down(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    token, callers = site.token("u-hai"), site.state.callers
    await callers.of(token)
    monkeypatch.delitem(PEOPLE, "u-hai")
    monkeypatch.setattr(callers, "_now", lambda: now + 31)
    with pytest.raises(Unauthenticated):
        await callers.of(token)
    await site.org.stop()
    with pytest.raises(Unavailable):
        await callers.of(token)


class Issuer:
    """OpenID Connect issuer with discovery and keys: the parts that a resource server uses."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[str] = []
        self.rotate("first")

    def rotate(self, key_id: str) -> None:
        self._key = generate_private_key(SECP256R1())
        self._key_id = key_id

    def token(self, **claims: Any) -> str:
        now = int(time.time())
        stated = {"iss": self.url, "aud": "linli", "sub": "u-qiu", "iat": now, "exp": now + 600} | claims
        return jwt.encode(stated, self._key, algorithm="ES256", headers={"kid": self._key_id})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        if scope["path"] == "/.well-known/openid-configuration":
            content = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        else:
            key = msgspec.json.decode(ECAlgorithm.to_jwk(self._key.public_key()))
            content = {"keys": [{**key, "kid": self._key_id, "alg": "ES256", "use": "sig"}]}
        await JSONResponse(content)(scope, receive, send)


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    port = free(1)[0]
    issuer = Issuer(f"http://127.0.0.1:{port}")
    issuing = Server(uvicorn.Config(issuer, port=port, lifespan="off", log_config=None))
    task = asyncio.create_task(issuing.serve())
    while not issuing.started:
        await asyncio.sleep(0.01)
    yield issuer
    issuing.should_exit = True
    await task


@asynccontextmanager
async def trusting(issuer: Issuer, uri: str, folder: Path, tenants: list[str]) -> AsyncIterator[Site]:
    trusted = [{"issuer": issuer.url, "audience": "linli", "tenants": tenants}]
    async with running(folder, uri, LINLI_ISSUERS=msgspec.json.encode(trusted).decode()) as site:
        yield site


async def test_people_of_a_trusted_issuer_sign_in_with_its_tokens(
    broker_process: BrokerProcess, tmp_path: Path
) -> None:
    async with issuing() as issuer, trusting(issuer, broker_process.uri, tmp_path, ["wuhai"]) as site:
        answer = await me(site, issuer.token())
        assert (answer.json()["tenant"], answer.json()["id"]) == ("wuhai", "u-qiu")
        [asked] = [call["args"] for call in site.org.calls]
        assert (asked["issuer"], asked["subject"]) == (issuer.url, "u-qiu")


async def test_an_issuer_vouches_only_for_the_tenants_it_is_bound_to(
    broker_process: BrokerProcess, tmp_path: Path
) -> None:
    async with issuing() as issuer, trusting(issuer, broker_process.uri, tmp_path, ["wuhai", "yaan"]) as site:
        assert (await me(site, issuer.token(tenant="yaan"))).json()["tenant"] == "yaan"
        for tenant in ({}, {"tenant": "nyc"}):
            assert (await me(site, issuer.token(**tenant))).status_code == 401


async def test_a_foreign_token_with_another_audience_or_key_is_refused(
    broker_process: BrokerProcess, tmp_path: Path
) -> None:
    async with issuing() as issuer, trusting(issuer, broker_process.uri, tmp_path, ["wuhai"]) as site:
        await me(site, issuer.token())
        assert (await me(site, issuer.token(aud="other"))).status_code == 401
        issuer.rotate("first")
        assert (await me(site, issuer.token())).status_code == 401


async def test_an_unknown_key_id_refetches_the_keys_but_not_repeatedly(
    broker_process: BrokerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with issuing() as issuer, trusting(issuer, broker_process.uri, tmp_path, ["wuhai"]) as site:
        await me(site, issuer.token())
        issuer.rotate("second")
        for _ in range(3):
            assert (await me(site, issuer.token())).status_code == 401
        assert issuer.asked.count("/keys") == 1
        foreign = site.state.sessions._foreign[issuer.url]
        monkeypatch.setattr(foreign, "_now", lambda: time.time() + 31)
        assert (await me(site, issuer.token())).status_code == 200


async def test_an_issuer_that_cannot_be_reached_is_503(broker_process: BrokerProcess, tmp_path: Path) -> None:
    issuer = Issuer(f"http://127.0.0.1:{free(1)[0]}")
    async with trusting(issuer, broker_process.uri, tmp_path, ["wuhai"]) as site:
        assert (await me(site, issuer.token())).status_code == 503
