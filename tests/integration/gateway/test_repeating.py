"""Advice after a timeout: a GET has no idempotency key to repeat with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chassis.errors import Expired, Overloaded, Problem, Unavailable
from gateway.http.problems import NoAnswer
from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.running import Site, running

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(broker_process: BrokerProcess, tmp_path: Path) -> AsyncIterator[Site]:
    async with running(tmp_path, broker_process.uri) as site:
        yield site


@pytest.mark.parametrize("kind", [NoAnswer, Expired, Unavailable, Overloaded, Problem])
async def test_a_reader_is_advised_to_repeat_and_a_writer_to_repeat_with_the_same_key(
    site: Site, kind: type[Problem]
) -> None:
    async def failing(_: Any) -> None:
        raise kind()

    async def title_of(verb: str, path: str, accept: str, **more: Any) -> str:
        answer = await site.http.request(
            verb, path, headers=site.signed_in("u-lan", **{"Accept-Language": accept}), **more
        )
        assert (answer.status_code, answer.json()["code"]) == (kind.status, kind.code)
        return str(answer.json()["title"])

    site.cases.answers |= {"get_case": failing, "withdraw": failing}
    for accept, key in (("en", "key"), ("zh-CN", "键")):
        read = await title_of("GET", "/v1/cases/7", accept)
        assert key not in read
        assert "{" not in read
        assert key in await title_of("POST", "/v1/cases/7/withdraw", accept, json={"reason": "mistaken"})
