from __future__ import annotations

import csv
from pathlib import Path

import pytest

from chassis.errors import Invalid
from chassis.types import LONGEST_PATH
from services.org.api.divisions import DivisionRow
from services.org.api.grids import GridPlan
from services.org.divisions.model.division import Division, path_below
from services.org.grids.model.grid import Grid
from tests.unit.org.places import TENANT, city, community, county, division, square, street

DATA = Path(__file__).parents[3] / "data"
TREE = "县-街道-社区-小区 (+楼栋, 党员, 住户)"


def row(code: str, tier: str, name: str = "某地", parent: str = "") -> DivisionRow:
    return DivisionRow(line=7, code=code, parent=parent, tier=tier, name=name)


@pytest.mark.domain(TREE)
def test_a_path_leads_from_the_tenants_root_to_the_division() -> None:
    assert community().path == "/1503/150302/150302003/150302003014/"
    assert community().event_area() == community().path
    assert city().parent == ""


@pytest.mark.domain(TREE)
def test_a_tree_may_begin_at_a_county_and_leave_tiers_out() -> None:
    banner = Division.open(TENANT, row("150823", "county"), None)
    assert banner.path == "/150823/"
    borough = Division.open("nyc", row("4", "county"), Division.open("nyc", row("nyc", "city"), None))
    assert Division.open("nyc", row("413", "street"), borough).path == "/nyc/4/413/"


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (row("15030201", "street"), "code"),
        (row("1503a2", "county"), "code"),
        (row("", "county"), "code"),
        (row("150302", "street"), "tier"),
        (row("150302", "village"), "tier"),
        (row("150402", "county"), "parent"),
        (row("150302", "county", name=" "), "name"),
        (row("150302", "county", name="海" * 81), "name"),
        (row("150302", "county", name="海勃湾\x00"), "name"),
    ],
)
def test_a_broken_row_is_refused_with_its_field(broken: DivisionRow, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Division.open(TENANT, broken, city())
    assert refusal.value.data["fields"][0]["field"] == field


def test_a_division_lies_in_one_of_a_higher_tier() -> None:
    borough = Division.open("nyc", row("4", "county"), None)
    with pytest.raises(Invalid):
        Division.open("nyc", row("5", "county"), borough)


def test_a_second_import_of_the_same_row_changes_nothing() -> None:
    area = county()
    area.pending.clear()
    assert not area.apply_import(row("150302", "county", "海勃湾区", "1503"))
    assert area.pending == []


def test_a_later_import_renames_but_never_moves() -> None:
    area = county()
    area.pending.clear()
    assert area.apply_import(row("150302", "county", "海勃湾新区", "1503"))
    assert [event.name for event in area.pending] == ["海勃湾新区"]
    with pytest.raises(Invalid):
        area.apply_import(row("150302", "county", "海勃湾新区", "1504"))
    with pytest.raises(Invalid):
        area.apply_import(row("150302", "street", "海勃湾新区", "1503"))


def test_an_outline_is_published_and_can_be_found() -> None:
    area = county()
    area.draw(square(106.7, 39.5, side=0.3))
    assert area.squares
    assert area.pending[-1].outline == square(106.7, 39.5, side=0.3)


def test_every_row_of_the_real_file_is_imported() -> None:
    tiers = {"prefecture": "city", "township": "street", "village": "community"}
    known: dict[str, Division] = {}
    with (DATA / "divisions.csv").open(encoding="utf-8", newline="") as file:
        for line, found in enumerate(csv.DictReader(file), start=2):
            given = DivisionRow(
                line=line,
                code=found["code"],
                parent=found["parent_code"],
                tier=tiers.get(found["level"], found["level"]),
                name=found["name"],
            )
            known[given.code] = Division.open(TENANT, given, known.get(given.parent))
    assert len(known) == 2202
    assert known["150302003014"].name == "新海社区居委会"


def test_a_street_is_named_by_its_own_code() -> None:
    assert (street().key, street().state_event().code) == ("150302003", "150302003")
    assert division("150303", "county", "海南区", city()).state_event().parent == "1503"


def test_below_a_root_of_its_own_scheme_a_code_says_nothing_by_itself() -> None:
    """Whatever it looks like: `12` is a province of China, and a borough elsewhere."""
    tree = Division.open("nyc", row("riv", "city"), None)
    for code, tier in (("12", "county"), ("36061", "street"), ("bk-01", "community")):
        tree = Division.open("nyc", row(code, tier), tree)
    assert tree.path == "/riv/12/36061/bk-01/"
    grid = GridPlan(code="block-7", name="Block 7", level="base", above="bk-01")
    micro = GridPlan(code="7a", name="Block 7a", level="micro", above="block-7")
    assert Grid.open("nyc", micro, Grid.open("nyc", grid, tree)).path == "/riv/12/36061/bk-01/block-7/7a/"
    dedicated = GridPlan(code="health.7", name="Health 7", level="base", above="bk-01", inventory="health")
    assert Grid.open("nyc", dedicated, tree).key == "health.7"


@pytest.mark.parametrize("code", ["Block-7", "", "-7", "a" * 21, "健康"])
def test_a_code_of_an_own_scheme_is_short_and_plain(code: str) -> None:
    root = Division.open("nyc", row("riv", "city"), None)
    with pytest.raises(Invalid):
        Division.open("nyc", row(code, "county"), root)


def test_a_tree_of_the_longest_codes_has_paths_that_can_be_named() -> None:
    tree: Division | None = None
    for tier in ("city", "county", "street", "community"):
        tree = Division.open("nyc", row(f"{tier}-".ljust(20, "x"), tier), tree)
    assert tree
    place: Division | Grid = tree
    for level in ("base", "micro"):
        place = Grid.open("nyc", GridPlan(code=level.ljust(20, "x"), name="x", level=level, above=place.key), place)
    assert len(place.path) <= LONGEST_PATH
    with pytest.raises(Invalid):
        path_below(place.path, "y" * 20)
