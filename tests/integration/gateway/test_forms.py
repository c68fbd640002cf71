"""Validation of bodies: blank or incomplete fields are refused, and named in the reader's language."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.running import Site, running

pytestmark = pytest.mark.anyio

PLACE: dict[str, Any] = {"path": "/1503/150302/150302011/"}
REPORT = {"category": "event.city.litter", "place": PLACE}
ANSWERED = {"decision": "修路灯"}


@pytest.fixture
async def site(broker_process: BrokerProcess, tmp_path: Path) -> AsyncIterator[Site]:
    async with running(tmp_path, broker_process.uri) as site:
        yield site


async def faults(site: Site, path: str, body: Any, accept: str = "en") -> dict[str, str]:
    headers = site.signed_in("u-lan", **{"Idempotency-Key": "k", "Accept-Language": accept})
    answer = await site.http.post(path, headers=headers, json=body)
    assert (answer.status_code, site.cases.calls) == (422, []), answer.text
    return {fault["field"]: fault["reason"] for fault in answer.json()["fields"]}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/cases/7/contact", {}, "note"),
        ("/v1/cases/7/progress", {}, "note"),
        ("/v1/cases/7/inspect", {"passed": True, "how": "visit"}, "note"),
        ("/v1/cases/7/sub-tasks", {"unit": "water"}, "title"),
        ("/v1/cases/7/comments", {}, "text"),
        ("/v1/deliberations/7/hold", {"present": []}, "minutes"),
        ("/v1/proceedings/review/7/hear", {}, "statement"),
    ],
)
async def test_a_required_text_must_not_be_blank(site: Site, path: str, body: Any, field: str) -> None:
    for blank in ("", " \t\n", "\u3000"):
        assert await faults(site, path, body | {field: blank}) == {field: "it must not be blank"}
    assert await faults(site, path, body | {field: " "}, "zh-CN") == {field: "不得为空白"}


@pytest.mark.parametrize("told", [{}, {"text": ""}, {"text": " \u3000"}, {"photos": []}])
async def test_a_report_has_a_text_or_a_photo(site: Site, told: dict[str, Any]) -> None:
    english = await faults(site, "/v1/cases", REPORT | told)
    assert english == {"text": "write a text, or add at least one photo"}
    assert await faults(site, "/v1/cases", REPORT | told, "zh-CN") == {"text": "上报须填写文字说明或附至少一张照片"}
    headers = site.signed_in("u-lan", **{"Idempotency-Key": "k"})
    for enough in ({"text": "路灯不亮"}, {"photos": ["p-1"]}):
        assert (await site.http.post("/v1/cases", headers=headers, json=REPORT | enough)).status_code == 201


@pytest.mark.parametrize("half", [{"lon": 106.8}, {"lat": 39.6}, {"lon": 106.8, "lat": None}])
async def test_a_point_has_both_coordinates(site: Site, half: dict[str, Any]) -> None:
    told = "give both lon and lat, or neither"
    report = REPORT | {"place": PLACE | half, "text": "路灯不亮"}
    assert await faults(site, "/v1/cases", report) == {"place.lat": told}
    assert await faults(site, "/v1/cases/7/register", {"place": PLACE | half}) == {"place.lat": told}
    case = {"category": "road", "area": PLACE["path"], "text": "修路灯", **half}
    assert await faults(site, "/v1/deliberations/7/decide", ANSWERED | {"follow_up": case}) == {"follow_up.lat": told}


@pytest.mark.parametrize("value", [None, "x"])
async def test_an_unknown_field_is_refused_whatever_its_value(site: Site, value: Any) -> None:
    body = {"reason": "x", "case": value}
    assert await faults(site, "/v1/cases/7/void", body) == {"case": "there is no such field"}
