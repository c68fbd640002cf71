"""Aggregate of a task: a form that the workers of one grid answer, subject by subject, until a day."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from mongoengine import BooleanField, DateTimeField, FloatField, IntField, ListField, StringField

from chassis.envelope import STAFF
from chassis.errors import Invalid, Refused
from chassis.ids import derived
from chassis.security.principal import Principal, codes_of
from services.residents.forms.model import PUBLISHED, FormTemplate
from services.residents.placed import Placed
from services.residents.tasks.events import FormGiven, TaskEnded, TaskGiven, TaskLate, TaskMoved
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


class AlreadyGiven(Refused):
    """`area`: to which the form was to be given."""

    code = "form.already_given"
    en = "Every grid in {area:place} still has an open task of this form. Wait for them, or retire the form."
    zh = "{area:place}内的各网格均有该表单的未完成任务，请待其完成，或停用该表单。"


class GivenForm(Placed):
    """A form that was given to an area. On its event each grid in it gets a task, unless it has an open one."""

    meta: ClassVar[dict[str, Any]] = {"collection": "given_forms"}
    visible_to = STAFF

    template: str = StringField(required=True)
    edition: int = IntField(required=True)
    title: str = StringField(required=True)
    minutes: int = IntField(required=True)
    area: str = StringField(required=True)
    due: datetime = DateTimeField(required=True)
    given_at: datetime = DateTimeField(required=True)

    @classmethod
    def give(
        cls, by: Principal, key: str, template: FormTemplate, area: str, due: datetime, now: datetime
    ) -> GivenForm:
        require_in_area(by, Permission.GIVE_FORMS, area)
        template.require(PUBLISHED)
        if due <= now:
            raise Invalid(("due", "must be in the future", "须晚于当前时间"))
        given = cls(id=cls.identity(by.tenant, key), tenant=by.tenant, template=template.key, title=template.title)
        given.edition, given.minutes = template.edition, template.minutes
        given.area, given.due, given.given_at = area, due, now
        given.emit(FormGiven(form=template.key, area=area, due=due))
        return given


class FormTask(Placed):
    """A grid has one open task of a form.

    `answered`: subjects; `asked`, `known`: the questions of their first answers, and those that were known and stayed;
    `whole`: first answers of which everything was known and stayed;
    `minutes_saved`: of each first answer, the minutes of its form times the share that was known.
    """

    meta: ClassVar[dict[str, Any]] = {"collection": "form_tasks"}
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("codes", "state", "_id"), ("codes", "template"), ("template", "state", "area"), ("next_due_at",)
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
    given_at: datetime = DateTimeField(required=True)
    answered: int = IntField(default=0)
    asked: int = IntField(default=0)
    known: int = IntField(default=0)
    whole: int = IntField(default=0)
    minutes_saved: float = FloatField(default=0.0)
    next_due_at: datetime | None = DateTimeField()

    @classmethod
    def of(cls, given: GivenForm, area: str) -> FormTask:
        """Returns the task of a grid. Its key is made from both, so that it is given once."""
        task = cls(id=cls.identity(given.tenant, derived(given.key, area)), tenant=given.tenant)
        task.template, task.edition, task.title, task.minutes = (
            given.template, given.edition, given.title, given.minutes,
        )  # fmt: skip
        task.area, task.codes, task.due, task.given_at = area, codes_of(area), given.due, given.given_at
        task.emit(TaskGiven(form=given.template, area=area, due=given.due))
        return task

    def note_answer(self, asked: int, known: int) -> None:
        """Counts the first answer for a subject."""
        self.answered, self.asked, self.known = self.answered + 1, self.asked + asked, self.known + known
        self.whole += 0 < asked == known
        self.minutes_saved += self.minutes * known / asked if asked else 0

    def finish(self, by: Principal) -> None:
        require_in_area(by, Permission.KEEP_RESIDENTS, self.area)
        self.require_open()
        self._end(DONE)

    def follow(self, area: str) -> None:
        """Its grid was merged into another."""
        if area != self.area:
            self.area, self.codes = area, codes_of(area)
            self.emit(TaskMoved(form=self.template, area=area))

    def withdraw(self) -> None:
        """The form is not used any more, or the grid has an older task of it."""
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
