"""Grids, estates and the lookup of a point, through the running service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chassis.errors import NotFound, RemoteProblem, Taken
from tests.integration.org.city import City
from tests.integration.org.client import OrgClient
from tests.servers.waiting import wait_for
from tests.unit.org.places import COMMUNITY, GRID, STREET, square

OUTLINES = Path(__file__).parents[3] / "data" / "districts.geojson"


@pytest.mark.domain("总/基础/微网格; 党建+卫生网格 1+1+1+N")
def test_inventories_are_counted_apart(client: OrgClient) -> None:
    inventories = [{"code": "party-health", "name": "党建+卫生网格"}]
    city = City.opened(client, "counted-apart", inventories=inventories)
    city.open_grid(f"{STREET}000001", STREET, "general", covers=[COMMUNITY])
    city.open_grid(GRID, COMMUNITY)
    city.open_grid(f"{COMMUNITY}002", COMMUNITY)
    city.open_grid(f"{GRID}001", GRID, "micro")
    city.open_grid(f"party-health.{GRID}", COMMUNITY, inventory="party-health")
    assert city.ask("count_grids") == {
        "main": {"general": 1, "base": 2, "micro": 1},
        "party-health": {"base": 1},
    }
    dedicated = city.ask("list_grids", inventory="party-health")["items"]
    assert [grid["code"] for grid in dedicated] == [f"party-health.{GRID}"]
    with pytest.raises(RemoteProblem) as refusal:
        city.open_grid(f"fire.{GRID}", COMMUNITY, inventory="fire")
    assert refusal.value.to_wire()["data"]["fields"][0]["field"] == "inventory"


def test_a_grid_is_published_whole_and_opened_once(city: City) -> None:
    city.open_grid(GRID, COMMUNITY, geometry=square(106.81, 39.66), key="g")
    assert city.open_grid(GRID, COMMUNITY, geometry=square(106.81, 39.66), key="g")["code"] == GRID
    [event] = wait_for(lambda: city.events("org.grid.changed.v1"))
    assert event["area"] == event["data"]["path"]
    assert event["data"]["geometry"] == square(106.81, 39.66)
    with pytest.raises(RemoteProblem) as refusal:
        city.open_grid(GRID, COMMUNITY, key="another")
    assert refusal.value.to_wire()["code"] == "taken"


def test_an_import_of_grids_reports_invalid_ones_and_opens_the_others(city: City) -> None:
    def plan(code: str, level: str, above: str) -> dict[str, str]:
        return {"code": code, "name": "网格", "level": level, "above": above}

    plans = [
        plan(f"{GRID}001", "micro", GRID),
        plan(GRID, "base", COMMUNITY),
        plan(f"{COMMUNITY}77", "base", COMMUNITY),
        plan("150302009001001", "base", "150302009001"),
    ]
    answer = city.ask("import_grids", plans=plans)
    assert (answer["made"], answer["known"]) == (2, 0)
    assert answer["rejected"] == [
        {
            "line": 3,
            "reason": {
                "en": f"code: must be “{COMMUNITY}” followed by 3 digits",
                "zh-CN": f"code：须为“{COMMUNITY}”加 3 位数字",
            },
        },
        {"line": 4, "reason": NotFound().in_short()},
    ]
    again = city.ask("import_grids", plans=plans)
    assert (again["made"], again["known"], again["rejected"]) == (0, 2, answer["rejected"])
    assert city.ask("count_grids") == {"main": {"base": 1, "micro": 1}}
    [renamed] = city.ask("import_grids", plans=[{**plans[1], "name": "别的网格"}])["rejected"]
    assert renamed["reason"] == Taken(key=GRID).in_short()


def test_only_an_administrator_imports_grids(city: City) -> None:
    plans = [{"code": GRID, "name": "网格", "level": "base", "above": COMMUNITY}]
    with pytest.raises(RemoteProblem) as refusal:
        city.ask("import_grids", by=city.someone("street"), plans=plans)
    assert refusal.value.to_wire()["code"] == "org.not_administrator"


def test_an_import_of_estates_with_the_same_key_opens_them_once(city: City) -> None:
    plans = [{"name": f"{number}号小区", "division": COMMUNITY} for number in range(3)]
    plans.append({"name": "无处", "division": STREET})
    for made, known in ((3, 0), (0, 3)):
        answer = city.ask("import_estates", plans=plans, key="estates")
        assert (answer["made"], answer["known"], [each["line"] for each in answer["rejected"]]) == (made, known, [4])
    assert len(city.ask("list_estates", division=COMMUNITY)["items"]) == 3


def test_an_import_of_other_estates_with_a_used_key_is_refused(city: City) -> None:
    city.ask("import_estates", plans=[{"name": "阳光", "division": COMMUNITY}], key="used")
    with pytest.raises(RemoteProblem) as refusal:
        city.ask("import_estates", plans=[{"name": "月光", "division": COMMUNITY}], key="used")
    assert refusal.value.to_wire()["code"] == "idempotency_key_reused"


def test_invalid_geometry_is_refused_with_its_flaw(city: City) -> None:
    bow_tie = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    with pytest.raises(RemoteProblem) as refusal:
        city.open_grid(GRID, COMMUNITY, geometry=bow_tie)
    [field] = refusal.value.to_wire()["data"]["fields"]
    assert field["field"] == "geometry"
    assert "Self-intersection" in field["reason"]["en"]


def test_an_outline_lies_in_that_of_the_place_around_it(city: City) -> None:
    city.ask("draw_division", division="1503", outline=square(106, 39, 1))
    for far in (square(0, 0, 1), square(39, 60, 1), square(116, 39, 1), square(105.5, 38.5, 2)):
        with pytest.raises(RemoteProblem) as drawn:
            city.ask("draw_division", division="150302", outline=far)
        with pytest.raises(RemoteProblem) as opened:
            city.open_grid(GRID, COMMUNITY, geometry=far)
        for refusal in (drawn, opened):
            [field] = refusal.value.to_wire()["data"]["fields"]
            assert field["reason"]["zh-CN"] == "不在乌海市范围内，或明显超出其范围"
    city.ask("draw_division", division="150302", outline=square(106.2, 39.2, 0.5))
    city.open_grid(GRID, COMMUNITY, geometry=square(106.3, 39.3, 0.01))
    with pytest.raises(RemoteProblem) as refusal:
        city.ask("revise_grid", grid=GRID, name="网格", geometry=square(106.9, 39.9, 0.01))
    assert "海勃湾区" in str(refusal.value.to_wire()["data"])


def test_a_redrawn_outline_leaves_out_nothing_that_lies_in_it(city: City) -> None:
    def refused(command: str, **form: Any) -> str:
        with pytest.raises(RemoteProblem) as refusal:
            city.ask(command, **form)
        [field] = refusal.value.to_wire()["data"]["fields"]
        assert field["field"] in ("outline", "geometry")
        return str(field["reason"])

    city.ask("draw_division", division="1503", outline=square(106, 39, 1))
    city.ask("draw_division", division="150302", outline=square(106.2, 39.2, 0.5))
    elsewhere = square(106.6, 39.6, 0.3)
    assert "海勃湾区" in refused("draw_division", division="1503", outline=elsewhere)
    # Street and community have no outline, so what the county must hold is the grid.
    city.open_grid(GRID, COMMUNITY, geometry=square(106.3, 39.3, 0.01))
    assert "网格" in refused("draw_division", division="150302", outline=square(106.4, 39.4, 0.3))
    city.open_grid(f"{GRID}001", GRID, "micro", geometry=square(106.302, 39.302, 0.001))
    assert "网格" in refused("revise_grid", grid=GRID, name="网格", geometry=square(106.305, 39.305, 0.005))
    # From the inside out, within an outline that holds the old and the new one.
    city.ask("draw_division", division="1503", outline=square(105, 38, 3))
    city.ask("revise_grid", grid=GRID, name="网格", geometry=square(106.301, 39.301, 0.01))
    city.ask("draw_division", division="150302", outline=square(106.1, 39.1, 0.5))
    city.ask("draw_division", division="1503", outline=square(106.05, 39.05, 0.9))


def test_a_point_finds_its_smallest_place_first(city: City) -> None:
    features = json.loads(OUTLINES.read_text(encoding="utf-8"))["features"]
    outline = next(each["geometry"] for each in features if each["properties"]["code"] == "150302")
    city.ask("draw_division", division="150302", outline=outline)
    city.open_grid(GRID, COMMUNITY, geometry=square(106.81, 39.66, 0.01))
    city.open_grid(f"{GRID}001", GRID, "micro", geometry=square(106.81, 39.66, 0.001))

    def at(lon: float, lat: float) -> list[str]:
        places = city.ask("locate", lon=lon, lat=lat)["places"]
        return [place["code"] for place in places]

    assert at(106.8105, 39.6605) == [f"{GRID}001", GRID, "150302"]
    assert at(106.815, 39.665) == [GRID, "150302"]
    assert at(106.83, 39.7) == ["150302"]
    assert at(116.4, 39.9) == []
    with pytest.raises(RemoteProblem):
        at(39.66, 106.81)


def test_a_moved_boundary_is_found_at_once(city: City) -> None:
    city.open_grid(GRID, COMMUNITY, geometry=square(106.81, 39.66))
    city.ask("revise_grid", grid=GRID, name="第一网格", geometry=square(106.91, 39.66))
    assert city.ask("locate", lon=106.8105, lat=39.6605)["places"] == []
    assert city.ask("locate", lon=106.9105, lat=39.6605)["places"][0]["name"] == "第一网格"


@pytest.mark.domain("县-街道-社区-小区 (+楼栋, 党员, 住户)")
def test_estates_and_buildings_lie_in_several_grids(city: City) -> None:
    for number in (1, 2):
        city.open_grid(f"{COMMUNITY}00{number}", COMMUNITY)
    estate = city.ask("open_estate", name="阳光小区", division=COMMUNITY, key="e")
    assert estate["grids"] == []
    linked = city.ask("link_estate", estate=estate["id"], grids=[f"{COMMUNITY}001", f"{COMMUNITY}002"])
    assert linked["grids"] == [f"{COMMUNITY}001", f"{COMMUNITY}002"]
    building = {"name": "1号楼", "estate": estate["id"], "grids": [f"{COMMUNITY}002"]}
    city.ask("open_building", **building, key="b")
    assert [each["name"] for each in city.ask("list_estates", division=COMMUNITY)["items"]] == ["阳光小区"]
    assert [each["grids"] for each in city.ask("list_buildings", estate=estate["id"])["items"]] == [building["grids"]]
