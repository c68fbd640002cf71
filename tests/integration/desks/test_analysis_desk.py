"""Indicators, hot spots and the suggested unit through the running service."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.access import Principal
from tests.integration.desks.town import COMMUNITY, COUNTY, NEXT_COMMUNITY, URBAN, WATER, Town

INDICATORS = pytest.mark.domain("The case: Indicators")


def asked(town: Town, by: Principal, **more: Any) -> list[dict[str, Any]]:
    today = (town.now() + timedelta(hours=8)).date()
    period = {"since": today - timedelta(days=1), "until": today + timedelta(days=30)}
    items: list[dict[str, Any]] = town.ask(by, "get_indicators", **period, **more)["items"]
    return items


def full(line: dict[str, Any], name: str) -> tuple[int, int]:
    figure = line["indicators"][name]["full"]
    return figure["counted"], figure["of"]


def settled(town: Town, cases: int) -> None:
    def all_counted() -> bool:
        return town.stored("case_facts") == cases and not town.stored("case_facts", stale=True)

    town.wait(all_counted)


@INDICATORS
def test_a_case_is_counted_where_it_lies_and_for_the_department_that_led(town: Town) -> None:
    case = town.awaiting_rating()
    town.ask(town.resident, "rate", case=case, contacted=True, solved=True, satisfied=5)
    town.report("另一件")
    town.wait(lambda: town.stored("case_facts", satisfied=5))
    town.wait(lambda: town.stored("case_facts", closed_at={"$ne": None}))
    settled(town, 2)
    for by, area in ((town.centre, COUNTY), (town.street, None), (town.centre, COMMUNITY)):
        [line] = asked(town, by, area=area)
        assert (full(line, "registration"), full(line, "handling_on_time"), full(line, "satisfaction")) == (
            (1, 2),
            (1, 1),
            (1, 1),
        )
    assert asked(town, town.centre, area=NEXT_COMMUNITY) == []
    [own] = asked(town, town.urban)
    assert (full(own, "closing_on_time"), full(own, "first_dispatch"), full(own, "registration")) == (
        (1, 1),
        (1, 1),
        (0, 0),
    )


@INDICATORS
def test_figures_are_split_by_area_department_and_day_and_never_by_person(town: Town) -> None:
    town.awaiting_rating()
    settled(town, 1)
    assert [line["area"] for line in asked(town, town.street, split="area")] == ["150302003014"]
    assert [line["unit"] for line in asked(town, town.street, split="unit")] == [URBAN]
    assert len(asked(town, town.street, split="day")) >= 2
    assert (
        town.refused(town.street, "get_indicators", since="2026-01-01", until="2026-01-02", split="handler")
        == "invalid"
    )


@INDICATORS
def test_what_leaves_the_tenant_hides_small_counts(town: Town) -> None:
    town.awaiting_rating()
    settled(town, 1)
    [line] = asked(town, town.centre, leaving=True)
    assert all(indicator["full"] == {"suppressed": True} for indicator in line["indicators"].values())
    assert "on_the_spot" not in line


@INDICATORS
def test_a_department_reads_its_own_figures_and_staff_those_of_their_area(town: Town) -> None:
    period = {"since": "2026-01-01", "until": "2026-01-31"}
    assert town.refused(town.urban, "get_indicators", **period, unit=WATER) == "not_found"
    assert town.refused(town.street, "get_indicators", **period, area=COUNTY) == "not_found"
    assert town.refused(town.resident, "get_indicators", **period) == "case.wrong_role"


@pytest.mark.domain("分析研判")
def test_more_reports_than_usual_at_one_place_are_a_hot_spot(town: Town) -> None:
    for number in range(4):
        town.report(f"路灯又坏了 {number}", by=town.someone(f"r{number}", "resident"))
    settled(town, 4)
    today = (town.now() + timedelta(hours=8)).date()
    [spot] = town.ask(town.street, "list_hot_spots", since=today, days=1)["items"]
    assert (spot["count"], spot["chance"] < 0.01) == (4, True)
    assert town.ask(town.street, "list_hot_spots", since=today, days=1, leaving=True)["items"] == []
    assert not {"person", "persons", "reporter"} & set(spot)


@pytest.mark.domain("The case: Dispatch")
def test_the_street_is_told_which_unit_the_list_names_and_why(town: Town) -> None:
    town.awaiting_rating()
    settled(town, 1)
    case = town.registered("路灯闪烁", by=town.neighbour)
    [suggested] = town.ask(town.street, "suggest_units", case=case)["items"]
    assert (suggested["unit"], suggested["right"]) == (URBAN, 1.0)
    assert "条例" in suggested["why"]["zh-CN"]
    assert town.refused(town.water, "suggest_units", case=case) == "not_found"


@pytest.mark.domain("The case: Indicators")
def test_the_streets_daily_report_says_what_came_in_and_what_is_open_late_or_came_back(town: Town) -> None:
    town.awaiting_rating()
    town.report("另一件", by=town.neighbour)
    settled(town, 2)
    today = (town.now() + timedelta(hours=8)).date()
    report = town.ask(town.street, "get_daily_report", day=today)
    assert (report["counts"]["reported"], report["counts"]["finished"]) == (2, 1)
    assert report["open"] == {"AWAITING_RATING": 1, "REPORTED": 1}
    assert (report["marks"], report["came_back"]) == ({"yellow": 0, "red": 0}, 0)
    assert town.refused(town.resident, "get_daily_report", day=today) == "case.wrong_role"
