"""Sub-tasks 子任务: ASSIGNED → ACCEPTED → DONE; ASSIGNED → RETURNED → ASSIGNED; any but DONE → WAIVED."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from chassis.errors import Invalid, NotFound, Refused
from chassis.security.principal import Principal
from services.cases.api.states import State
from services.cases.case import texts_en
from services.cases.case.acts import Act
from services.cases.case.events import (
    SubTaskAccepted,
    SubTaskAssigned,
    SubTaskDone,
    SubTaskOverdue,
    SubTaskReturned,
    SubTaskWaived,
)
from services.cases.case.model import embedded
from services.cases.case.model.base import require_room
from services.cases.case.model.clock import OPEN_SUB_TASKS
from services.cases.case.model.guards import Guard
from services.cases.case.model.lead_unit import LedCase, UnitRef, of_dispatcher
from services.cases.case.model.limits import Limits
from services.cases.case.model.post_holders import PostHolder, require_handler
from services.cases.case.model.refusals import NothingShown
from services.cases.case.model.states import WITH_LEAD
from services.cases.case.model.timer import Timer, TimerKind
from services.cases.case.texts_zh import ACTS, SUB_TASK_STATES
from vocabulary.rights import belongs_to
from vocabulary.roles import Permission


def _tasked(case: LedCase) -> dict[str, Any]:
    return {"units": [task.unit for task in case.sub_tasks] or case.units}


ASSIGN_SUB_TASK = Guard(Act.ASSIGN_SUB_TASK, Permission.ASSIGN, states=WITH_LEAD)
ACCEPT_SUB_TASK = Guard(Act.ACCEPT_SUB_TASK, Permission.DO_SUB_TASK, states=WITH_LEAD, facts=_tasked)
RETURN_SUB_TASK = Guard(Act.RETURN_SUB_TASK, Permission.DO_SUB_TASK, states=WITH_LEAD, facts=_tasked)
FINISH_SUB_TASK = Guard(Act.FINISH_SUB_TASK, Permission.DO_SUB_TASK, states=WITH_LEAD, facts=_tasked)
WAIVE_SUB_TASK = Guard(Act.WAIVE_SUB_TASK, Permission.WAIVE_SUB_TASK, states=WITH_LEAD, facts=of_dispatcher)
#: The state from which each leads on.
_FROM = {Act.ACCEPT_SUB_TASK: "ASSIGNED", Act.RETURN_SUB_TASK: "ASSIGNED", Act.FINISH_SUB_TASK: "ACCEPTED"}


class WrongSubTask(Refused):
    """The step is not possible in the sub-task's state. `allowed`: the states in which it is."""

    code = "case.wrong_sub_task"
    en = "Sub-task {number} is {state}. You can {act} only while it is one of these: {allowed}."
    zh = "子任务 {number} 当前状态为“{state}”，“{act}”仅适用于以下状态：{allowed}。"
    chinese = {"state": SUB_TASK_STATES, "act": ACTS, "allowed": SUB_TASK_STATES}
    english = {"act": texts_en.ACTS}


class SubTasks(LedCase):
    """The lead splits the work among units; no sub-task is due after the case."""

    meta = {"abstract": True, "strict": False}

    def assign_sub_task(self, by: Principal, unit: UnitRef, title: str, due: datetime | None, now: datetime) -> int:
        """`title` is sealed; `due` defaults to that of the case. Returns the sub-task's number."""
        self.require_may(ASSIGN_SUB_TASK, by)
        self._require_doer(unit)
        if due and due <= now:
            raise Invalid(("due", "must be in the future", "须晚于当前时间"))
        if due and self.due and due > self.due:
            raise Invalid(("due", "must not be after the case is due", "不得晚于案件时限"))
        require_room("sub-tasks", self.sub_tasks)
        number = len(self.sub_tasks) + 1
        self.sub_tasks.append(
            embedded.SubTask(number=number, unit=unit.id, title=title, due=due or self.due, assigned_at=now)
        )
        self._emit_assigned(by, number, unit.id, now)
        return number

    def reassign_sub_task(self, by: Principal, number: int, unit: UnitRef, now: datetime) -> None:
        """Assigns a returned sub-task to another unit."""
        task = self.require_may_reassign(by, number)
        self._require_doer(unit)
        task.unit, task.state, task.assigned_at, task.handler = unit.id, "ASSIGNED", now, ""
        task.overdue = False
        self._emit_assigned(by, number, unit.id, now)

    def require_may_reassign(self, by: Principal, number: int) -> embedded.SubTask:
        self.require_may(ASSIGN_SUB_TASK, by)
        task = self._sub_task(number)
        self._require_task(task, "reassign", "RETURNED")
        return task

    def accept_sub_task(self, by: Principal, number: int, handler: PostHolder, now: datetime) -> None:
        task = self.require_may_do(ACCEPT_SUB_TASK, by, number)
        require_handler(handler, task.unit)
        task.state, task.handler = "ACCEPTED", handler.subject
        self._record_step(Act.ACCEPT_SUB_TASK, by, now, reason=str(number))
        self.emit(SubTaskAccepted(case=self.public_state(), number=number, unit=task.unit))

    def return_sub_task(self, by: Principal, number: int, reason: str, now: datetime) -> None:
        """Returns the sub-task to the lead, with a reason."""
        task = self.require_may_do(RETURN_SUB_TASK, by, number)
        if not reason:
            raise NothingShown(needs="a reason")
        task.state, task.reason = "RETURNED", reason
        self._refresh_units()
        self._record_step(Act.RETURN_SUB_TASK, by, now, reason=reason)
        self.emit(SubTaskReturned(case=self.public_state(), number=number, unit=task.unit, reason=reason))

    def finish_sub_task(self, by: Principal, number: int, note: str, now: datetime) -> None:
        task = self.require_may_do(FINISH_SUB_TASK, by, number)
        if not note:
            raise NothingShown(needs="a note of what was done")
        task.state, task.done_at, task.note = "DONE", now, note
        self._record_step(Act.FINISH_SUB_TASK, by, now, reason=str(number), note=note)
        self.emit(SubTaskDone(case=self.public_state(), number=number, unit=task.unit))

    def waive_sub_task(self, by: Principal, number: int, reason: str, now: datetime) -> None:
        """By the dispatching tier, or by the lead if the unit is a no-show."""
        task = self.require_may_waive(by, number)
        if not reason:
            raise NothingShown(needs="a reason")
        task.state, task.reason = "WAIVED", reason
        self._refresh_units()
        self._record_step(Act.WAIVE_SUB_TASK, by, now, reason=reason)
        self.emit(SubTaskWaived(case=self.public_state(), number=number, unit=task.unit, reason=reason))

    def require_may_do(self, guard: Guard, by: Principal, number: int) -> embedded.SubTask:
        self.require_may(guard, by, units=self._units_with(number) or self.units)
        task = self._sub_task(number)
        self._require_task(task, guard.act, _FROM[guard.act])
        return task

    def require_may_waive(self, by: Principal, number: int) -> embedded.SubTask:
        """The lead may only if the unit never came; the dispatching tier always, unless it leads itself."""
        decider, absent = self._dispatching_tier(), self._units_with(number) & self._absent_units()
        self.require_may(
            WAIVE_SUB_TASK, by, owner=decider, spans=(), units=(self.lead,) if absent else (),
            area="" if belongs_to(by, self.lead) else decider,
        )  # fmt: skip
        task = self._sub_task(number)
        self._require_task(task, "waive", *OPEN_SUB_TASKS)
        return task

    def timers(self) -> Iterator[Timer]:
        yield from super().timers()
        if State(self.state) in WITH_LEAD:
            for task in self.sub_tasks:
                # One that was assigned after the case itself was due has no limit of its own left.
                if task.state in OPEN_SUB_TASKS and not task.overdue and task.due and task.due > task.assigned_at:
                    yield Timer(task.due, TimerKind.SUB_TASK, partial(self._mark_sub_task_overdue, task))

    # -- internals -------------------------------------------------------------------------------------

    def _mark_sub_task_overdue(self, task: embedded.SubTask, at: datetime, limits: Limits) -> None:
        task.overdue = True
        self._record_step(Act.OVERDUE, self._system(), at, reason="sub_task")
        self.emit(SubTaskOverdue(case=self.public_state(), number=task.number, unit=task.unit))

    def _units_with(self, number: int) -> set[str]:
        return {task.unit for task in self.sub_tasks if task.number == number}

    def _absent_units(self) -> set[str]:
        return {call.unit for call in self.calls if call.state == "NO_SHOW"}

    def _sub_task(self, number: int) -> embedded.SubTask:
        found = next((task for task in self.sub_tasks if task.number == number), None)
        if found is None:
            raise NotFound()
        return found

    def _require_task(self, task: embedded.SubTask, act: str, *states: str) -> None:
        if task.state not in states:
            raise WrongSubTask(number=task.number, state=task.state, act=act, allowed=list(states))

    def _emit_assigned(self, by: Principal, number: int, unit: str, now: datetime) -> None:
        self._refresh_units()
        self._record_step(Act.ASSIGN_SUB_TASK, by, now, reason=unit)
        self.emit(SubTaskAssigned(case=self.public_state(), number=number, unit=unit))
