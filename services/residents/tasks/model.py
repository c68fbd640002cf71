"""Aggregate of a task: a form that the workers of one grid answer, subject by subject, until a day."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from mongoengine import BooleanField, DateTimeField, IntField, ListField, StringField

from chassis.envelope import STAFF
from chassis.errors import Invalid, Refused
from chassis.ids import derived
from chassis.security.principal import Principal, codes_of
from services.residents.forms.model import PUBLISHED, FormTemplate
from services.residents.placed import Placed
from services.residents.tasks.events import FormGiven, TaskEnded, TaskGiven, TaskLate
from vocabulary.access import require_in_area
from vocabulary.roles import Permission

OPEN, DONE, WITHDRAWN = "OPEN", "DONE", "WITHDRAWN"


class TaskOver(Refused):
    """`state`: of the task."""

    code = "task.over"
    en = "This task is {state}, so it takes no answers. Look for an open one."
    zh = "该任务{state}，不再接收填报，请查看其他待办任务。"
    chinese = {"state": {DONE: "已完成", WITHDRAWN: "已撤回"}}
    english = {"state": {DONE: "done", WITHDRAWN: "withdrawn"}}


class GivenForm(Placed):
    """A form that was given to an area. On its event each grid in it gets a task."""

    meta: ClassVar[dict[str, Any]] = {"collection": "given_forms"}
    visible_to = STAFF

    template: str = StringField(required=True)
    edition: int = IntField(required=True)
    title: str = StringField(required=True)
    minutes: int = IntField(required=True)
    area: str = StringField(required=True)
    due: datetime = DateTimeField(required=True)

    @classmethod
    def give(
        cls, by: Principal, key: str, template: FormTemplate, area: str, due: datetime, now: datetime
    ) -> GivenForm:
        require_in_area(by, Permission.GIVE_FORMS, area)
        template.require(PUBLISHED)
        if due <= now:
            raise Invalid(("due", "must be in the future", "须晚于当前时间"))
        given = cls(id=cls.identity(by.tenant, key), tenant=by.tenant, template=template.key, title=template.title)
        given.edition, given.minutes, given.area, given.due = template.edition, template.minutes, area, due
        given.emit(FormGiven(form=template.key, area=area, due=due))
        return given


class FormTask(Placed):
    """`answered`: subjects, each once; `asked`, `known`: questions of all answers, and those that were known."""

    meta: ClassVar[dict[str, Any]] = {"collection": "form_tasks"}
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("codes", "state", "_id"), ("template", "codes", "_id"), ("next_due_at",)
    ]  # fmt: skip
    visible_to = STAFF

    template: str = StringField(required=True)
    edition: int = IntField(required=True)
    title: str = StringField(required=True)
    minutes: int = IntField(default=0)
    area: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    due: datetime = DateTimeField(required=True)
    state: str = StringField(default=OPEN)
    late: bool = BooleanField(default=False)
    answered: list[str] = ListField(StringField())
    asked: int = IntField(default=0)
    known: int = IntField(default=0)
    next_due_at: datetime | None = DateTimeField()

    @classmethod
    def of(cls, given: GivenForm, area: str) -> FormTask:
        """Returns the task of a grid. Its key is made from both, so that it is given once."""
        task = cls(id=cls.identity(given.tenant, derived(given.key, area)), tenant=given.tenant)
        task.template, task.edition, task.title, task.minutes = (
            given.template, given.edition, given.title, given.minutes,
        )  # fmt: skip
        task.area, task.codes, task.due = area, codes_of(area), given.due
        task.emit(TaskGiven(form=given.template, area=area, due=given.due))
        return task

    def note_answer(self, subject: str, asked: int, known: int) -> None:
        """Counts an answer; a second one of the same subject counts its questions, not the subject."""
        self.answered = sorted({*self.answered, subject})
        self.asked, self.known = self.asked + asked, self.known + known

    def finish(self, by: Principal) -> None:
        require_in_area(by, Permission.KEEP_RESIDENTS, self.area)
        self.require_open()
        self._end(DONE)

    def withdraw(self) -> None:
        """The form is not used any more."""
        if self.state == OPEN:
            self._end(WITHDRAWN)

    def become_late(self, now: datetime) -> None:
        if self.state == OPEN and not self.late and self.due <= now:
            self.late = True
            self.emit(TaskLate(form=self.template, area=self.area))

    def due_at(self) -> datetime | None:
        return self.due if self.state == OPEN and not self.late else None

    def require_open(self) -> None:
        if self.state != OPEN:
            raise TaskOver(state=self.state)

    def _end(self, state: str) -> None:
        self.state = state
        self.emit(TaskEnded(form=self.template, area=self.area, state=state))
