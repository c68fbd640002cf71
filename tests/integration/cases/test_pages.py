"""Pages of a list: newest first, however far apart the cases lie, each once, none about the reader's own unit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.cases.town import COVER, GRID, LAMP, STREET_CODE, Town

MATTERS = (LAMP, COVER, "event.appearance.noise")
DAYS_AGO = (0, 0, 0.5, 3, 20, 20, 90, 400)


def reported(town: Town, source: str) -> None:
    rows: list[dict[str, Any]] = [
        {"line": number, "number": f"{source}-{number}", "category": LAMP, "path": GRID, "state": "REGISTERED",
         "reported_at": (datetime.now(UTC) - timedelta(days=days)).isoformat()}
        for number, days in enumerate(DAYS_AGO, start=1)
    ]  # fmt: skip
    assert town.ask("centre", "import_cases", source=source, rows=rows)["made"] == len(rows)


def pages(town: Town, method: str = "list_cases", limit: int = 3, **filters: Any) -> list[dict[str, Any]]:
    """All rows, read `limit` at a time."""
    page = town.ask("street", method, limit=limit, **filters)
    rows: list[dict[str, Any]] = page["items"]
    while page["next"]:
        page = town.ask("street", method, limit=limit, after=page["next"], **filters)
        rows += page["items"]
    return rows


def test_pages_reach_back_as_far_as_the_oldest_case_and_show_each_once(town: Town) -> None:
    reported(town, "old")
    rows = pages(town)
    moments = [row["reported_at"] for row in rows]
    assert moments == sorted(moments, reverse=True)
    assert len({row["id"] for row in rows}) == len(rows)
    year_ago = (datetime.now(UTC) - timedelta(days=365)).isoformat()
    assert moments[-1] < year_ago < moments[0]


@pytest.mark.parametrize("limit", [2, 3])
@pytest.mark.parametrize(("method", "filters"), [("list_cases", {"sort": "due"}), ("work_list", {"name": "to_do"})])
def test_what_is_due_first_comes_first_and_what_has_no_due_moment_last(
    town: Town, limit: int, method: str, filters: dict[str, Any]
) -> None:
    undated = {town.report(category=category)["id"] for category in MATTERS}
    registered = {town.registered("neighbour", category=category) for category in MATTERS}
    rows = pages(town, method, limit, **filters)
    assert ({row["id"] for row in rows[:3]}, {row["id"] for row in rows[3:]}) == (registered, undated)
    dues = [row.get("due") for row in rows]
    assert (dues[:3], dues[3:]) == (sorted(dues[:3]), [None] * 3)


@pytest.mark.domain("Roles: work lists")
def test_a_role_without_a_list_is_told_so_and_one_that_sees_no_cases_too(town: Town) -> None:
    assert town.refused("supervisor", "work_list", name="to_do") == "case.no_such_list"
    assert town.refused("tenant_admin", "work_list", name="to_do") == "case.sees_none"


def test_a_page_is_filled_up_past_complaints_about_ones_own_unit(town: Town) -> None:
    reported(town, "own")
    before = len(pages(town))
    for number in range(4):
        place = {"path": GRID, "lon": 106.70 + number / 100, "lat": 39.6}
        town.report("hotline", about=STREET_CODE, place=place)
    assert len(town.ask("street", "list_cases", limit=3)["items"]) == 3
    assert len(pages(town)) == before
