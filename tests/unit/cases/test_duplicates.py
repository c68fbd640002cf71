from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.analytics.duplicates import SIZE, candidates, similarity, sketch
from services.cases.case.model.geo_cells import cell_of, neighbours

pytestmark = pytest.mark.domain("96118 热线")

KEY = b"k" * 32
NOW = datetime(2026, 11, 19, 2, tzinfo=UTC)
LON, LAT = 106.7906, 39.6599
CELL = cell_of(LON, LAT)
LAMP = "component.utility.street-lamp"
TYPED = "小区三号楼门前的路灯坏了三天没人修"


def row(key: str, text: str, category: str = LAMP, cell: str = CELL, days: int = 0) -> dict[str, Any]:
    reported = NOW - timedelta(days=days)
    return {"key": key, "category": category, "cell": cell, "sketch": sketch(text, KEY), "reported_at": reported}


def found(*rows: dict[str, Any], typed: str = TYPED, category: str = LAMP) -> list[str]:
    judged = candidates(rows, cell=CELL, category=category, typed=sketch(typed, KEY), now=NOW)
    return [candidate.case for candidate in judged]


def test_the_same_matter_nearby_is_suggested_and_another_is_not() -> None:
    same = row("same", "3号楼门前路灯坏了,没人修")
    other = row("other", "垃圾没人收,臭味很大", "event.appearance.uncollected-waste")
    assert found(same, other) == ["same"]


def test_the_most_likely_duplicate_comes_first() -> None:
    rows = [row("older", "三号楼门前的路灯坏了", days=25), row("newer", "三号楼门前的路灯坏了"), row("exact", TYPED)]
    assert found(*rows) == ["exact", "newer", "older"]


def test_a_case_of_which_only_a_rating_is_known_yet_is_not_suggested() -> None:
    """The rating of a case merged into it may arrive before its own report."""
    unreported = row("C2", TYPED)
    del unreported["reported_at"]
    assert found(unreported, row("C1", TYPED)) == ["C1"]


def test_a_sketch_is_short_and_reveals_nothing_without_the_key() -> None:
    long = sketch(TYPED * 40, KEY)
    assert len(long) <= SIZE
    assert similarity(sketch(TYPED, KEY), sketch(TYPED, b"x" * 32)) == 0.0


def test_punctuation_width_and_case_do_not_matter() -> None:
    assert sketch("A楼,路灯 坏了!", KEY) == sketch("a楼路灯坏了", KEY)


def test_an_empty_text_resembles_no_other() -> None:
    assert similarity(sketch("", KEY), sketch(" ,。", KEY)) == 0.0


@given(st.text(max_size=60), st.text(max_size=60))
def test_similarity_is_symmetric_and_between_zero_and_one(first: str, second: str) -> None:
    one, other = sketch(first, KEY), sketch(second, KEY)
    assert similarity(one, other) == similarity(other, one)
    assert 0.0 <= similarity(one, other) <= 1.0
    assert not one or similarity(one, one) == 1.0


longitudes, latitudes = st.floats(-180, 179.99), st.floats(-89, 89)


@given(longitudes, latitudes, st.floats(-1, 1), st.floats(-1, 1))
def test_a_point_within_a_cells_width_is_in_the_cell_or_a_neighbour(
    lon: float, lat: float, east: float, north: float
) -> None:
    width = 360 / 2**18
    near = cell_of((lon + east * width * 0.99 + 180) % 360 - 180, lat + north * width * 0.49)
    assert near in neighbours(cell_of(lon, lat))


@given(longitudes, latitudes)
def test_a_cell_is_small_and_lies_amid_its_neighbours(lon: float, lat: float) -> None:
    cell = cell_of(lon, lat)
    assert cell_of((lon + 0.0014 + 180) % 360 - 180, lat) != cell
    assert cell_of(lon, lat + 0.0014) != cell
    assert cell in neighbours(cell)
    assert len(set(neighbours(cell))) == 9
    assert all(cell in neighbours(other) for other in neighbours(cell))


def test_the_code_is_the_standard_geohash() -> None:
    assert cell_of(-5.603, 42.605).startswith("ezs42")
    assert cell_of(10.40744, 57.64911) == "u4pruyd"
