"""Answers of a task, subject by subject: the form with what is known, and the answer that is written back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chassis.context import Call, Context
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import Invalid, NotFound
from chassis.persistence.tenant_data import TenantData
from chassis.types import Answer, Id
from chassis.usecases.records import get, named, put, step_answer
from chassis.usecases.service import Documents
from services.residents.api import forms as api
from services.residents.api.people import Reading
from services.residents.dictionary.lookups import fields_in
from services.residents.dictionary.model import Field
from services.residents.dictionary.values import of_text
from services.residents.forms.model import Asked, FormTemplate
from services.residents.people.merges import records_of
from services.residents.people.queries import PeopleQueries
from services.residents.placed import Placed
from services.residents.tasks.answering import Answering
from services.residents.tasks.model import FormTask
from services.residents.values.lookups import stored_values
from services.residents.values.model import Confirmed, Source, SubjectValues, key_of
from services.residents.values.subjects import SUBJECTS, require_there
from vocabulary.access import require_in_area
from vocabulary.roles import Permission


class AnswerCommands(PeopleQueries):
    documents: Documents = (SubjectValues,)

    @command
    def answer_task(self, call: Call, task: Id, form: api.Answers) -> Answer:
        """Writes back an answer: what is given replaces what was known; what was shown and left out is confirmed."""
        data = self.data.of(call)
        found = get(data, FormTask, task)
        require_in_area(call.principal, Permission.KEEP_RESIDENTS, found.area)
        template = data.get(FormTemplate, found.template)
        source = Source(task, template.key, found.area, call.principal.subject, call.now)
        answer = Confirmed({}, {}, 0, 0)

        def act(values: SubjectValues) -> None:
            nonlocal answer
            found.require_open()
            subject = subject_in(data, template.about, form.subject, found.area)
            answer = self._answering(call, template, values).checked(form.values, call.now)
            values.follow(subject.area, there=True)
            values.confirm(answer, source)

        def told(values: SubjectValues) -> Answer:
            return step_answer(values) | {"changed": sorted(answer.changed), "confirmed": sorted(answer.stays)}

        blank = SubjectValues.blank(call.tenant, template.about, form.subject)
        return put(data, blank, act, told, seen=lambda *_: True)

    @query
    def get_prefilled(self, call: Call, task: Id, subject: Id) -> Answer:
        """The form with what still holds; a sensitive value is known, but not shown."""
        found = get(self.data.of(call), FormTask, task)
        require_in_area(call.principal, Permission.KEEP_RESIDENTS, found.area)
        return self._prefilled(call, found, subject, opened=False)

    @query
    def open_prefilled(self, call: Call, task: Id, subject: Id, form: Reading) -> Answer:
        """The same with its sensitive values, for a purpose; the reason stays in the audit log."""
        found = get(self.data.of(call), FormTask, task)
        self._note_opening(call, "values", [subject], found.area, form)
        return self._prefilled(call, found, subject, opened=True)

    def _prefilled(self, call: Call, task: FormTask, subject: str, opened: bool) -> Answer:
        data = self.data.of(call)
        template = data.get(FormTemplate, task.template)
        subject_in(data, template.about, subject, task.area)
        answering = self._answering(call, template, values_of(data, template.about, subject))
        questions = [_shown(answering, each, opened) for each in answering.questions]
        return {"task": task.key, "subject": subject, "questions": questions}

    def _answering(self, call: Context, template: FormTemplate, values: SubjectValues) -> Answering:
        """What is opened in it to be compared, nobody gets to see."""
        data = self.data.of(call)
        return self._answering_of(call, template, fields_in(data, template.fields), [values, *merged_of(data, values)])

    def _answering_of(
        self, call: Context, template: FormTemplate, fields: Mapping[str, Field], held: Iterable[SubjectValues]
    ) -> Answering:
        return Answering.of(
            template, fields, [value for each in held for value in each.held], call.now,
            lambda field, text: self._seal(call, text, f"values.{field}"),
            lambda field, text: self._opened(call, text, f"values.{field}"),
        )  # fmt: skip


def subject_in(data: TenantData, about: str, subject: str, area: str) -> Placed:
    """Raises unless the subject lies in the grid, and is there still."""
    record = named(data, SUBJECTS[about], subject, "subject")
    if not record.area.startswith(area):
        raise Invalid(("subject", "it does not lie in the grid of the task", "不在该任务所属网格内"))
    require_there(record)
    return record


def values_of(data: TenantData, about: str, subject: str) -> SubjectValues:
    try:
        return data.get(SubjectValues, key_of(about, subject))
    except NotFound:
        return SubjectValues.blank(data.context.tenant, about, subject)


def merged_of(data: TenantData, values: SubjectValues) -> list[SubjectValues]:
    """Returns the values of records that were merged into this one; separated again, they have it back."""
    _, *merged = records_of(data, values.subject) if values.about == "resident" else [values.subject]
    return stored_values(data, values.about, merged)


def _shown(answering: Answering, question: Asked, opened: bool) -> Answer:
    field, held = answering.fields[question.field], answering.known.get(question.field)
    sealed = held is not None and held.sealed
    value = answering.shown(question.field)
    if held is not None and sealed and opened:
        value = of_text(answering.open(question.field, held.text))
    return {
        "field": question.field, "zh": field.zh, "en": field.en, "kind": field.kind, "section": question.section,
        "required": question.required, "only_if": question.condition, "value": value, "known": held is not None,
        "sealed": sealed, "given_at": held.given_at if held else None, "from_form": held.form if held else "",
    }  # fmt: skip
