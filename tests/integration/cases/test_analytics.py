"""Indicators, hot spots and the suggested unit through the running service."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.cases.town import COMMUNITY, COUNTY, NEXT_COMMUNITY, Town
from tests.servers.waiting import wait_for

INDICATORS = pytest.mark.domain("The case: Indicators")


def asked(town: Town, by: str, **more: Any) -> list[dict[str, Any]]:
    today = (town.site.now + timedelta(hours=8)).date()
    period = {"since": today - timedelta(days=1), "until": today + timedelta(days=30)}
    items: list[dict[str, Any]] = town.ask(by, "get_indicators", **period, **more)["items"]
    return items


def full(line: dict[str, Any], name: str) -> tuple[int, int]:
    figure = line["indicators"][name]["full"]
    return figure["counted"], figure["of"]


def settled(town: Town, cases: int) -> None:
    def all_counted() -> bool:
        return town.stored("case_facts") == cases and not town.stored("case_facts", stale=True)

    wait_for(all_counted)


@INDICATORS
def test_a_case_is_counted_where_it_lies_and_for_the_department_that_led(town: Town) -> None:
    case = town.awaiting_rating()
    town.ask("resident", "rate", case=case, contacted=True, solved=True, satisfied=5)
    town.report(text="另一件")
    wait_for(lambda: town.stored("case_facts", satisfied=5))
    wait_for(lambda: town.stored("case_facts", closed_at={"$ne": None}))
    settled(town, 2)
    for by, area in (("centre", COUNTY), ("street", None), ("centre", COMMUNITY)):
        [line] = asked(town, by, area=area)
        assert (full(line, "registration"), full(line, "handling_on_time"), full(line, "satisfaction")) == (
            (1, 2),
            (1, 1),
            (1, 1),
        )
    assert asked(town, "centre", area=NEXT_COMMUNITY) == []
    [own] = asked(town, "urban")
    assert (full(own, "closing_on_time"), full(own, "first_dispatch"), full(own, "registration")) == (
        (1, 1),
        (1, 1),
        (0, 0),
    )


@INDICATORS
def test_figures_are_split_by_area_department_and_day_and_never_by_person(town: Town) -> None:
    town.awaiting_rating()
    settled(town, 1)
    assert [line["area"] for line in asked(town, "street", split="area")] == ["150302003014"]
    assert [line["unit"] for line in asked(town, "street", split="unit")] == ["urban"]
    assert len(asked(town, "street", split="day")) >= 2
    assert (
        town.refused("street", "get_indicators", since="2026-01-01", until="2026-01-02", split="handler") == "invalid"
    )


@INDICATORS
def test_what_leaves_the_tenant_hides_small_counts(town: Town) -> None:
    town.awaiting_rating()
    settled(town, 1)
    [line] = asked(town, "centre", leaving=True)
    assert all(indicator["full"] == {"suppressed": True} for indicator in line["indicators"].values())
    assert "on_the_spot" not in line


@INDICATORS
def test_a_department_reads_its_own_figures_and_staff_those_of_their_area(town: Town) -> None:
    period = {"since": "2026-01-01", "until": "2026-01-31"}
    assert town.refused("urban", "get_indicators", **period, unit="water") == "not_found"
    assert town.refused("street", "get_indicators", **period, area=COUNTY) == "not_found"
    assert town.refused("resident", "get_indicators", **period) == "case.wrong_role"


@pytest.mark.domain("分析研判")
def test_more_reports_than_usual_at_one_place_are_a_hot_spot(town: Town) -> None:
    for number in range(4):
        town.report(town.who("resident", subject=f"r{number}"), text=f"路灯又坏了 {number}")
    settled(town, 4)
    today = (town.site.now + timedelta(hours=8)).date()
    [spot] = town.ask("street", "list_hot_spots", since=today, days=1)["items"]
    assert (spot["count"], spot["chance"] < 0.01) == (4, True)
    assert town.ask("street", "list_hot_spots", since=today, days=1, leaving=True)["items"] == []
    assert not {"person", "persons", "reporter"} & set(spot)


@pytest.mark.domain("The case: Dispatch")
def test_the_street_is_told_which_unit_the_list_names_and_why(town: Town) -> None:
    town.awaiting_rating()
    settled(town, 1)
    case = town.registered("neighbour", text="路灯闪烁")
    suggested, other = town.ask("street", "suggest_units", case=case)["items"]
    assert (suggested["unit"], suggested["right"], other["unit"]) == ("urban", 1.0, "water")
    assert "《城市照明管理规定》" in suggested["why"]["zh-CN"]
    assert town.refused("water", "suggest_units", case=case) == "not_found"


@pytest.mark.domain("The case: Indicators")
def test_the_streets_daily_report_says_what_came_in_and_what_is_open_late_or_came_back(town: Town) -> None:
    town.awaiting_rating()
    town.report("neighbour", text="另一件")
    settled(town, 2)
    today = (town.site.now + timedelta(hours=8)).date()
    report = town.ask("street", "get_daily_report", day=today)
    assert (report["counts"]["reported"], report["counts"]["finished"]) == (2, 1)
    assert report["open"] == {"AWAITING_RATING": 1, "REPORTED": 1}
    assert (report["marks"], report["came_back"]) == ({"yellow": 0, "red": 0}, 0)
    assert town.refused("resident", "get_daily_report", day=today) == "case.wrong_role"
