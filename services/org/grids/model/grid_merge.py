"""Aggregate of grid merges (多网合一): the grids of many departments become one set, and the old→new map is kept.

A write changes one grid, so a merge is a process (saga). The aggregate holds the plan and the progress. Each of its
events names the next grid; writing that grid publishes an event of the grid, which advances the merge by one step.
After a crash between two steps the merge continues from the pending event, and its progress can be read at any time.
The new grids are opened first; then the old ones are retired, smallest first.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

from mongoengine import DictField, IntField, ListField, StringField

from chassis.envelope import ADMINISTRATORS
from chassis.errors import Fault, Invalid, Refused, spoken_fault
from chassis.usecases.visibility import VisibleToTenant
from services.org.api.grids import MAIN, GridPlan, MergePlan, MergeState, MergeStep, Successor
from services.org.divisions.model.codes import check_grid
from services.org.divisions.model.division import Division
from services.org.grids.events import GridMergeAdvanced, GridMergeCompleted
from services.org.grids.model.grid import Grid
from vocabulary.tiers import Tier


class NotRunnable(Refused):
    code = "grid_merge.not_runnable"
    en = "The merge is {state}; only a planned or halted merge can be started."
    zh = "该网格整合状态为“{state}”，仅“已计划”或“已中止”的可以启动。"
    chinese = {"state": {"running": "进行中", "completed": "已完成"}}


class GridMerge(VisibleToTenant):
    """A grid merge as a state machine: planned → running ⇄ halted (`reason`: the refused step) → completed."""

    meta: ClassVar[dict[str, Any]] = {"collection": "grid_merges"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("state", "_id")]
    visible_to = ADMINISTRATORS

    name: str = StringField(required=True)
    area: str = StringField(required=True)
    departments: list[str] = ListField(StringField())
    targets: list[dict[str, Any]] = ListField(DictField())
    state: MergeState = StringField(default="planned")
    done: int = IntField(default=0)
    reason: str = StringField(default="")

    @classmethod
    def draw_up(
        cls, tenant: str, key: str, plan: MergePlan, area: str, communities: dict[str, Division], old: dict[str, Grid]
    ) -> GridMerge:
        """Creates a planned merge. `communities`, `old`: the existing places that the plan names, by code.

        Raises `Invalid` that lists every fault.
        """
        faults = [*_code_faults(plan), *_place_faults(plan, area, communities, old)]
        if faults:
            raise Invalid(*faults)
        merge = cls(id=cls.identity(tenant, key), tenant=tenant, name=plan.name, area=area)
        merge.departments = list(plan.departments)
        merge.targets = [
            {
                "code": target.code,
                "name": target.name,
                "community": target.community,
                "path": f"{communities[target.community].path}{target.code}/",
                "grids": list(target.grids),
            }
            for target in plan.targets
        ]
        merge.emit(merge._advanced())
        return merge

    def start(self) -> None:
        """Starts a planned merge, or resumes a halted one at the refused step. Raises `NotRunnable`."""
        if self.state not in ("planned", "halted"):
            raise NotRunnable(state=self.state)
        self.state, self.reason = "running", ""
        self.emit(self._advanced())

    def step_done(self, grid: str) -> None:
        """Advances the merge if `grid` is the grid of the next step; ignores every other grid."""
        step = self.next_step
        if self.state != "running" or step is None or step.grid != grid:
            return
        self.done += 1
        if self.next_step is None:
            self.state = "completed"
            self.emit(self._completed())
        else:
            self.emit(self._advanced())

    def halt(self, grid: str, reason: str) -> None:
        """Halts the merge because the step of `grid` was refused. `start` resumes it once the cause is fixed."""
        step = self.next_step
        if self.state != "running" or step is None or step.grid != grid:
            return
        self.state, self.reason = "halted", reason
        self.emit(self._advanced())

    @property
    def next_step(self) -> MergeStep | None:
        steps = self.steps()
        return steps[self.done] if self.done < len(steps) else None

    def steps(self) -> list[MergeStep]:
        """Returns all steps, always in the same order."""
        openings = [MergeStep(action="open", grid=target["code"]) for target in self.targets]
        successors = sorted(self.successors(), key=lambda successor: (-len(successor.old), successor.old))
        return openings + [MergeStep(action="retire", grid=each.old, into=each.new) for each in successors]

    def plan_of(self, code: str) -> GridPlan:
        """Returns the plan of the new grid with this code."""
        target = next(target for target in self.targets if target["code"] == code)
        return GridPlan(code=code, name=target["name"], level="base", above=target["community"])

    def successors(self) -> list[Successor]:
        """Returns the map of old grids to new ones."""
        return [
            Successor(old=old, new=target["code"], path=target["path"])
            for target in self.targets
            for old in target["grids"]
        ]

    def event_area(self) -> str:
        return self.area

    def event_units(self) -> list[str]:
        return list(self.departments)

    def state_event(self) -> GridMergeAdvanced | GridMergeCompleted:
        return self._completed() if self.state == "completed" else self._advanced()

    def _advanced(self) -> GridMergeAdvanced:
        return GridMergeAdvanced(
            id=self.key,
            name=self.name,
            state=self.state,
            done=self.done,
            steps=len(self.steps()),
            next=self.next_step,
            reason=self.reason,
        )

    def _completed(self) -> GridMergeCompleted:
        return GridMergeCompleted(
            id=self.key, name=self.name, departments=list(self.departments), grids=self.successors()
        )


def _code_faults(plan: MergePlan) -> list[Fault]:
    """Faults within the plan: codes that it opens or merges twice, or both."""
    new = [target.code for target in plan.targets]
    old = [code for target in plan.targets for code in target.grids]
    wrong = [(code, "is opened twice", "重复新建") for code in _duplicates(new)]
    wrong += [
        (code, "goes into two grids, but an old grid has one successor", "并入了两个网格，原网格只能并入一个")
        for code in _duplicates(old)
    ]
    wrong += [
        (code, "is both old and new; give the new grid another code", "既是原网格又是新网格，新网格须另用代码")
        for code in sorted({*new} & {*old})
    ]
    return [spoken_fault("targets", f"{{code:place}} {en}", f"{{code:place}}{zh}", code=code) for code, en, zh in wrong]


def _duplicates(codes: list[str]) -> list[str]:
    return sorted(code for code, count in Counter(codes).items() if count > 1)


def _place_faults(plan: MergePlan, area: str, communities: dict[str, Division], old: dict[str, Grid]) -> list[Fault]:
    """Faults against the existing places: communities outside the area, wrong codes, old grids that are not active."""
    faults: list[Fault] = []
    for target in plan.targets:
        community = communities.get(target.community)
        if community is None or community.tier != Tier.COMMUNITY or not community.path.startswith(area):
            told = "{code:place} is not a community of this area", "{code:place}不是本区域的社区"
            faults.append(spoken_fault("targets", *told, code=target.community))
            continue
        try:
            check_grid(target.code, MAIN, "base", target.community, community.root)
        except Invalid as error:
            told = "{code:verbatim}: {en}", "{code:verbatim}：{zh}"
            faults += [spoken_fault("targets", *told, code=target.code, en=en, zh=zh) for _, en, zh in error.faults]
        faults += [
            spoken_fault("targets", "{code:place} is not an active grid", "{code:place}不是在用的网格", code=code)
            for code in target.grids
            if not _is_active(old.get(code))
        ]
    return faults


def _is_active(grid: Grid | None) -> bool:
    return grid is not None and grid.state == "active"
