"""Queries of phones: the forms of open tasks, each with the list of the subjects that it may be about."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TypeVar

from chassis.context import Call
from chassis.entrypoints.rpc_server import query
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.security.masking import mask
from chassis.types import Id
from chassis.usecases.records import get
from services.residents.api import submissions as api
from services.residents.dictionary.lookups import fields_in
from services.residents.dictionary.model import Field
from services.residents.dwellings.model import Dwelling
from services.residents.forms.model import FormTemplate
from services.residents.households.model import Household
from services.residents.people.model import Resident
from services.residents.placed import Placed, in_area
from services.residents.submissions.answers import shown_on_phone
from services.residents.tasks.answering import Answering
from services.residents.tasks.answers import AnswerCommands, merged_of
from services.residents.tasks.model import OPEN, FormTask
from services.residents.tasks.versions import version_of
from services.residents.values.lookups import stored_values
from services.residents.values.model import SubjectValues
from services.residents.values.subjects import SUBJECTS, THERE
from services.residents.xforms.workbook import kept_of, list_of, phone, said, value_of
from services.residents.xforms.xform import digest_of, xform
from vocabulary.access import require_in_area, require_role
from vocabulary.roles import Permission

#: Forms of a list: a grid has a few.
_MOST_FORMS = 200
#: Stands for the task in what is built once for all tasks of a form.
_ANY_TASK = "ANYTASK000000000"
P = TypeVar("P", bound=Placed)


class PhoneQueries(AnswerCommands):
    @query
    def list_phone_forms(self, call: Call) -> api.PhoneForms:
        """The forms of the caller's open tasks."""
        require_role(call.principal, Permission.KEEP_RESIDENTS)
        data = self.data.of(call)
        where = in_area(call.principal, "") | {"state": OPEN}
        tasks = sorted(data.find(FormTask, where, [("_id", 1)], _MOST_FORMS), key=lambda each: each.template)
        items = []
        for template, same in groupby(tasks, lambda each: each.template):
            built, version = _built(data, data.get(FormTemplate, template))
            items += [_listed(task, built, version) for task in same]
        return api.PhoneForms(items=items)

    @query
    def get_phone_form(self, call: Call, task: Id) -> api.PhoneFile:
        """The XForm of an open task."""
        data, found = self.data.of(call), self._task(call, task)
        built, _ = _built(data, data.get(FormTemplate, found.template))
        return api.PhoneFile(name=f"{task}.xml", text=_of_task(built, task))

    @query
    def list_phone_subjects(self, call: Call, task: Id) -> api.PhoneFile:
        """Those who live in the grid of the task, with what is known and not sensitive; the reading is audited."""
        data, found = self.data.of(call), self._task(call, task)
        template = data.get(FormTemplate, found.template)
        fields = fields_in(data, template.fields)
        subjects = _subjects(data, call, template.about, found.area)
        labels = self._labels(call, data, subjects)
        held = _held(data, template.about, subjects)
        output = io.StringIO()
        table = csv.writer(output, lineterminator="\n")
        table.writerow(["name", "label", "__version", *_columns(template, fields)])
        for subject in subjects:
            of_subject = held[subject.key]
            answering = self._answering_of(call, template, fields, of_subject)
            version = version_of(of_subject[0], of_subject[1:])
            table.writerow([subject.key, labels[subject.key], version, *_columns(template, fields, answering)])
        return api.PhoneFile(name=f"{list_of(task)}.csv", text=output.getvalue())

    def _task(self, call: Call, key: str) -> FormTask:
        task = get(self.data.of(call), FormTask, key)
        require_in_area(call.principal, Permission.KEEP_RESIDENTS, task.area)
        task.require_open()
        return task

    def _labels(self, call: Call, data: TenantData, subjects: Sequence[Placed]) -> dict[str, str]:
        """Returns by what a worker recognises each: the door, and the masked name with the year of birth."""
        people = _people(data, subjects)
        homes = {each.key: getattr(each, "dwelling", each.key) for each in subjects}
        dwellings = _by_key(data, Dwelling, set(homes.values()))
        doors = self._open_all(call, {each.key: {"dwelling.door": each.door} for each in dwellings})
        names = self._open_all(call, {each.key: {"resident.name": each.name} for each in people.values()})
        return {key: _label(key, doors.get(home), people.get(key), names) for key, home in homes.items()}


def _label(
    key: str, door: Mapping[str, str] | None, person: Resident | None, names: Mapping[str, Mapping[str, str]]
) -> str:
    words = [door["door"]] if door else []
    if person:
        words += [mask("name", names[person.key]["name"]), str(person.born_year or "")]
    return " ".join(filter(None, words)) or key


def _people(data: TenantData, subjects: Sequence[Placed]) -> dict[str, Resident]:
    """Returns whose name stands for each subject: a resident's own, that of the head of a household."""
    heads = {each.key: each.head for each in subjects if isinstance(each, Household) and each.head}
    known = {each.key: each for each in _by_key(data, Resident, set(heads.values()))}
    people = {each.key: each for each in subjects if isinstance(each, Resident)}
    return people | {key: known[head] for key, head in heads.items() if head in known}


def _by_key(data: TenantData, model: type[P], keys: set[str]) -> list[P]:
    ids = [model.identity(data.context.tenant, key) for key in sorted(keys) if key]
    return data.find(model, {"_id": {"$in": ids}}, limit=ALL) if ids else []


def _subjects(data: TenantData, call: Call, about: str, area: str) -> list[Placed]:
    where = in_area(call.principal, area)
    if about == "resident":  # who has an index of their own for those who live here
        where = {"listed": where.pop("codes")} | where
    return data.find(SUBJECTS[about], where | {"state": THERE[about]}, [("_id", 1)], ALL)


def _held(data: TenantData, about: str, subjects: Sequence[Placed]) -> dict[str, list[SubjectValues]]:
    """Returns the values of each subject, and after its own those of records that were merged into it."""
    known = {each.subject: each for each in stored_values(data, about, [each.key for each in subjects])}
    blank = {each.key: SubjectValues.blank(each.tenant, about, each.key) for each in subjects}
    own = blank | known
    into = {"merged_into": {"$in": [each.key for each in subjects]}}
    rows = data.rows(Resident, into, ["merged_into"], limit=ALL) if about == "resident" else []
    merged = {row["merged_into"] for row in rows}
    return {key: [each, *(merged_of(data, each) if key in merged else ())] for key, each in own.items()}


def _columns(template: FormTemplate, fields: Mapping[str, Field], answering: Answering | None = None) -> list[str]:
    """Returns what the form needs of a subject, or without one the names of it."""
    cells = []
    for code in template.fields:
        field = fields.get(code)
        if field is None:
            continue
        value = shown_on_phone(answering, code) if answering else None
        if not field.is_sensitive:
            cells.append(_text(value) if answering else value_of(code))
        kept = answering is not None and code in answering.known and value is None
        cells.append("1" * kept if answering else kept_of(code))
    return cells


def _text(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _built(data: TenantData, template: FormTemplate) -> tuple[str, str]:
    """Returns the XForm for any task of the form, and its version, which differs when the form does."""
    fields = fields_in(data, template.fields)
    version = f"{template.edition}-{digest_of(phone(template, fields, _ANY_TASK, ''))}"
    return xform(phone(template, fields, _ANY_TASK, version)), version


def _of_task(built: str, task: str) -> str:
    return built.replace(_ANY_TASK, task)


def _listed(task: FormTask, built: str, version: str) -> api.PhoneForm:
    digest = hashlib.md5(_of_task(built, task.key).encode(), usedforsecurity=False).hexdigest()
    return api.PhoneForm(id=task.key, title=said(task.title), version=version, digest=digest)
