"""What calls bring, as the service itself takes it: whoever calls it, through the gateway or not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chassis.errors import Invalid
from services.cases.api.deliberation import FollowUp
from services.cases.api.old_types import PlaceForm, ReportForm

PATH = "/1503/150302/150302011/"
REPORT = {"category": "road", "place": {"path": PATH}}


def fields_refused(body: dict[str, Any], form: type[msgspec.Struct]) -> list[str]:
    with pytest.raises(Invalid) as refused:
        msgspec.convert(body, form)
    return [fault["field"] for fault in refused.value.data["fields"]]


@pytest.mark.parametrize("told", [{}, {"text": " \u3000"}, {"text": "", "photos": []}])
def test_a_report_has_a_text_or_a_photo(told: dict[str, Any]) -> None:
    assert fields_refused(REPORT | told, ReportForm) == ["text"]
    for enough in ({"text": "路灯不亮"}, {"photos": ["p-1"]}):
        msgspec.convert(REPORT | enough, ReportForm)


@pytest.mark.parametrize("half", [{"lon": 106.8}, {"lat": 39.6}])
def test_a_point_has_both_coordinates(half: dict[str, Any]) -> None:
    assert fields_refused({"path": PATH} | half, PlaceForm) == ["lat"]
    assert fields_refused({"category": "road", "area": PATH, "text": "修"} | half, FollowUp) == ["lat"]
