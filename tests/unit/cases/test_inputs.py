"""Validation of API types by the service itself, for callers that do not come through the gateway."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chassis.errors import Invalid
from services.cases.api.case import Place, Report
from services.cases.api.deliberation import FollowUp

PATH = "/1503/150302/150302011/"
REPORT = {"category": "road", "place": {"path": PATH}}


def fields_refused(body: dict[str, Any], form: type[msgspec.Struct]) -> list[str]:
    with pytest.raises(Invalid) as refused:
        msgspec.convert(body, form)
    return [fault["field"] for fault in refused.value.data["fields"]]


@pytest.mark.parametrize("content", [{}, {"text": " \u3000"}, {"text": "", "photos": []}])
def test_a_report_has_a_text_or_a_photo(content: dict[str, Any]) -> None:
    assert fields_refused(REPORT | content, Report) == ["text"]
    for enough in ({"text": "路灯不亮"}, {"photos": ["p-1"]}):
        msgspec.convert(REPORT | enough, Report)


@pytest.mark.parametrize("half", [{"lon": 106.8}, {"lat": 39.6}])
def test_a_point_has_both_coordinates(half: dict[str, Any]) -> None:
    assert fields_refused({"path": PATH} | half, Place) == ["lat"]
    assert fields_refused({"category": "road", "area": PATH, "text": "修"} | half, FollowUp) == ["lat"]


@pytest.mark.parametrize("source", ["resolution", "source", "kind"])
def test_a_report_does_not_say_where_it_comes_from(source: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=source):
        msgspec.convert(REPORT | {"text": "路灯不亮", source: "d-1"}, Report)
