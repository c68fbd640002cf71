"""Grid merge (多网合一): the grids of many departments become one set, and the old→new map is kept.

One write is one grid, so a merge is a process. The merge holds the plan and how far it has come; each of
its events names the next grid; writing that grid makes an event of the grid, which brings the merge one
step further. Killed between any two steps it goes on from the event that waits, and where it stands can
be read at any time. First every new grid is opened, then the old ones are retired, the smallest first.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

from mongoengine import DictField, IntField, ListField, StringField

from chassis.errors import Fault, Invalid, Refused
from chassis.messaging.envelope import ADMINISTRATORS
from chassis.persistence.aggregate import Aggregate
from services.org.api.grids import MAIN, GridPlan, MergePlan, MergeState, MergeStep, Successor
from services.org.divisions.codes import check_grid
from services.org.divisions.division import Division
from services.org.grids.events import GridMergeAdvanced, GridMergeCompleted
from services.org.grids.grid import Grid
from vocabulary.tiers import Tier


class NotRunnable(Refused):
    code = "grid_merge.not_runnable"
    en = "The merge is {state}; only a planned or a halted one can be started."
    zh = "该网格整合状态为 {state},只有“已计划”或“已中止”的才能启动。"
    chinese = {"state": {"running": "进行中", "completed": "已完成"}}


class GridMerge(Aggregate):
    """States: planned → running ⇄ halted (a step was refused, see `reason`); running → completed."""

    meta: ClassVar[dict[str, Any]] = {"collection": "grid_merges"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("state", "_id")]
    visible_to = ADMINISTRATORS

    name: str = StringField()
    area: str = StringField()
    departments: list[str] = ListField(StringField())
    targets: list[dict[str, Any]] = ListField(DictField())
    state: MergeState = StringField(default="planned")
    done: int = IntField(default=0)
    reason: str = StringField(default="")

    @classmethod
    def draw_up(
        cls, tenant: str, key: str, plan: MergePlan, area: str, communities: dict[str, Division], old: dict[str, Grid]
    ) -> GridMerge:
        """`communities` and `old` are what the plan names, by code; raises `Invalid` that lists every fault."""
        faults = [*_form_faults(plan), *_known_faults(plan, area, communities, old)]
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
        """Also takes a halted merge up again, at the step that was refused."""
        if self.state not in ("planned", "halted"):
            raise NotRunnable(state=self.state)
        self.state, self.reason = "running", ""
        self.emit(self._advanced())

    def step_done(self, grid: str) -> None:
        """`grid` was written. Whatever else happens to a grid of this merge is no step of it."""
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
        """The step of `grid` was refused: somebody mends the cause and starts the merge again."""
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
        """The whole way, always in the same order."""
        opened = [MergeStep(action="open", grid=target["code"]) for target in self.targets]
        successors = sorted(self.successors(), key=lambda successor: (-len(successor.old), successor.old))
        return opened + [MergeStep(action="retire", grid=found.old, into=found.new) for found in successors]

    def plan_of(self, code: str) -> GridPlan:
        """The new grid of that code as it is to be opened."""
        target = next(target for target in self.targets if target["code"] == code)
        return GridPlan(code=code, name=target["name"], level="base", above=target["community"])

    def successors(self) -> list[Successor]:
        """The map of old to new."""
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


def _form_faults(plan: MergePlan) -> list[Fault]:
    new = [target.code for target in plan.targets]
    old = [code for target in plan.targets for code in target.grids]
    wrong = [(code, "is opened twice", "重复新建") for code in _twice(new)]
    wrong += [
        (code, "goes into two grids: an old grid has one successor", "并入了两个网格,原网格只能并入一个")
        for code in _twice(old)
    ]
    wrong += [
        (code, "is both old and new; a new grid needs a code of its own", "既是原网格又是新网格,新网格须另用代码")
        for code in sorted({*new} & {*old})
    ]
    return [("targets", f"{code} {en}", f"{code} {zh}") for code, en, zh in wrong]


def _twice(codes: list[str]) -> list[str]:
    return sorted(code for code, times in Counter(codes).items() if times > 1)


def _known_faults(plan: MergePlan, area: str, communities: dict[str, Division], old: dict[str, Grid]) -> list[Fault]:
    faults: list[Fault] = []
    for target in plan.targets:
        community = communities.get(target.community)
        if community is None or community.tier != Tier.COMMUNITY or not community.path.startswith(area):
            code = target.community
            faults.append(("targets", f"{code} is no community of this area", f"{code} 不是本区域的社区"))
            continue
        try:
            check_grid(target.code, MAIN, "base", target.community)
        except Invalid as error:
            reason = error.data["fields"][0]["reason"]
            faults.append(("targets", f"{target.code}: {reason['en']}", f"{target.code}:{reason['zh-CN']}"))
        faults += [
            ("targets", f"{code} is no active grid", f"{code} 不是在用的网格")
            for code in target.grids
            if not _is_active(old.get(code))
        ]
    return faults


def _is_active(grid: Grid | None) -> bool:
    return grid is not None and grid.state == "active"
