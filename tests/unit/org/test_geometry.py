from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from chassis.errors import Invalid
from services.org.divisions.model import geometry
from tests.unit.org.places import square

DATA = Path(__file__).parents[3] / "data"


def polygon(*ring: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring]]}


def multi(*shells: dict[str, Any]) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": [shell["coordinates"] for shell in shells]}


def with_holes(*holes: dict[str, Any]) -> dict[str, Any]:
    rings = [each["coordinates"][0] for each in (square(106, 39, 1), *holes)]
    return {"type": "Polygon", "coordinates": rings}


def nested(levels: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(levels):
        inner = [inner]
    return inner


@pytest.mark.parametrize(
    ("wrong", "en", "zh"),
    [
        ({"type": "Point", "coordinates": [106, 39]}, "GeoJSON Polygon", "须为 GeoJSON"),
        ({"type": "Polygon"}, "readable", "不是可读取的"),
        ({"type": "Polygon", "coordinates": "everywhere"}, "readable", "不是可读取的"),
        ({"type": "Polygon", "coordinates": nested(900)}, "readable", "不是可读取的"),
        ({"type": "Polygon", "coordinates": [[[106, 39], [107, 40]]]}, "readable", "每环至少 4 个点"),
        ({"type": "Polygon", "coordinates": []}, "no points", "没有坐标点"),
        ({"type": "Polygon", "coordinates": [[[106, None], [107, 40], [108, 41], [106, None]]]}, "", ""),
        (polygon((39, 106), (39.1, 106), (39.1, 106.1), (39, 106)), "longitude", "先经度"),
        (
            polygon((106, 39), (107, 40), (107, 39), (106, 40), (106, 39)),
            "Self-intersection[106.5 39.5]",
            "边线自相交（位于 106.5 39.5）",
        ),
        (polygon((0, 0), (2, 0), (2, 2), (1, 0), (0, 2), (0, 0)), "Ring Self-intersection", "环自相交"),
        (polygon((0, 0), (1, 1), (0, 0), (0, 0)), "Too few points", "环的点数不足"),
        (multi(square(106, 39, 1), square(106.2, 39.2, 0.1)), "Nested shells", "外环相互嵌套"),
        (with_holes(square(107.5, 39, 0.1)), "Hole lies outside shell", "孔在外环之外"),
        (with_holes(square(106.2, 39.2, 0.5), square(106.3, 39.3, 0.1)), "Holes are nested", "孔相互嵌套"),
        (
            with_holes(polygon((106, 39.5), (106.5, 39), (107, 39.5), (106.5, 40), (106, 39.5))),
            "disconnected",
            "不连通",
        ),
        (
            polygon(*((106 + n / 10**5, 39 + n % 2 / 10**3) for n in range(5000)), (106, 38), (106, 39)),
            "simplify",
            "请简化",
        ),
        (polygon((106, 39), (float("nan"), 40), (107, 39), (106, 39)), "", ""),
        (polygon((106, 39), (float("inf"), 40), (107, 39), (106, 39)), "", ""),
    ],
)
def test_a_wrong_polygon_is_refused_by_name_in_both_languages(wrong: dict[str, Any], en: str, zh: str) -> None:
    with pytest.raises(Invalid) as refusal:
        geometry.polygon(wrong)
    [field] = refusal.value.data["fields"]
    assert field["field"] == "geometry"
    assert en in field["reason"]["en"]
    assert zh in field["reason"]["zh-CN"]


@given(st.recursive(st.none() | st.floats() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=4)))
def test_whatever_the_coordinates_are_the_answer_is_a_polygon_or_a_refusal(coordinates: Any) -> None:
    with contextlib.suppress(Invalid):
        assert geometry.polygon({"type": "Polygon", "coordinates": coordinates}).is_valid


def test_the_outlines_of_the_counties_are_valid() -> None:
    features = json.loads((DATA / "districts.geojson").read_text(encoding="utf-8"))["features"]
    assert len(features) == 22
    for feature in features:
        assert 0 < len(geometry.squares_over(geometry.polygon(feature["geometry"]))) <= 24


@given(st.floats(-179, 178), st.floats(-89, 88), st.floats(1e-6, 0.9), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_point_in_a_polygon_shares_a_square_with_it(
    west: float, south: float, side: float, across: float, up: float
) -> None:
    area = square(west, south, side)
    longitude, latitude = west + side * across, south + side * up
    if geometry.contains_point(area, longitude, latitude):
        assert set(geometry.squares_at(longitude, latitude)) & set(geometry.squares_over(shape(area)))


def test_a_hole_is_outside() -> None:
    ring, hole = square(106, 39, 1)["coordinates"][0], square(106.4, 39.4, 0.2)["coordinates"][0]
    area = {"type": "Polygon", "coordinates": [ring, hole]}
    assert geometry.contains_point(area, 106.1, 39.1)
    assert not geometry.contains_point(area, 106.5, 39.5)
    assert geometry.contains_point(area, 106, 39)


WORLD = polygon((-180, -90), (180, -90), (180, 90), (-180, 90), (-180, -90))


@pytest.mark.parametrize("wide", [WORLD, polygon((0, 0), (0, 41), (1, 41), (1, 0), (0, 0))])
def test_an_outline_as_wide_as_half_a_continent_is_refused(wide: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        geometry.polygon(wide)
    assert [en for _, en, _ in refused.value.faults] == ["spans more than 40 degrees"]


COUNTY = geometry.Outlined("150302", square(106, 39, 1))


@pytest.mark.parametrize(
    "inside", [square(106, 39, 1), square(106.2, 39.2, 0.1), square(105.9995, 39.5, 0.1), square(105.996, 39.5, 0.1)]
)
def test_an_outline_lies_in_the_one_around_it_but_for_what_two_maps_differ_by(inside: dict[str, Any]) -> None:
    geometry.require_within(geometry.polygon(inside), COUNTY)


@pytest.mark.parametrize(
    "outside",
    [square(0, 0, 1), square(39, 40, 1), square(105.9, 39.5, 0.2), square(105, 38, 3), square(107.1, 39, 0.1)],
)
def test_an_outline_outside_the_one_around_it_is_refused(outside: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        geometry.require_within(geometry.polygon(outside), COUNTY, "outline")
    [(field, en, zh)] = refused.value.faults
    assert (field, "150302" in en, "150302" in zh) == ("outline", True, True)


def test_an_outline_names_what_it_leaves_out() -> None:
    inside = [geometry.Outlined(f"{number}", square(106 + number, 39, 1)) for number in range(8)]
    geometry.require_around(geometry.polygon(square(105.999, 38, 9)), inside)
    geometry.require_around(geometry.polygon(square(106, 39, 1)), inside[:1])
    with pytest.raises(Invalid) as refused:
        geometry.require_around(geometry.polygon(square(106, 39, 1.5)), inside)
    [(field, en, zh)] = refused.value.faults
    assert (field, "1, 2, 3, 4, 5 and others" in en, "1、2、3、4、5等" in zh) == ("geometry", True, True)


def test_a_rough_outline_holds_the_exact_one_with_a_margin_in_few_points() -> None:
    districts = json.loads((DATA / "districts.geojson").read_text(encoding="utf-8"))["features"]
    islands = multi(*(square(106 + number % 10 / 10, 39 + number // 10 / 10, 0.01) for number in range(100)))
    for outline in (*(each["geometry"] for each in districts), square(106, 39, 0.001), islands):
        area = geometry.polygon(outline)
        rings = geometry.rough(area)
        assert sum(map(len, rings)) <= 100
        around = shape({"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}).buffer(0)
        assert around.covers(area.buffer(0.0028))
        assert area.buffer(0.5).covers(around) or outline is islands
