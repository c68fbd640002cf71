"""One table: fields, forms, answers, and what asking once saves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from chassis.moments import months_from
from services.residents.api.dictionary import Choice, FieldDefinition
from services.residents.api.forms import NewTemplate, OnlyIf, Question
from services.residents.dictionary.model import Field, FieldRetired
from services.residents.dictionary.values import as_text, holds_until, of_text
from services.residents.forms.model import FormTemplate, WrongFormState, overlap
from services.residents.tasks.answering import Answering
from services.residents.tasks.model import FormTask, GivenForm, TaskOver
from services.residents.values.model import SubjectValues
from tests.unit.residents import samples as s

pytestmark = pytest.mark.domain("一表通")
ADMIN = s.person("a-1", "tenant_admin", "/1503/")
CHOICES = (Choice(code="own", zh="自有", en="Owned"), Choice(code="rented", zh="租住", en="Rented"))


def definition(**changes: Any) -> FieldDefinition:
    facts = {"zh": "住房性质", "en": "Kind of housing", "about": "dwelling", "kind": "choice", "choices": CHOICES}
    return FieldDefinition(**{**facts, **changes})


def field(code: str = "housing", **changes: Any) -> Field:
    return Field.define(ADMIN, code, definition(**changes))


def number(code: str = "rooms", kind: str = "whole", **changes: Any) -> Field:
    return field(code, kind=kind, choices=(), **changes)


FIELDS = {
    "housing": field(), "rooms": number(), "rent": number("rent", "decimal", unit="元", sensitivity="sensitive"),
    "checked": number("checked", "date", holds_months=12), "remark": number("remark", "text"),
}  # fmt: skip
QUESTIONS = (
    Question(field="housing", required=True), Question(field="rooms", least=1, most=20),
    Question(field="rent", required=True, only_if=OnlyIf(field="housing", among=("rented",))),
    Question(field="checked"),
)  # fmt: skip


def template(questions: tuple[Question, ...] = QUESTIONS, key: str = "T1") -> FormTemplate:
    form = NewTemplate(title="房屋采集表", about="dwelling", questions=questions)
    return FormTemplate.draft(s.STREET_STAFF, key, form, FIELDS, s.NOW)


def published(key: str = "T1") -> FormTemplate:
    made = template(key=key)
    made.publish(s.STREET_STAFF)
    return made


def unseal(text: str) -> str:
    return text.removeprefix("sealed:")


class Desk:
    """Answers one form for one dwelling."""

    def __init__(self) -> None:
        self.values, self.now = SubjectValues.blank(s.TENANT, "dwelling", "D1"), s.NOW

    def answering(self) -> Answering:
        return Answering.of(published(), FIELDS, self.values, self.now, unseal)

    def answer(self, **given_: Any) -> tuple[list[str], list[str]]:
        changed, stays = self.answering().checked(given_, lambda text: "sealed:" + text, self.now)
        self.values.confirm(changed, stays, task="K1", form="T1", area=s.GRID, by="g-1", now=self.now)
        return sorted(changed), sorted(stays)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("whole", [0, -5, 10**12], [1.5, "3", True, None, 10**16]),
        ("decimal", [1, 2.5, -0.1], ["2.5", False, None, 10**16]),
        ("date", ["2026-02-28", "1900-01-01"], ["2026-02-30", "2026-2-1", 20260101, "0001-01-01", None]),
        ("text", ["好"], ["", " ", "a\x00b", "x" * 2001, 5, None]),
    ],
)
def test_a_value_has_the_type_of_its_field(kind: str, good: list[Any], bad: list[Any]) -> None:
    one = number("one", kind)
    assert [of_text(as_text(one, value, "v")) for value in good] == good
    for value in bad:
        with pytest.raises(Invalid):
            as_text(one, value, "v")


def test_a_choice_is_one_that_the_list_offers() -> None:
    assert of_text(as_text(FIELDS["housing"], "own", "v")) == "own"
    several = field("several", kind="choices")
    assert as_text(several, ["rented", "own"], "v") == as_text(several, ["own", "rented"], "v")
    for wrong in ("lent", ["own"], 1):
        with pytest.raises(Invalid):
            as_text(FIELDS["housing"], wrong, "v")
    for wrong in ([], ["own", "own"], ["lent"], "own"):
        with pytest.raises(Invalid):
            as_text(several, wrong, "v")


def test_a_retired_word_is_kept_and_not_offered() -> None:
    one = field()
    one.revise(ADMIN, definition(choices=(CHOICES[0], Choice(code="rented", zh="租住", en="Rented", retired=True))))
    with pytest.raises(Invalid):
        as_text(one, "rented", "v")
    with pytest.raises(Invalid) as refusal:
        one.revise(ADMIN, definition(choices=CHOICES[:1]))
    assert refusal.value.faults[0][0] == "choices"


@pytest.mark.parametrize("changes", [{"about": "resident"}, {"kind": "choices"}])
def test_subject_and_type_of_a_field_stay(changes: dict) -> None:
    with pytest.raises(Invalid):
        field().revise(ADMIN, definition(**changes))


@pytest.mark.parametrize(
    "changes", [{"choices": ()}, {"choices": (*CHOICES, CHOICES[0])}, {"unit": "m²"}, {"kind": "text"}]
)
def test_a_field_that_contradicts_itself_is_refused(changes: dict) -> None:
    with pytest.raises(Invalid):
        field(**changes)


def test_a_retired_field_changes_no_more() -> None:
    one = field()
    one.retire(ADMIN)
    with pytest.raises(FieldRetired):
        one.retire(ADMIN)


@given(st.datetimes(), st.integers(0, 600))
def test_months_later_is_the_same_day_or_the_last_of_its_month(moment: Any, months: int) -> None:
    if moment.year > 9900:
        return
    later = months_from(moment, months)
    assert (later.year * 12 + later.month) - (moment.year * 12 + moment.month) == months
    assert later.day == moment.day or (later + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("questions", "at"),
    [
        ((Question(field="unknown"),), "questions.0.field"),
        ((Question(field="housing"), Question(field="housing")), "questions.1.field"),
        ((Question(field="housing", least=1),), "questions.0.least"),
        ((Question(field="rent", only_if=OnlyIf(field="housing", among=("own",))),), "questions.0.only_if"),
    ],
)
def test_a_form_asks_fields_in_use_once_and_conditions_look_back(questions: tuple, at: str) -> None:
    with pytest.raises(Invalid) as refusal:
        template(questions)
    assert [fault[0] for fault in refusal.value.faults] == [at]


def test_a_form_about_something_else_is_refused() -> None:
    form = NewTemplate(title="居民表", about="resident", questions=(Question(field="housing"),))
    with pytest.raises(Invalid):
        FormTemplate.draft(s.STREET_STAFF, "T1", form, FIELDS, s.NOW)


def test_a_published_form_stays_and_its_next_edition_takes_its_place() -> None:
    first = published()
    with pytest.raises(WrongFormState):
        first.redraft(s.STREET_STAFF, NewTemplate(title="t", about="dwelling", questions=QUESTIONS), FIELDS)
    form = NewTemplate(title="新版", about="dwelling", questions=QUESTIONS[:1])
    second = FormTemplate.draft(s.STREET_STAFF, "T2", form, FIELDS, s.NOW, first)
    second.publish(s.STREET_STAFF)
    first.give_way()
    assert (second.edition, second.pending[-1].replaces, first.state) == (2, "T1", "RETIRED")
    with pytest.raises(WrongFormState):
        FormTemplate.draft(s.STREET_STAFF, "T3", form, FIELDS, s.NOW, first)


def test_what_two_forms_both_ask_is_found() -> None:
    other = template((Question(field="rooms"), Question(field="remark")), "T2")
    assert overlap(template(), other) == ["rooms"]


def test_what_is_known_is_asked_no_more_and_confirmed_when_left_out() -> None:
    desk = Desk()
    assert desk.answer(housing="own", rooms=3) == (["housing", "rooms"], [])
    assert [each.field for each in desk.answering().asked(desk.answering().merged({}))] == [
        "housing", "rooms", "checked",
    ]  # fmt: skip
    assert desk.answer(rooms=4) == (["rooms"], ["housing"])
    assert desk.answer(rooms=4) == ([], ["housing", "rooms"])
    assert [of_text(value.text) for value in desk.values.earlier] == [3]


def test_a_value_that_holds_no_more_is_asked_again() -> None:
    desk = Desk()
    desk.answer(housing="own", checked="2026-03-01")
    assert desk.values.of("checked").holds_until == holds_until(FIELDS["checked"], s.NOW)
    desk.now += timedelta(days=366)
    assert set(desk.answering().known) == {"housing"}


def test_a_question_is_asked_only_where_its_condition_holds() -> None:
    desk = Desk()
    with pytest.raises(Invalid) as refusal:
        desk.answer(housing="rented")
    assert [fault[0] for fault in refusal.value.faults] == ["values.rent"]
    with pytest.raises(Invalid):
        desk.answer(housing="own", rent=900)
    assert desk.answer(housing="rented", rent=900.5) == (["housing", "rent"], [])


def test_a_sensitive_value_is_sealed() -> None:
    desk = Desk()
    desk.answer(housing="rented", rent=900.5)
    assert desk.values.of("rent").text == "sealed:900.5"
    assert desk.answer(rent=900.5) == ([], ["housing", "rent"])


@pytest.mark.parametrize(
    "wrong", [{"rooms": 0}, {"rooms": 21}, {"rooms": "three"}, {"unknown": 1}, {"housing": None}, {"remark": "x"}]
)
def test_a_wrong_answer_is_named_and_nothing_is_written(wrong: dict) -> None:
    desk = Desk()
    with pytest.raises(Invalid) as refusal:
        desk.answer(**({"housing": "own"} | wrong))
    assert f"values.{next(iter(wrong))}" in [fault[0] for fault in refusal.value.faults]
    assert (list(desk.values.held), desk.values.pending) == ([], [])


def test_an_event_of_an_answer_names_fields_and_no_values() -> None:
    desk = Desk()
    desk.answer(housing="rented", rent=900.5)
    [told] = desk.values.pending
    assert told.changed == ["housing", "rent"]
    assert "900" not in repr(told)


def given_form() -> GivenForm:
    return GivenForm.give(s.STREET_STAFF, "F1", published(), s.COMMUNITY, s.NOW + timedelta(days=7), s.NOW)


def test_a_task_counts_each_subject_once_and_every_question() -> None:
    task = FormTask.of(given_form(), s.GRID)
    task.note_answer("D1", 3, 0)
    task.note_answer("D2", 3, 1)
    task.note_answer("D1", 3, 3)
    assert (task.answered, task.asked, task.known) == (["D1", "D2"], 9, 4)


def test_a_grid_gets_one_task_of_a_given_form() -> None:
    given_ = given_form()
    assert FormTask.of(given_, s.GRID).key == FormTask.of(given_, s.GRID).key != FormTask.of(given_, s.OTHER_GRID).key


def test_a_task_is_late_once_and_takes_no_answers_when_it_is_over() -> None:
    task = FormTask.of(given_form(), s.GRID)
    assert task.due_at() == task.due
    task.become_late(task.due)
    task.become_late(task.due)
    assert [type(event).__name__ for event in task.pending] == ["TaskGiven", "TaskLate"]
    task.finish(s.WORKER)
    assert task.due_at() is None
    with pytest.raises(TaskOver):
        task.require_open()
    task.withdraw()
    assert task.state == "DONE"


def test_a_form_is_due_in_the_future_and_a_draft_is_given_to_nobody() -> None:
    with pytest.raises(Invalid):
        GivenForm.give(s.STREET_STAFF, "F1", published(), s.COMMUNITY, s.NOW, s.NOW)
    with pytest.raises(WrongFormState):
        GivenForm.give(s.STREET_STAFF, "F1", template(), s.COMMUNITY, s.NOW + timedelta(days=1), s.NOW)
