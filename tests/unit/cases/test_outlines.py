"""Rough outlines: a point is outside a place if it is far from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.directory.outlines import _is_in

SQUARE = [[106.0, 39.0], [107.0, 39.0], [107.0, 40.0], [106.0, 40.0], [106.0, 39.0]]
HOOK = [[0.0, 0.0], [3.0, 0.0], [3.0, 3.0], [2.0, 3.0], [2.0, 1.0], [1.0, 1.0], [1.0, 3.0], [0.0, 3.0], [0.0, 0.0]]


@pytest.mark.parametrize("point", [(0, 0), (39.5, 106.5), (106.5, 41), (-73.9, 40.7), (107.001, 39.5)])
def test_zero_swapped_and_far_away_points_are_outside(point: tuple[float, float]) -> None:
    assert not _is_in(SQUARE, *point)


@given(st.floats(0.01, 2.99), st.floats(0.01, 2.99))
def test_a_point_in_the_gap_of_an_outline_is_outside(lon: float, lat: float) -> None:
    assert _is_in(HOOK, lon, lat) == (not (1 < lon <= 2 and lat > 1)) or lon in (1, 2) or lat == 1
