"""Mapping of New York's 311 service requests."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from chassis.csv_table import BadRow
from launcher.demo.nyc import FILE, categories
from launcher.imports import nyc311
from services.org.tenants.model.categories import STANDARD

ZONE = ZoneInfo("America/New_York")
REQUEST = {
    "unique_key": "60879417",
    "created_date": "2024-04-16T03:03:15.000",
    "closed_date": "",
    "agency": "DOT",
    "complaint_type": "Street Condition",
    "descriptor": "Pothole",
    "status": "In Progress",
    "community_board": "13 QUEENS",
    "borough": "QUEENS",
    "intersection_street_1": "133 AVENUE",
    "intersection_street_2": "231 STREET",
    "latitude": "40.67679280229251",
    "longitude": "-73.7379342313789",
}


def test_a_request_keeps_its_number_state_agency_place_and_time() -> None:
    assert nyc311.row_of(REQUEST, "/nyc/", ZONE) == {
        "number": "60879417",
        "category": "component.road.pavement",
        "path": "/nyc/4/413/",
        "state": "IN_PROGRESS",
        "text": "Street Condition\nPothole",
        "address": "133 AVENUE and 231 STREET",
        "lead": "dot",
        "reported_at": "2024-04-16T03:03:15-04:00",
        "lat": 40.67679280229251,
        "lon": -73.7379342313789,
    }


@pytest.mark.parametrize(
    ("board", "borough", "path"),
    [("Unspecified QUEENS", "QUEENS", "/nyc/4/"), ("0 Unspecified", "Unspecified", "/nyc/")],
)
def test_a_request_without_a_board_lies_in_its_borough_or_in_the_city(board: str, borough: str, path: str) -> None:
    request = REQUEST | {"community_board": board, "borough": borough}
    assert nyc311.row_of(request, "/nyc/", ZONE)["path"] == path


@pytest.mark.parametrize(
    ("column", "cell"),
    [("status", "Lost"), ("created_date", "yesterday"), ("unique_key", ""), ("latitude", "north"), ("agency", "")],
)
def test_an_unreadable_cell_is_named_by_its_column(column: str, cell: str) -> None:
    with pytest.raises(BadRow) as refusal:
        nyc311.row_of(REQUEST | {column: cell}, "/nyc/", ZONE)
    assert refusal.value.en.startswith(f"{column}: ")
    assert refusal.value.zh.startswith(f"{column}：")


def test_every_request_of_the_file_has_a_category_of_the_city() -> None:
    rows = list(nyc311.rows_of(FILE))
    known = {category.code for category in STANDARD} | {category["code"] for category in categories(rows)}
    assert {nyc311.row_of(row, "/nyc/", ZONE)["category"] for row in rows} <= known
