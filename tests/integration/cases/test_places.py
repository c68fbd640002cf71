"""Points against the outline of their place: refused in an import, taken and flagged in a report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.cases.town import COMMUNITY, GRID, GRID_CODE, LAMP, Town
from tests.servers.waiting import wait_for

OUTLINE = {
    "type": "Polygon",
    "coordinates": [[[106.7, 39.6], [106.9, 39.6], [106.9, 39.8], [106.7, 39.8], [106.7, 39.6]]],
}
ROUGH = {"rough_outline": {"$exists": True, "$ne": []}}
FAR = [(0.0, 0.0), (39.65, 106.79 - 20), (-73.94, 40.68), (106.79, 39.9)]
NEAR = [(106.79, 39.65), (106.902, 39.7), (106.7, 39.6)]


@pytest.fixture
def drawn(town: Town) -> Town:
    town.ask_org("tenant_admin", "draw_division", division="150302", outline=OUTLINE)
    wait_for(lambda: town.stored("places", **ROUGH))
    town.site.advance(timedelta(seconds=6))
    return town


def test_a_resync_makes_the_rough_outline_of_places_that_an_older_version_drew(drawn: Town) -> None:
    drawn.ask_org("tenant_admin", "revise_grid", grid=GRID_CODE, name="第一网格", geometry=OUTLINE)
    wait_for(lambda: drawn.stored("places", **ROUGH) == 2)
    for service, collections in (("org", ("divisions", "grids")), ("cases", ("places",))):
        for name in collections:
            rows = drawn.site.collections(service)[name]
            rows.update_many({"tenant": drawn.tenant}, {"$unset": {"rough_outline": 1}})
    page = drawn.ask_org("operator", "resync", service="cases")
    while page["cursor"]:
        page = drawn.ask_org("operator", "resync", service="cases", cursor=page["cursor"])
    wait_for(lambda: drawn.stored("places", **ROUGH) == 2)


def imported(town: Town, points: list[tuple[float, float]], source: str) -> Any:
    row = {"category": LAMP, "path": GRID, "state": "REGISTERED"}
    rows = [
        row | {"line": at, "number": f"{at}", "lon": lon, "lat": lat} for at, (lon, lat) in enumerate(points, start=2)
    ]
    return town.ask("centre", "import_cases", source=source, rows=rows)


def test_an_import_refuses_points_far_from_their_place_and_says_so(drawn: Town) -> None:
    answer = imported(drawn, [*FAR, *NEAR], "far")
    assert [each["line"] for each in answer["rejected"]] == [2, 3, 4, 5]
    assert answer["made"] == len(NEAR)
    assert all("海勃湾区" in reason for each in answer["rejected"] for reason in each["reason"].values())


@pytest.mark.parametrize("point", FAR)
def test_a_report_is_never_refused_for_its_point_but_flagged_for_staff(drawn: Town, point: tuple[float, float]) -> None:
    place = {"path": GRID, "lon": point[0], "lat": point[1]}
    case = drawn.ask("resident", "report", category=LAMP, place=place, text="路灯不亮")["id"]
    assert drawn.ask("street", "get_case", case=case)["place"]["outside"] is True
    assert "outside" not in drawn.ask("resident", "get_case", case=case)["place"]
    assert drawn.stored("cases", **{"place.cell": "", "_id": f"{drawn.tenant}:{case}"}) == 1
    drawn.ask("grid_worker", "verify", case=case, found=True, note="见到了")
    right = {"path": COMMUNITY, "lon": 106.79, "lat": 39.65}
    drawn.ask("street", "register", case=case, priority="P3", place=right)
    assert "outside" not in drawn.ask("street", "get_case", case=case)["place"]


def test_without_an_outline_any_point_is_taken(town: Town) -> None:
    assert imported(town, FAR, "undrawn")["made"] == len(FAR)


NOWHERE = f"{COMMUNITY}150302003015/150302003099/"
PEOPLE = [{"person": person, "capacity": kind} for person, kind in (("a", "party"), ("b", "party"), ("c", "mediator"))]
FOUR = [{"kind": kind} for kind in ("community", "owners", "property", "residents")]


@pytest.mark.parametrize(
    ("by", "method", "named"),
    [
        ("resident", "report", {"category": LAMP, "text": "路灯不亮", "place": {"path": NOWHERE}}),
        ("resident", "report", {"category": LAMP, "text": "路灯不亮", "place": {"path": GRID}, "spans": [NOWHERE]}),
        ("community", "open_ticket", {"area": NOWHERE, "services": [{"service": "lamp", "unit": "urban"}]}),
        ("community", "convene", {"area": NOWHERE, "kind": "four_party", "topic": "照明", "invitees": FOUR}),
        ("community", "open_mediation", {
            "area": NOWHERE, "category": "dispute.neighbour.neighbour", "topic": "漏水", "participants": PEOPLE,
        }),
    ],
)  # fmt: skip
def test_nothing_is_placed_where_there_is_no_place(town: Town, by: str, method: str, named: dict[str, Any]) -> None:
    if method == "convene":
        named = {**named, "at": town.site.now + timedelta(hours=1)}
    assert town.refused(by, method, **named) == "invalid"
    assert all(town.stored(name) == 0 for name in ("cases", "tickets", "deliberations", "mediations"))
