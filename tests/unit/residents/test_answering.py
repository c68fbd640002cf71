"""Answers of one table: what is known is asked no more, what is sensitive is not told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.envelope import NOBODY
from chassis.errors import Invalid
from services.residents.api.dictionary import Choice
from services.residents.api.forms import OnlyIf, Question
from services.residents.dictionary.values import holds_until, of_text
from tests.unit.residents import samples as s
from tests.unit.residents.one_table import (
    ADMIN,
    CHOICES,
    FIELDS,
    RENT_IF_RENTED,
    Desk,
    definition,
    field,
    number,
    published,
    sensitive,
)

pytestmark = pytest.mark.domain("一表通")


def refused(desk: Desk, **given_: Any) -> list[str]:
    """The fields that are at fault; nothing is written."""
    before = [(held.field, held.text) for held in desk.values.held]
    with pytest.raises(Invalid) as refusal:
        desk.confirm(**given_)
    assert [(held.field, held.text) for held in desk.values.held] == before
    return [fault[0].removeprefix("values.") for fault in refusal.value.faults]


def test_what_is_known_is_asked_no_more_and_confirmed_when_left_out() -> None:
    desk = Desk()
    assert desk.answer(housing="own", rooms=3) == (["housing", "rooms"], [])
    assert desk.answer(rooms=4) == (["rooms"], ["housing"])
    assert desk.answer(rooms=4) == ([], ["housing", "rooms"])
    assert [of_text(value.text) for value in desk.values.earlier] == [3]


def test_a_value_that_holds_no_more_is_asked_again_and_one_that_is_confirmed_holds_longer() -> None:
    desk = Desk()
    desk.answer(housing="own", checked="2026-03-01")
    assert desk.values.of("checked").holds_until == holds_until(FIELDS["checked"], s.NOW)
    desk.now += timedelta(days=300)
    desk.answer()
    desk.now += timedelta(days=300)
    assert desk.known() == {"housing": "own", "checked": "2026-03-01"}
    desk.now += timedelta(days=100)
    assert desk.known() == {"housing": "own"}


def test_a_question_is_asked_only_where_its_condition_holds() -> None:
    desk = Desk()
    assert refused(desk, housing="rented") == ["rent"]
    assert refused(desk, housing="own", rent=900) == ["rent"]
    assert desk.answer(housing="rented", rent=900.5) == (["housing", "rent"], [])


def test_every_question_is_shown_so_that_one_whose_condition_comes_true_can_be_asked() -> None:
    assert [question.field for question in Desk().answering().questions] == ["housing", "rooms", "rent", "checked"]


def test_a_value_that_is_taken_back_is_known_no_more() -> None:
    desk = Desk()
    desk.answer(housing="own", rooms=3)
    assert desk.answer(rooms=None) == (["rooms"], ["housing"])
    assert desk.known() == {"housing": "own"}
    assert desk.answer(rooms=None, checked=None) == ([], ["housing"])
    assert refused(desk, housing=None) == ["housing"]


def test_a_sensitive_value_is_sealed_and_not_shown() -> None:
    desk = Desk()
    desk.answer(housing="rented", rent=900.5)
    assert desk.values.of("rent").text == "sealed as rent:900.5"
    assert desk.known() == {"housing": "rented", "rent": None}


def test_a_sensitive_value_is_confirmed_only_by_who_gives_it() -> None:
    fields = FIELDS | {"rent": number("rent", sensitivity="sensitive", holds_months=12)}
    desk = Desk(Question(field="rent", required=True), fields=fields)
    desk.answer(rent=900)
    desk.now += timedelta(days=300)
    unseen = desk.confirm()
    assert (unseen.changed, unseen.stays, unseen.asked, unseen.known) == ({}, {}, 1, 1)
    assert desk.values.of("rent").confirmed_at == s.NOW
    desk.now += timedelta(days=60)
    assert desk.answer(rent=900) == ([], ["rent"])
    desk.now += timedelta(days=300)
    assert desk.known() == {"rent": None}
    desk.now += timedelta(days=100)
    assert refused(desk) == ["rent"]


def test_no_question_tells_what_a_sealed_value_is() -> None:
    fields = {"illness": sensitive("illness", choices=CHOICES), "since": number("since", "date")}
    depends = Question(field="since", required=True, only_if=OnlyIf(field="illness", among=("own",)))
    answers = ({"illness": "own", "since": "2026-01-01"}, {"illness": "rented"})
    told = []
    for first in answers:
        desk = Desk(Question(field="illness"), depends, fields=fields)
        desk.answer(**first)
        told.append((refused(desk, since="2026-01-02"), desk.confirm().asked))
    assert told == [(["since"], 1)] * 2


def test_a_retired_field_is_asked_no_more_though_the_form_requires_it() -> None:
    desk = Desk()
    desk.fields["housing"] = field()
    desk.fields["housing"].retire(ADMIN)
    assert refused(desk, housing="own") == ["housing"]
    assert desk.answer(rooms=2) == (["rooms"], [])


def test_a_known_value_with_a_retired_word_may_be_given_back() -> None:
    desk = Desk()
    desk.answer(housing="own")
    desk.fields["housing"] = field()
    retired = (Choice(code="own", zh="自有", en="Owned", retired=True), CHOICES[1])
    desk.fields["housing"].revise(ADMIN, definition(choices=retired))
    assert desk.answer(housing="own") == ([], ["housing"])
    desk.answer(housing="rented", rent=1)
    assert refused(desk, housing="own") == ["housing"]


def test_a_known_value_beyond_the_limits_of_this_form_is_asked_again() -> None:
    desk = Desk()
    desk.answer(housing="own", rooms=20)
    desk.form = published("T2", Question(field="rooms", required=True, most=9))
    assert desk.known() == {}
    assert refused(desk) == ["rooms"]
    assert desk.answer(rooms=9) == (["rooms"], [])


@pytest.mark.parametrize("wrong", [{"rooms": 0}, {"rooms": 21}, {"rooms": "three"}, {"unknown": 1}, {"remark": "x"}])
def test_a_wrong_answer_is_named_and_nothing_is_written(wrong: dict) -> None:
    desk = Desk()
    assert refused(desk, housing="own", **wrong) == list(wrong)
    assert desk.values.pending == []


def test_what_was_known_of_a_merged_record_is_known_and_becomes_its_own_once_confirmed() -> None:
    other, desk = Desk(), Desk()
    other.answer(housing="rented", rooms=2, rent=700)
    desk.now += timedelta(days=1)
    desk.answer(housing="own")
    desk.merged = list(other.values.held)
    assert desk.known() == {"housing": "own", "rooms": 2, "rent": None}
    desk.answer()
    assert {held.field for held in desk.values.held} == {"housing", "rooms"}
    assert (desk.values.of("rooms").given_at, other.values.of("rooms").confirmed_at) == (s.NOW, s.NOW)
    desk.answer(rooms=None)
    assert desk.known() == {"housing": "own", "rent": None}


def test_what_was_replaced_is_kept_so_many_times() -> None:
    desk = Desk(Question(field="rooms"))
    for rooms in range(1, 101):
        desk.now += timedelta(days=1)
        desk.answer(rooms=rooms)
    assert [of_text(held.text) for held in desk.values.earlier] == list(range(50, 100))


@pytest.mark.domain("Privacy: events carry ids")
def test_an_event_of_an_answer_tells_neither_values_nor_which_fields_have_one() -> None:
    desk = Desk()
    desk.answer(housing="rented", rent=900.5)
    [told] = desk.values.pending
    assert not [word for word in ("900", "rented", "rent", "housing") if word in repr(told)]
    assert desk.values.visible_to == NOBODY


def test_only_the_first_answer_of_a_task_is_said_to_be_the_first() -> None:
    desk = Desk()
    for task_ in ("K1", "K1", "K2", "K1"):
        desk.confirm(task_, housing="own")
    told = [(each.task, each.first, each.asked, each.known) for each in desk.values.pending]
    assert told == [("K1", True, 3, 0), ("K1", False, 3, 1), ("K2", True, 3, 1), ("K1", False, 3, 1)]


ROOMS = st.one_of(st.none(), st.integers(1, 20))
HOUSING = st.sampled_from(["own", "rented"])


@given(st.lists(st.fixed_dictionaries({"housing": HOUSING}, optional={"rooms": ROOMS, "rent": st.integers(1, 9)})))
def test_what_is_known_is_what_was_given_last(answers: list[dict[str, Any]]) -> None:
    desk = Desk(Question(field="housing", required=True), Question(field="rooms"), RENT_IF_RENTED)
    model: dict[str, Any] = {}
    for answer in answers:
        wanted = {**model, **answer}
        lacks = wanted["housing"] == "rented" and "rent" not in wanted
        if lacks or (wanted["housing"] == "own" and "rent" in answer):
            assert refused(desk, **answer) == ["rent"]
            continue
        confirmed = desk.confirm(**answer)
        model = {name: value for name, value in wanted.items() if value is not None}
        assert confirmed.known <= confirmed.asked
        assert confirmed.changed.keys().isdisjoint(confirmed.stays)
        desk.now += timedelta(days=1)
    assert desk.known() == model | ({"rent": None} if "rent" in model else {})
