"""Forms: what they may ask, how one edition takes the place of another, and what two of them both ask."""

from __future__ import annotations

import pytest

from chassis.errors import Invalid
from services.residents.api.forms import OnlyIf, Question
from services.residents.forms.model import FormerReplaced, FormTemplate, WrongFormState, overlap
from tests.unit.residents import samples as s
from tests.unit.residents.one_table import ADMIN, FIELDS, field, new_template, number, published, template

pytestmark = pytest.mark.domain("一表通")


def if_housing(*among: str) -> OnlyIf:
    return OnlyIf(field="housing", among=among)


@pytest.mark.parametrize(
    ("questions", "at"),
    [
        ((Question(field="unknown"),), "questions.0.field"),
        ((Question(field="housing"), Question(field="housing")), "questions.1.field"),
        ((Question(field="housing", least=1),), "questions.0.least"),
        ((Question(field="rooms", least=5, most=1),), "questions.0.most"),
        ((Question(field="rent", only_if=if_housing("own")),), "questions.0.only_if.field"),
        ((Question(field="housing"), Question(field="rent", only_if=if_housing("lent"))), "questions.1.only_if.among"),
        (
            (Question(field="rooms"), Question(field="rent", only_if=OnlyIf(field="rooms", among=("2",)))),
            "questions.1.only_if.among",
        ),
    ],
)
def test_a_form_asks_fields_in_use_once_and_conditions_look_back_at_choices(questions: tuple, at: str) -> None:
    with pytest.raises(Invalid) as refusal:
        template("T1", *questions)
    assert [fault[0] for fault in refusal.value.faults] == [at]


def test_a_form_about_something_else_is_refused() -> None:
    with pytest.raises(Invalid):
        FormTemplate.draft(s.STREET_STAFF, "T1", new_template(about="resident"), FIELDS, s.NOW)


def test_a_draft_is_not_published_once_a_field_of_it_has_retired() -> None:
    draft, retired = template(), field()
    retired.retire(ADMIN)
    with pytest.raises(Invalid) as refusal:
        draft.publish(s.STREET_STAFF, FIELDS | {"housing": retired}, None)
    assert [fault[0] for fault in refusal.value.faults] == ["questions.0.field"]
    assert draft.state == "DRAFT"


def test_a_published_form_stays_and_its_next_edition_takes_its_place() -> None:
    first = published()
    with pytest.raises(WrongFormState):
        first.redraft(s.STREET_STAFF, new_template(), FIELDS)
    second, other = (
        FormTemplate.draft(s.STREET_STAFF, key, new_template(title="新版"), FIELDS, s.NOW, first)
        for key in ("T2", "T3")
    )
    second.publish(s.STREET_STAFF, FIELDS, first)
    first.give_way()
    assert (second.edition, second.pending[-1].replaces, first.state) == (2, "T1", "RETIRED")
    with pytest.raises(WrongFormState):
        FormTemplate.draft(s.STREET_STAFF, "T4", new_template(), FIELDS, s.NOW, first)
    with pytest.raises(FormerReplaced):
        other.publish(s.STREET_STAFF, FIELDS, first)


def test_an_edition_is_about_what_the_form_is_about() -> None:
    first, ages = published(), {"age": number("age", about="resident")}
    form = new_template(Question(field="age"), about="resident")
    with pytest.raises(Invalid):
        FormTemplate.draft(s.STREET_STAFF, "T2", form, ages, s.NOW, first)
    second = FormTemplate.draft(s.STREET_STAFF, "T2", new_template(), FIELDS, s.NOW, first)
    with pytest.raises(Invalid):
        second.redraft(s.STREET_STAFF, form, ages)
    template().redraft(s.STREET_STAFF, form, ages)


def test_what_two_forms_both_ask_is_found() -> None:
    other = template("T2", Question(field="rooms"), Question(field="remark"))
    assert overlap(template(), other) == ["rooms"]
