from __future__ import annotations

import csv
from pathlib import Path

import pytest

from chassis.errors import Invalid
from services.org.api.divisions import DivisionRow
from services.org.divisions.model.division import Division
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
