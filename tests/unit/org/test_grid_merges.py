from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chassis.errors import Invalid
from services.org.api.grids import GridPlan, MergePlan, MergeTarget
from services.org.divisions.model.division import Division
from services.org.grids.events import GridMergeAdvanced, GridMergeCompleted
from services.org.grids.model.grid import Grid
from services.org.grids.model.grid_merge import GridMerge, NotRunnable
from tests.unit.org.places import COMMUNITY, TENANT, base_grid, community, micro_grid

MERGE = "多网合一 (名山)"
AREA = "/1503/150302/"
DEPARTMENTS = ("civil-affairs", "urban-management", "emergency-management")


def old_grids(departments: int, of_each: list[int]) -> dict[str, Grid]:
    """Returns the grids of the departments; department `n` has `of_each[n]` grids in its own inventory."""
    grids = {}
    for number in range(departments):
        for serial in range(1, of_each[number] + 1):
            inventory = f"department-{number}"
            plan = GridPlan(
                code=f"{inventory}.{COMMUNITY}{serial:03}",
                name="旧网格",
                level="base",
                above=COMMUNITY,
                inventory=inventory,
            )
            grids[plan.code] = Grid.open(TENANT, plan, community())
    return grids


def plan_for(old: dict[str, Grid], new: int) -> MergePlan:
    """Returns a plan that distributes the old grids over `new` ones in turn."""
    codes = list(old)
    targets = [
        MergeTarget(code=f"{COMMUNITY}{500 + n:03}", name=f"第{n}网格", community=COMMUNITY, grids=codes[n::new])
        for n in range(new)
    ]
    return MergePlan(name="多网合一", departments=list(DEPARTMENTS), targets=targets)


def drawn_up(plan: MergePlan, old: dict[str, Grid], communities: dict[str, Division] | None = None) -> GridMerge:
    return GridMerge.draw_up(TENANT, "M1", plan, AREA, communities or {COMMUNITY: community()}, old)


def small() -> GridMerge:
    old = old_grids(3, [2, 2, 1])
    return drawn_up(plan_for(old, 2), old)


def reasons(plan: MergePlan, old: dict[str, Grid], language: str = "en") -> str:
    with pytest.raises(Invalid) as refusal:
        drawn_up(plan, old)
    return " / ".join(field["reason"][language] for field in refusal.value.data["fields"])


@pytest.mark.domain(MERGE)
def test_213_grids_of_19_departments_become_44_one_grid_per_step() -> None:
    old = old_grids(19, [12] * 4 + [11] * 15)
    assert len(old) == 213
    merge = drawn_up(plan_for(old, 44), old)
    merge.start()
    written = []
    while merge.state == "running":
        assert merge.next_step is not None
        written.append(merge.next_step)
        merge.step_done(merge.next_step.grid)
    assert Counter(step.action for step in written) == {"open": 44, "retire": 213}
    assert [step.action for step in written] == ["open"] * 44 + ["retire"] * 213
    completed = merge.pending[-1]
    assert isinstance(completed, GridMergeCompleted)
    assert {successor.old for successor in completed.grids} == set(old)
    assert len({successor.new for successor in completed.grids}) == 44


@pytest.mark.domain(MERGE)
def test_the_map_names_the_path_of_every_successor() -> None:
    first = small().successors()[0]
    assert (first.old, first.new) == (f"department-0.{COMMUNITY}001", f"{COMMUNITY}500")
    assert first.path == f"{community().path}{COMMUNITY}500/"


@pytest.mark.domain(MERGE)
def test_an_old_grid_has_one_successor() -> None:
    old = old_grids(1, [2])
    double = plan_for(old, 2)
    double.targets[0].grids.append(double.targets[1].grids[0])
    assert "goes into two grids" in reasons(double, old)


def test_every_fault_of_a_plan_is_named_at_once() -> None:
    old = old_grids(1, [2])
    gone = old[f"department-0.{COMMUNITY}001"]
    gone.retire(into="x", merge="M0")
    plan = plan_for(old, 1)
    plan.targets.append(plan.targets[0])
    wrong = MergeTarget(code="150302003014", name="x", community=COMMUNITY, grids=["unknown"])
    plan.targets.append(wrong)
    plan.targets.append(MergeTarget(code="150399001001001", name="x", community="150399001001", grids=["other"]))
    found = reasons(plan, old)
    for words in (
        "opened twice",
        "goes into two",
        "followed by 3 digits",
        "unknown is not an active grid",
        "not a community of this",
    ):
        assert words in found
    assert f"{gone.key} is not an active grid" in found
    found = reasons(plan, old, "zh-CN")
    for words in ("重复新建", "并入了两个网格", "加 3 位数字", "unknown不是在用的网格", "不是本区域的社区"):
        assert words in found


def test_a_new_grid_needs_a_code_of_its_own() -> None:
    old = {grid.key: grid for grid in (base_grid(),)}
    target = MergeTarget(code=base_grid().key, name="x", community=COMMUNITY, grids=[base_grid().key])
    assert "both old and new" in reasons(MergePlan(name="x", departments=[], targets=[target]), old)


def test_micro_grids_are_retired_before_the_grid_that_they_lie_in() -> None:
    old = {grid.key: grid for grid in (base_grid(), micro_grid())}
    steps = drawn_up(plan_for(old, 1), old).steps()
    assert [step.grid for step in steps[1:]] == [micro_grid().key, base_grid().key]


def test_a_halted_merge_says_why_and_resumes_at_the_same_step() -> None:
    merge = small()
    merge.start()
    step = merge.next_step
    assert step is not None
    merge.halt("another-grid", "not our step")
    assert merge.state == "running"
    merge.halt(step.grid, "the code is taken")
    assert (merge.state, merge.pending[-1].reason) == ("halted", "the code is taken")
    merge.step_done(step.grid)
    assert merge.done == 0
    merge.start()
    assert (merge.state, merge.reason, merge.next_step) == ("running", "", step)


def test_a_running_or_completed_merge_cannot_be_started() -> None:
    merge = small()
    merge.start()
    with pytest.raises(NotRunnable):
        merge.start()


class AnyOrder(RuleBasedStateMachine):
    """Grid events arrive duplicated, late and for other steps; the merge takes each step once and in order."""

    def __init__(self) -> None:
        super().__init__()
        self.merge = small()
        self.merge.start()
        self.way = [step.grid for step in self.merge.steps()]

    @rule(data=st.data())
    def a_grid_was_written(self, data: st.DataObject) -> None:
        before = self.merge.done
        grid = data.draw(st.sampled_from(self.way))
        self.merge.step_done(grid)
        expected = before + (before < len(self.way) and grid == self.way[before])
        assert self.merge.done == expected

    @rule()
    def the_next_grid_was_written(self) -> None:
        if self.merge.next_step:
            self.merge.step_done(self.merge.next_step.grid)

    @invariant()
    def it_is_completed_once_when_all_is_written(self) -> None:
        completed = sum(isinstance(event, GridMergeCompleted) for event in self.merge.pending)
        assert completed == (self.merge.done == len(self.way))
        advanced = [event for event in self.merge.pending if isinstance(event, GridMergeAdvanced)]
        assert [event.done for event in advanced if event.state == "running"] == list(range(len(advanced) - 1))


AnyOrder.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestAnyOrder = AnyOrder.TestCase
