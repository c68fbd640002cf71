"""Fields, forms and answers, for the tests of one table (一表通)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.residents.api.dictionary import Choice, FieldDefinition
from services.residents.api.forms import NewTemplate, OnlyIf, Question
from services.residents.dictionary.model import Field
from services.residents.forms.model import FormTemplate
from services.residents.submissions.model import Submission
from services.residents.submissions.reading import Read
from services.residents.tasks.answering import Answering
from services.residents.tasks.model import FormTask, GivenForm
from services.residents.values.model import Confirmed, HeldValue, Source, SubjectValues
from tests.unit.residents import samples as s

ADMIN = s.person("a-1", "tenant_admin", "/1503/")
CHOICES = (Choice(code="own", zh="自有", en="Owned"), Choice(code="rented", zh="租住", en="Rented"))


def definition(**changes: Any) -> FieldDefinition:
    facts = {"zh": "住房性质", "en": "Kind of housing", "about": "dwelling", "kind": "choice", "choices": CHOICES}
    return FieldDefinition(**{**facts, **changes})


def field(code: str = "housing", **changes: Any) -> Field:
    return Field.define(ADMIN, code, definition(**changes))


def number(code: str = "rooms", kind: str = "whole", **changes: Any) -> Field:
    return field(code, kind=kind, choices=(), **changes)


def sensitive(code: str, **changes: Any) -> Field:
    return field(code, sensitivity="sensitive", **changes)


FIELDS = {
    "housing": field(), "rooms": number(), "rent": number("rent", "decimal", measure="元", sensitivity="sensitive"),
    "checked": number("checked", "date", holds_months=12), "remark": number("remark", "text"),
}  # fmt: skip
RENT_IF_RENTED = Question(field="rent", required=True, only_if=OnlyIf(field="housing", among=("rented",)))
QUESTIONS = (
    Question(field="housing", required=True), Question(field="rooms", least=1, most=20), RENT_IF_RENTED,
    Question(field="checked"),
)  # fmt: skip


def new_template(*questions: Question, **changes: Any) -> NewTemplate:
    return NewTemplate(**{"title": "房屋采集表", "about": "dwelling", "questions": questions or QUESTIONS} | changes)


def template(key: str = "T1", *questions: Question, fields: dict[str, Field] = FIELDS) -> FormTemplate:
    return FormTemplate.draft(s.STREET_STAFF, key, new_template(*questions), fields, s.NOW)


def published(key: str = "T1", *questions: Question, fields: dict[str, Field] = FIELDS) -> FormTemplate:
    made = template(key, *questions, fields=fields)
    made.publish(s.STREET_STAFF, fields, None)
    return made


def given_form() -> GivenForm:
    return GivenForm.give(s.STREET_STAFF, "F1", published(), s.COMMUNITY, s.NOW + timedelta(days=7), s.NOW)


def task(grid: str = s.GRID) -> FormTask:
    return FormTask.of(given_form(), grid)


def submission(key: str = "uuid:1", task_: FormTask | None = None, subject: str = "D1", **facts: Any) -> Submission:
    """Of a dwelling, made of version 1. Its answers are sealed as they are."""
    of = task_ or task()
    by = s.person("s-1", "street", of.area)
    sent = Read(key, "digest", of.key, subject, {}, **{"base": 1, "trunk": None, "branch": ""} | facts)
    return Submission.receive(by, sent, of, '{"housing":"own"}', s.NOW)


class Desk:
    """Answers forms for one dwelling. `merged`: what is known of records that were merged into it."""

    def __init__(self, *questions: Question, fields: dict[str, Field] = FIELDS) -> None:
        self.questions, self.fields = questions, dict(fields)
        self.values, self.now = SubjectValues.blank(s.TENANT, "dwelling", "D1"), s.NOW
        self.merged: list[HeldValue] = []
        self.form = published("T1", *questions, fields=self.fields)

    def answering(self) -> Answering:
        def seal(code: str, text: str) -> str:
            return f"sealed as {code}:{text}"

        def unseal(code: str, text: str) -> str:
            return text.removeprefix(f"sealed as {code}:")

        return Answering.of(self.form, self.fields, [*self.values.held, *self.merged], self.now, seal, unseal)

    def confirm(self, task_: str = "K1", **given: Any) -> Confirmed:
        confirmed = self.answering().checked(given, self.now)
        self.values.confirm(confirmed, Source(task_, "T1", s.GRID, "g-1", self.now))
        return confirmed

    def answer(self, **given: Any) -> tuple[list[str], list[str]]:
        """Returns the fields that changed, and those that were confirmed."""
        confirmed = self.confirm(**given)
        return sorted(confirmed.changed), sorted(confirmed.stays)

    def known(self) -> dict[str, Any]:
        """What the form shows; sealed values as None."""
        answering = self.answering()
        return {code: answering.shown(code) for code in answering.known}
