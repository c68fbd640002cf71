"""API types of one table (一表通): form templates, their tasks, and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Id, Moment, Page, Path, Record, Title, Word
from services.residents.api.dictionary import FieldCode, SubjectKind, Value

TemplateState = Annotated[Literal["DRAFT", "PUBLISHED", "RETIRED"], msgspec.Meta(description="The state of a form.")]
TaskState = Annotated[Literal["OPEN", "DONE", "WITHDRAWN"], msgspec.Meta(description="The state of a task.")]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=240)]
Bound = Annotated[float, msgspec.Meta(gt=-1e15, lt=1e15)]


class OnlyIf(Form, frozen=True, kw_only=True):
    """The question is asked only if the answer to an earlier one, a choice, is among these codes."""

    field: FieldCode
    among: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=50)]


class Question(Form, frozen=True, kw_only=True):
    """Asks for a field of the dictionary. Limits are those of a number."""

    field: FieldCode
    section: Word = ""
    required: bool = False
    least: Bound | None = None
    most: Bound | None = None
    only_if: OnlyIf | None = None


class NewTemplate(Form, frozen=True, kw_only=True):
    """A form that asks about one kind of subject. `minutes`: how long somebody needs for it by hand, for the count of
    hours saved."""

    title: Title
    about: SubjectKind
    questions: Annotated[tuple[Question, ...], msgspec.Meta(min_length=1, max_length=200)]
    minutes: Minutes = 10


class ListTemplates(Page, frozen=True, kw_only=True):
    state: TemplateState = "PUBLISHED"


class ListedTemplate(Record, frozen=True, kw_only=True):
    """`edition`: counts publications."""

    title: str
    about: str
    state: str
    edition: int
    minutes: int


class ShownQuestion(msgspec.Struct, frozen=True, kw_only=True):
    field: str
    section: str
    required: bool
    least: float | None = None
    most: float | None = None
    only_if: OnlyIf | None = None


class ShownTemplate(ListedTemplate, frozen=True, kw_only=True):
    questions: list[ShownQuestion]


class Overlap(msgspec.Struct, frozen=True, kw_only=True):
    """A published form that asks the same. `fields`: what both ask, which this one could drop, since it is known once
    the other is answered."""

    template: str
    title: str
    fields: list[str]


class Overlaps(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Overlap]


class NewTask(Form, frozen=True, kw_only=True):
    """Gives the form to an area: each grid in it gets a task, unless it has an open one of the form."""

    area: Path
    due: Moment


class ListTasks(Page, frozen=True, kw_only=True):
    area: Path | None = None
    state: TaskState = "OPEN"


class ListedTask(Record, frozen=True, kw_only=True):
    """`answered`: subjects of the grid that were answered for."""

    template: str
    edition: int
    title: str
    area: str
    due: datetime
    state: str
    answered: int


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Of the tasks of a form below an area: those that are open or done. `late`: open after they were due; `answered`:
    subjects, also of tasks that were withdrawn."""

    area: str
    tasks: int
    done: int
    late: int
    answered: int


class ProgressByTier(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Progress]


class OfArea(Form, frozen=True, kw_only=True):
    area: Path


class Prefilled(msgspec.Struct, frozen=True, kw_only=True):
    """A question with the value that still holds, if there is one; only others must be asked.

    `from_form`: the form that it came from, or the mapping of a table; `sealed`: it is known and not shown here: give
    it to confirm or change it.
    """

    field: str
    zh: str
    en: str
    kind: str
    section: str
    required: bool
    only_if: OnlyIf | None = None
    value: Value = None
    known: bool
    sealed: bool
    given_at: datetime | None = None
    from_form: str = ""


class PrefilledForm(msgspec.Struct, frozen=True, kw_only=True):
    task: str
    subject: str
    questions: list[Prefilled]


class Answers(Form, frozen=True, kw_only=True):
    """What is new or has changed; null for what is not so any more. A value that was shown and is left out is confirmed
    as it is; a sealed one stays, unconfirmed."""

    subject: Id
    values: Annotated[dict[FieldCode, Value], msgspec.Meta(max_length=200)]


class Answered(Record, frozen=True, kw_only=True):
    """`changed`: the fields whose value is another one now; `confirmed`: those whose value was seen and stayed."""

    changed: list[str]
    confirmed: list[str]


class Savings(msgspec.Struct, frozen=True, kw_only=True):
    """What asking once has saved. `answers`: of each task the first one for each subject. Saved are `forms`, `known`
    fields of those `asked`, and `hours`; `counted`: how, in words (`en`, `zh-CN`)."""

    answers: int
    asked: int
    known: int
    forms: int
    hours: float
    counted: dict[str, str]
