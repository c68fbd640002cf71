"""How often a household is visited, on which day next, and in what order a worker goes."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.residents.visits.rhythm import Day, days_between, next_day
from services.residents.visits.route import Stop, distance, in_order_of_nearness, middle
from vocabulary.care import Care

pytestmark = pytest.mark.domain("定期家访、排查、座谈")
TODAY = date(2026, 3, 2)
NEAR = st.dates(TODAY - timedelta(days=500), TODAY + timedelta(days=500))
POINTS = st.tuples(st.floats(105, 108), st.floats(38, 41))
STOPS = st.lists(st.tuples(st.none() | POINTS, st.sampled_from(["", "E1/B1", "E1/B2"])), max_size=12).map(
    lambda given: [Stop(str(index), at, building) for index, (at, building) in enumerate(given)]
)


@pytest.mark.domain("五色户卡")
@pytest.mark.parametrize(
    ("colour", "needs", "days"),
    [
        ("", [], 0),
        ("red", [], 7),
        ("blue", ["health"], 15),
        ("red", ["life"], 7),
        ("orange", ["life"], 30),
        ("orange", [], 0),
        ("no-more-in-the-settings", ["nor-this"], 0),
    ],
)
def test_the_rhythm_is_the_shortest_of_the_cards_and_the_needs(colour: str, needs: list[str], days: int) -> None:
    assert days_between(Care(), colour, needs) == days


@given(since=NEAR, every=st.integers(1, 366), today=st.just(TODAY), planned=st.none() | NEAR)
def test_the_next_visit_lies_a_rhythm_after_the_last_or_tomorrow_if_that_is_over(
    since: date, every: int, today: date, planned: date | None
) -> None:
    day = next_day(since, every, today, planned)
    if since + timedelta(days=every) > today:
        assert day == since + timedelta(days=every)
    else:
        assert day == today + timedelta(days=1) or (day == planned and planned <= today)
    assert next_day(since, every, today, day) == day


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Urumqi", "America/New_York", "UTC"])
def test_a_day_begins_and_ends_on_the_citys_clocks(zone: str) -> None:
    day = Day.of(date(2026, 3, 8), ZoneInfo(zone))  # clocks change in New York
    local = day.remind_at.astimezone(ZoneInfo(zone)), day.ends_at.astimezone(ZoneInfo(zone))
    assert [f"{moment:%d %H:%M}" for moment in local] == ["08 08:00", "09 00:00"]
    assert day.due.date() == date(2026, 3, 8)


@given(STOPS)
def test_a_route_has_every_stop_once_and_goes_on_to_the_nearest_that_is_left(stops: list[Stop]) -> None:
    route = in_order_of_nearness(stops)
    assert Counter(route) == Counter(stops)
    assert route[:1] == stops[:1]
    for index, stop in enumerate(route[1:], start=1):
        last, left = route[index - 1], route[index:]
        if last.at and stop.at:
            assert distance(last.at, stop.at) == min(distance(last.at, each.at) for each in left if each.at)
        elif last.at:
            assert not [each for each in left if each.at]


def test_visits_of_one_place_stand_together_by_building() -> None:
    at = (106.8, 39.6)
    stops = [Stop("1", at, "E1/B2"), Stop("2", (106.9, 39.6), ""), Stop("3", at, "E1/B1"), Stop("4", at, "E1/B2")]
    assert [stop.visit for stop in in_order_of_nearness(stops)] == ["1", "4", "3", "2"]


def test_the_middle_of_an_outline_is_that_of_its_corners() -> None:
    square = [[106.0, 39.0], [108.0, 39.0], [108.0, 41.0], [106.0, 41.0], [106.0, 39.0]]
    assert middle([square]) == (107.0, 40.0)
    assert middle([]) is None
