from __future__ import annotations

import pytest

from services.org.posts.preview import CONDITIONS, NEVER_OWN, preview
from tests.unit.org.people_samples import COUNTY, GRID
from vocabulary.roles import DUTIES, Permission

pytestmark = pytest.mark.domain("Roles")


def test_every_act_and_condition_has_its_words() -> None:
    lines = preview([(role, COUNTY) for role in DUTIES]).acts
    assert {line.act for line in lines} == set(Permission) - {Permission.OPERATE}
    assert {line.condition for line in lines} == set(CONDITIONS)
    assert all(line.en and line.zh for line in lines)


@pytest.mark.parametrize("act", ["grant", "rule", "inspect", "hold_accountable", "conclude", "rule_on_appeal"])
def test_nobody_inspects_grants_or_judges_their_own_work(act: str) -> None:
    assert act in NEVER_OWN
    lines = preview([(role, COUNTY) for role in DUTIES]).acts
    assert {line.condition for line in lines if line.act == act} == {"others_work"}


def test_a_preview_lists_each_act_with_its_area_and_condition_in_words() -> None:
    lines = preview([("grid_worker", GRID), ("centre", COUNTY)]).acts
    inspections = [(line.role, line.area, line.condition) for line in lines if line.act == "inspect"]
    assert inspections == [("centre", COUNTY, "others_work"), ("grid_worker", GRID, "others_work")]
    assert [line.zh for line in lines if line.act == "grant"] == ["审批（不得办理本人经手事项）"]
    figures = preview([("grid_leader", GRID), ("department", COUNTY), ("grid_worker", GRID)]).acts
    assert [(line.role, line.en) for line in figures if line.act == "read_indicators"] == [
        ("department", "read indicators and hot spots"), ("grid_leader", "read indicators and hot spots"),
    ]  # fmt: skip


def test_the_same_role_for_the_same_area_is_listed_once() -> None:
    assert preview([("counter", COUNTY), ("counter", COUNTY)]) == preview([("counter", COUNTY)])
