from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.cases.analytics.hot_spots import Sighting, hot_spots
from services.cases.api.analytics import HotSpot

pytestmark = pytest.mark.domain("分析研判")

SINCE = date(2026, 11, 2)
LAMP, NOISE = "component.utility.street-lamp", "event.appearance.noise"


def seen(count: int, day: int = 0, cell: str = "wr5cw5f", category: str = LAMP, hour: int = 9) -> list[Sighting]:
    return [Sighting(cell, category, SINCE + timedelta(days=day), hour)] * count


def where(spots: list[HotSpot]) -> list[tuple[str, str, int]]:
    return [(spot.cell, spot.category, spot.count) for spot in spots]


def test_unusually_many_cases_of_one_place_and_category_are_a_hot_spot() -> None:
    sightings = [*seen(6), *seen(1, -3), *seen(2, cell="wr5cw5g"), *seen(2, category=NOISE)]
    assert where(hot_spots(sightings, SINCE, 7)) == [("wr5cw5f", LAMP, 6)]


def test_a_usual_count_is_no_hot_spot() -> None:
    every_week = [sighting for week in range(-4, 1) for sighting in seen(6, week * 7)]
    assert hot_spots(every_week, SINCE, 7) == []


def test_only_the_window_and_the_four_before_it_count() -> None:
    assert hot_spots([*seen(9, 7), *seen(9, -1)], SINCE, 7) == []
    with_past = hot_spots([*seen(6), *seen(4, -29)], SINCE, 7)
    assert with_past[0].expected == 0.125


def test_the_least_likely_comes_first_with_its_busiest_hours() -> None:
    sightings = [*seen(4), *seen(5, cell="wr5cw5g", hour=22), *seen(3, cell="wr5cw5g", hour=23)]
    first, second = hot_spots(sightings, SINCE, 7)
    assert (first.cell, first.hours, second.cell) == ("wr5cw5g", [22, 23], "wr5cw5f")
    assert first.chance < second.chance < 0.01


def test_figures_that_leave_the_tenant_show_no_place_with_fewer_than_ten() -> None:
    sightings = [*seen(9), *seen(10, cell="wr5cw5g")]
    assert len(hot_spots(sightings, SINCE, 7)) == 2
    assert where(hot_spots(sightings, SINCE, 7, leaving=True)) == [("wr5cw5g", LAMP, 10)]


def test_a_hot_spot_is_about_a_place_never_about_a_person() -> None:
    assert set(Sighting.__struct_fields__) == {"cell", "category", "day", "hour"}
    assert set(HotSpot.__struct_fields__) == {"cell", "category", "count", "expected", "chance", "hours"}
