"""Commands, queries and timer of tasks: a form is given to an area, answered grid by grid, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.context import Call, Context, Received
from chassis.entrypoints.consumer import every, handles
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import Invalid, NotFound
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import in_key_order
from chassis.usecases.records import change, create, get, named, step_answer, to_answer
from chassis.usecases.service import Documents
from services.residents.api import forms as api
from services.residents.directory.lookups import grids_in, require_place
from services.residents.dwellings.model import Dwelling
from services.residents.forms.commands import fields_in
from services.residents.forms.events import FormRetired
from services.residents.forms.model import FormTemplate
from services.residents.households.model import Household
from services.residents.people.model import Resident
from services.residents.placed import Placed, in_area
from services.residents.records import ResidentsUseCases
from services.residents.tasks.answering import Answering
from services.residents.tasks.events import FormGiven
from services.residents.tasks.model import OPEN, FormTask, GivenForm
from services.residents.values.events import ValuesConfirmed
from services.residents.values.model import SubjectValues, key_of
from vocabulary.access import require_in_area
from vocabulary.roles import Permission

_SUBJECTS: Mapping[str, type[Placed]] = {"resident": Resident, "household": Household, "dwelling": Dwelling}
_LISTED = ("template", "edition", "title", "area", "due", "state")
_LATE_CHECK = 60


class TaskCommands(ResidentsUseCases):
    documents: Documents = (GivenForm, FormTask, SubjectValues)

    @command
    def give_form(self, call: Call, template: Id, form: api.NewTask) -> Answer:
        """Gives the form to an area: each grid in it gets a task."""
        data = self.data.of(call)

        def build(key: str) -> GivenForm:
            found = get(data, FormTemplate, template)
            given = GivenForm.give(call.principal, key, found, form.area, form.due, call.now)
            require_place(data, form.area, "area")
            if not grids_in(data, form.area):
                raise Invalid(("area", "no grid lies in it, so nobody would answer", "该区域内没有网格，无人填报"))
            return given

        return create(data, GivenForm, build, step_answer)

    @command
    def answer_task(self, call: Call, task: Id, form: api.Answers) -> Answer:
        """Writes back an answer: what is given replaces what was known; what is left out is confirmed."""
        data = self.data.of(call)
        found = get(data, FormTask, task)
        require_in_area(call.principal, Permission.KEEP_RESIDENTS, found.area)
        found.require_open()
        template = data.get(FormTemplate, found.template)
        self._require_subject(data, template.about, form.subject, found.area)
        told: dict[str, list[str]] = {}

        def confirm(values: SubjectValues) -> None:
            answering = self._answering(call, template, values)
            changed, stays = answering.checked(form.values, lambda text: self._seal(call, text, "values"), call.now)
            told["changed"], told["confirmed"] = sorted(changed), sorted(stays)
            values.confirm(
                changed, stays, task=task, form=template.key, area=found.area, by=call.principal.subject, now=call.now
            )

        def answer(values: SubjectValues) -> Answer:
            return {"id": values.key, "version": values.version + 1, **told}

        return self._put(data, template.about, form.subject, confirm, answer)

    @command
    def finish_task(self, call: Call, task: Id) -> Answer:
        return change(self.data.of(call), FormTask, task, lambda found: found.finish(call.principal), step_answer)

    @query
    def get_prefilled(self, call: Call, task: Id, subject: Id) -> Answer:
        """The form with what still holds; a sensitive value is known, but not shown."""
        data = self.data.of(call)
        found = get(data, FormTask, task)
        require_in_area(call.principal, Permission.KEEP_RESIDENTS, found.area)
        template = data.get(FormTemplate, found.template)
        self._require_subject(data, template.about, subject, found.area)
        answering = self._answering(call, template, _values_of(data, template.about, subject))
        questions = [_prefilled(answering, each) for each in answering.asked(answering.merged({}))]
        return {"task": task, "subject": subject, "questions": questions}

    @query
    def list_tasks(self, call: Call, form: api.ListTasks) -> Listed[Answer]:
        where = in_area(call.principal, form.area or "") | {"state": form.state}
        found, following = in_key_order(self.data.of(call), FormTask, where, form)
        return Listed(items=[_listed(each) for each in found], next=following)

    @query
    def show_progress(self, call: Call, template: Id, form: api.OfTemplate) -> Answer:
        """Tasks of the form in the area, summed by what lies directly below it."""
        data = self.data.of(call)
        require_in_area(call.principal, Permission.GIVE_FORMS, form.area)
        where = {"template": template} | in_area(call.principal, form.area)
        found = data.rows(FormTask, where, ["area", "state", "late", "answered"], limit=ALL)
        sums: dict[str, dict[str, int]] = {}
        for row in found:
            below = form.area + row["area"].removeprefix(form.area).partition("/")[0]
            total = sums.setdefault(below.rstrip("/") + "/", {"tasks": 0, "done": 0, "late": 0, "answered": 0})
            total["tasks"] += 1
            total["done"] += row["state"] == "DONE"
            total["late"] += bool(row.get("late")) and row["state"] == OPEN
            total["answered"] += len(row.get("answered", []))
        return {"items": [{"area": area, **total} for area, total in sorted(sums.items())]}

    @query
    def show_savings(self, call: Call, form: api.OfTemplate) -> Answer:
        """What asking once has saved in the area."""
        require_in_area(call.principal, Permission.GIVE_FORMS, form.area)
        total = {"_id": None, "answers": {"$sum": {"$size": "$answered"}}, "asked": {"$sum": "$asked"}}
        share = {"$cond": [{"$gt": ["$asked", 0]}, {"$divide": ["$known", "$asked"]}, 0]}
        minutes = {"$multiply": [{"$size": "$answered"}, "$minutes", share]}
        stages = [{"$group": total | {"known": {"$sum": "$known"}, "minutes": {"$sum": minutes}}}]
        [row] = self.data.of(call).aggregate(FormTask, in_area(call.principal, form.area), stages) or [{}]
        sums = {name: int(row.get(name, 0)) for name in ("answers", "asked", "known")}
        return sums | {"hours": round(row.get("minutes", 0) / 60, 1)}

    @handles(FormGiven)
    def give_tasks(self, event: Received) -> None:
        data = self.data.of(event)
        given = data.get(GivenForm, event.envelope.subject)
        for grid in grids_in(data, given.area):
            data.add(FormTask.of(given, grid))

    @handles(ValuesConfirmed)
    def count_answer(self, event: Received) -> None:
        told = event.as_(ValuesConfirmed)
        asked, known = len(told.changed) + len(told.confirmed), len(told.confirmed)
        self.data.of(event).change(FormTask, told.task, lambda found: found.note_answer(told.subject, asked, known))

    @handles(FormRetired)
    def withdraw_tasks(self, event: Received) -> None:
        data = self.data.of(event)
        where = {"template": event.envelope.subject, "state": OPEN}
        for row in data.rows(FormTask, where, ["state"], limit=ALL):
            data.change(FormTask, row["key"], lambda found: found.withdraw())

    @every(interval=_LATE_CHECK)
    def note_late_tasks(self) -> None:
        self.data.each_due(FormTask, lambda task, now: task.become_late(now))

    def _answering(self, context: Context, template: FormTemplate, values: SubjectValues) -> Answering:
        sealer = self.keys.of(context.tenant)
        fields = fields_in(self.data.of(context), template.fields)
        return Answering.of(template, fields, values, context.now, lambda text: sealer.open(text, "residents.values"))

    @staticmethod
    def _require_subject(data: TenantData, about: str, subject: str, area: str) -> None:
        record = named(data, _SUBJECTS[about], subject, "subject")
        if not record.area.startswith(area):
            raise Invalid(("subject", "it does not lie in the grid of the task", "不在该任务所属网格内"))

    @staticmethod
    def _put(data: TenantData, about: str, subject: str, act: Any, answer: Any) -> Answer:
        """Changes the subject's values, or makes the first ones."""
        blank = SubjectValues.blank(data.context.tenant, about, subject)

        def acted(values: SubjectValues) -> Answer:
            act(values)
            made: Answer = answer(values)
            return made

        try:
            changed: Answer = data.change(SubjectValues, blank.key, acted)
        except NotFound:
            act(blank)
            changed = data.create(SubjectValues, lambda _: blank, answer)
        return changed


def _values_of(data: TenantData, about: str, subject: str) -> SubjectValues:
    try:
        return data.get(SubjectValues, key_of(about, subject))
    except NotFound:
        return SubjectValues.blank(data.context.tenant, about, subject)


def _prefilled(answering: Answering, question: Any) -> Answer:
    field, held = answering.fields[question.field], answering.known.get(question.field)
    only_if = {"field": question.only_field, "among": list(question.only_among)} if question.only_field else None
    shown = None if held is None or held.sealed else answering.merged({})[question.field]
    return {
        "field": question.field, "zh": field.zh, "en": field.en, "kind": field.kind, "section": question.section,
        "required": question.required, "only_if": only_if, "value": shown, "known": held is not None,
        "sealed": held is not None and held.sealed, "given_at": held.given_at if held else None,
        "from_form": held.form if held else "",
    }  # fmt: skip


def _listed(task: FormTask) -> Answer:
    return to_answer(task, *_LISTED) | {"answered": len(task.answered)}
