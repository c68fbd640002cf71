"""Indicators, hot spots and the suggested unit through the running service."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from jsonschema import validate

from gateway.api import schema
from gateway.routes.cases.analytics import OPERATIONS
from tests.integration.cases.town import COMMUNITY, COUNTY, HOME, LAMP, NEXT_COMMUNITY, Town
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
    assert town.refused("resident", "get_indicators", **period) == "wrong_role"


@pytest.mark.domain("分析研判")
def test_more_reports_than_usual_at_one_place_are_a_hot_spot(town: Town) -> None:
    for number in range(4):
        town.report(town.who("resident", subject=f"r{number}"), text=f"路灯又坏了 {number}")
    settled(town, 4)
    today = (town.site.now + timedelta(hours=8)).date()
    [spot] = town.ask("street", "list_hot_spots", since=today, days=1)["items"]
    assert (spot["count"], spot["chance"] < 0.01) == (4, True)
    assert town.ask("urban", "list_hot_spots", since=today, days=1)["items"] == []
    assert town.ask("street", "list_hot_spots", since=today, days=1, leaving=True)["items"] == []
    assert not {"person", "persons", "reporter"} & set(spot)


@pytest.mark.domain("分析研判")
def test_a_department_reads_the_hot_spots_of_what_it_leads(town: Town) -> None:
    for number in range(4):
        case = town.registered(town.who("resident", subject=f"r{number}"), text=f"路灯又坏了 {number}")
        town.ask("street", "dispatch", case=case, lead="urban")
    settled(town, 4)
    wait_for(lambda: town.stored("case_facts", lead="urban") == 4)
    today = (town.site.now + timedelta(hours=8)).date()
    [spot] = town.ask("urban", "list_hot_spots", since=today, days=1)["items"]
    assert spot["count"] == 4
    assert town.ask("water", "list_hot_spots", since=today, days=1)["items"] == []


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
    assert town.refused("resident", "get_daily_report", day=today) == "wrong_role"


def test_the_report_of_a_past_day_says_what_was_open_at_its_end(town: Town) -> None:
    ended, kept = town.registered(), town.report("neighbour", text="另一件")["id"]
    day = (town.site.now + timedelta(hours=8)).date()
    town.site.advance(timedelta(days=1))
    town.awaiting_rating(ended)
    town.ask("resident", "rate", case=ended, solved=True, satisfied=5)
    town.ask("neighbour", "withdraw", case=kept, reason="gone")
    town.report("courier", text="第三件")
    report = town.ask("street", "get_daily_report", day=day)
    assert report["open"] == {"REGISTERED": 1, "REPORTED": 1}
    assert town.ask("street", "get_daily_report", day=day + timedelta(days=1))["open"] == {"REPORTED": 1}


@INDICATORS
def test_what_lies_at_the_callers_own_area_is_a_line_of_the_split_by_area(town: Town) -> None:
    town.awaiting_rating()
    town.report("neighbour", text="另一件", place={"path": COUNTY, "address": "某处"})
    town.report("courier", text="第三件", place={"path": NEXT_COMMUNITY, "address": "某处"})
    settled(town, 3)
    reported = {line["area"]: full(line, "registration")[1] for line in asked(town, "centre", split="area")}
    assert reported == {"150302": 1, "150302003": 2}
    assert sum(reported.values()) == full(asked(town, "centre")[0], "registration")[1]


@INDICATORS
def test_every_read_of_analytics_answers_by_its_schema(town: Town) -> None:
    """Also without any case, and with one that lies at the caller's own area."""
    today = (town.site.now + timedelta(hours=8)).date()
    period = {"since": today, "until": today}
    asked_by: dict[str, list[dict[str, Any]]] = {
        "get_indicators": [period | {"split": split} for split in (None, "area", "unit", "day")],
        "get_daily_report": [{"day": today}],
        "list_hot_spots": [{"since": today, "days": 1}],
        "suggest_duplicates": [{"category": LAMP, **HOME, "text": "路灯不亮"}],
    }

    def answers_fit(more: dict[str, list[dict[str, Any]]]) -> None:
        for method, terms in more.items():
            for each in terms:
                answer = town.ask("street", method, **each)
                validate(answer, schema_of(method))

    answers_fit(asked_by)
    for number in range(4):
        town.report(town.who("resident", subject=f"r{number}"), text=f"路灯又坏了 {number}")
    case = town.registered(text="另一件")
    town.report("courier", text="某处", place={"path": COUNTY, "address": "某处"})
    settled(town, 6)
    answers_fit(asked_by | {"suggest_units": [{"case": case}]})


def schema_of(method: str) -> dict[str, Any]:
    """The schema that the API shows for the answer of a read, with what it refers to."""
    [operation] = [each for each in OPERATIONS if each.method == method]
    [shown] = schema.responses(operation, False)[200]["content"].values()
    return shown["schema"] | {"components": {"schemas": schema.components(OPERATIONS)}}
