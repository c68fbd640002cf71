"""Answers that are files: sent as they are, to be saved and not shown."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chassis.errors import NotFound
from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.fake import FakeService
from tests.integration.gateway.running import Site, running

pytestmark = [pytest.mark.anyio, pytest.mark.domain("一表通")]
PATH = "/v1/report-files/P1/content"
CONTENT = b"\xef\xbb\xbf\xff<script>"


@pytest.fixture
async def site(broker_process: BrokerProcess, tmp_path: Path) -> AsyncIterator[Site]:
    async with running(tmp_path, broker_process.uri) as site:
        yield site


@pytest.fixture
async def residents(broker_process: BrokerProcess) -> AsyncIterator[FakeService]:
    service = FakeService(broker_process.uri, "residents")
    await service.start()
    yield service
    await service.stop()


async def test_a_file_is_sent_as_it_is_under_its_own_name(site: Site, residents: FakeService) -> None:
    async def read(call: dict[str, Any]) -> Any:
        assert call["args"] == {"file": "P1"}
        name = '住房\r\nX-Header: 1;" 2026.csv'
        return {"name": name, "mime": "text/csv; charset=utf-8", "content": base64.b64encode(CONTENT).decode()}

    residents.answers["read_report_file"] = read
    answer = await site.http.get(PATH, headers=site.signed_in("u-lan"))
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    said = answer.headers["content-disposition"]
    assert said.startswith("attachment; filename*=UTF-8''%E4%BD%8F%E6%88%BF%0D%0A")
    assert "x-header" not in answer.headers


async def test_a_file_that_nobody_may_read_is_a_problem_like_others(site: Site, residents: FakeService) -> None:
    async def read(call: dict[str, Any]) -> Any:
        raise NotFound

    residents.answers["read_report_file"] = read
    answer = await site.http.get(PATH, headers=site.signed_in("u-lan"))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await site.http.get(PATH)).status_code == 401
