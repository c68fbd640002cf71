"""What the parameters of an address take: anything else is refused, named, and told what would be right."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.running import Site, running

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(broker_process: BrokerProcess, tmp_path: Path) -> AsyncIterator[Site]:
    async with running(tmp_path, broker_process.uri) as site:
        yield site


async def faults(site: Site, address: str, accept: str = "en") -> dict[str, str]:
    """The fields that a GET is refused for, before any service is asked."""
    answer = await site.http.get(address, headers=site.signed_in("u-lan", **{"Accept-Language": accept}))
    assert (answer.status_code, site.cases.calls) == (422, []), answer.text
    return {fault["field"]: fault["reason"] for fault in answer.json()["fields"]}


async def parameters_of(site: Site, path: str) -> dict[str, Any]:
    document = (await site.http.get("/v1/openapi.json")).json()
    return {each["name"]: each for each in document["paths"][path]["get"]["parameters"]}


async def test_a_name_in_an_address_that_is_none_of_the_few_is_told_which_there_are(site: Site) -> None:
    assert await faults(site, "/v1/work/later") == {
        "name": "it must be 'to_do', 'mine', 'came_back', 'yellow_and_red' or 'supervised'"
    }
    chinese = await faults(site, "/v1/proceedings/tribunal", "zh-CN")
    assert chinese == {"kind": "必须是 'review'或'accountability'"}
    assert (await faults(site, "/v1/daily-reports/yesterday")).keys() == {"day"}


async def test_the_api_says_which_names_an_address_takes(site: Site) -> None:
    for path, name, allowed in (
        ("/v1/work/{name}", "name", ["to_do", "mine", "came_back", "yellow_and_red", "supervised"]),
        ("/v1/proceedings/{kind}", "kind", ["review", "accountability"]),
    ):
        assert (await parameters_of(site, path))[name]["schema"]["enum"] == allowed
