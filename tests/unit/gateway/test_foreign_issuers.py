"""Foreign issuers: their keys are fetched once for all who wait, and not again and again while they are away."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from chassis.errors import Unauthenticated, Unavailable
from gateway.auth.sessions import ForeignIssuer, VerifiedToken
from gateway.settings import TrustedIssuer

pytestmark = pytest.mark.anyio
URL = "https://issuer.example"
KEY = ec.generate_private_key(ec.SECP256R1())
TOKEN = jwt.encode({"iss": URL, "aud": "linli", "sub": "u", "iat": 0, "exp": 9}, KEY, algorithm="ES256")


class Issuer:
    """An issuer that answers once it is told to, or is away."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_away = False
        self.now = 0.0
        self.answers = asyncio.Event()
        trusted = TrustedIssuer(issuer=URL, audience="linli", tenants=("wuhai",))
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        self._verifier = ForeignIssuer(trusted, client, now=lambda: self.now)

    async def verify(self, key_id: str = "k") -> VerifiedToken:
        return await self._verifier.verify(TOKEN, key_id)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        await self.answers.wait()
        if self.is_away:
            raise httpx.ConnectError("refused")
        content: dict[str, Any] = {"issuer": URL, "jwks_uri": f"{URL}/keys"}
        if request.url.path == "/keys":
            key = json.loads(ECAlgorithm.to_jwk(KEY.public_key()))
            content = {"keys": [key | {"kid": "k", "alg": "ES256", "use": "sig"}]}
        return httpx.Response(200, json=content)


async def test_all_who_come_during_the_first_fetch_wait_for_it() -> None:
    issuer = Issuer()
    waiting = [asyncio.create_task(issuer.verify()) for _ in range(5)]
    while not issuer.asked:
        await asyncio.sleep(0)
    issuer.answers.set()
    assert {token.subject for token in await asyncio.gather(*waiting)} == {"u"}
    assert issuer.asked == 2


async def test_an_issuer_that_is_away_is_asked_again_only_after_a_while() -> None:
    issuer = Issuer()
    issuer.is_away = True
    issuer.answers.set()
    for _ in range(5):
        with pytest.raises(Unavailable):
            await issuer.verify()
    assert issuer.asked == 1
    issuer.is_away, issuer.now = False, 6.0
    assert (await issuer.verify()).subject == "u"


async def test_known_keys_stay_in_use_while_an_issuer_is_away() -> None:
    issuer = Issuer()
    issuer.answers.set()
    await issuer.verify()
    issuer.is_away, issuer.now = True, 10_000.0
    assert (await issuer.verify()).subject == "u"
    with pytest.raises(Unauthenticated):
        await issuer.verify("another")
    assert issuer.asked == 3
