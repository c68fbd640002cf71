"""Rules of submissions: what is read of XML, what an empty answer means, and what contradicts what is held."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from services.residents.submissions.answers import answers_of, contradictions, shown_on_phone
from services.residents.submissions.model import (
    APPLIED,
    CONTESTED,
    DROPPED,
    HELD,
    RECEIVED,
    InstanceChanged,
    NothingContested,
)
from services.residents.submissions.reading import read, value_of
from services.residents.tasks.versions import changed_since, version_of
from services.residents.values.model import SubjectValues
from tests.unit.residents import one_table as o
from tests.unit.residents import samples as s
from vocabulary.access import NotYourArea

pytestmark = pytest.mark.domain("一表通")
GOOD = (
    '<data id="T1" version="1-a"><Subject>D1</Subject><Section0><housing>own</housing><rooms/></Section0>'
    '<meta><entity dataset="subjects_T1" id="D1" update="1" baseVersion="3" trunkVersion="" branchId=""/>'
    "<instanceID>uuid:1</instanceID></meta></data>"
)


def test_a_submission_says_its_task_subject_version_and_texts() -> None:
    found = read(GOOD)
    assert (found.task, found.subject, found.instance, found.base) == ("T1", "D1", "uuid:1", 3)
    assert found.texts == {"housing": "own", "rooms": ""}
    assert (found.trunk, found.branch) == (None, "")
    assert found.digest != read(GOOD.replace("own", "rented")).digest


def test_names_with_a_namespace_are_the_same_names() -> None:
    spaced = GOOD.replace("<data ", '<data xmlns="http://x" ').replace("<meta>", '<m:meta xmlns:m="http://o">')
    assert read(spaced.replace("</meta>", "</m:meta>")).base == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('id="T1"', 'id="../T1"'), ('id="D1"', 'id="D2"'), ("subjects_T1", "subjects_T2"), ('update="1"', 'create="1"'),
        ('baseVersion="3"', 'baseVersion=""'), ('baseVersion="3"', 'baseVersion="٣"'),
        ('trunkVersion=""', 'trunkVersion="2"'),
        ('branchId=""', 'branchId="b"'), ('trunkVersion="" branchId=""', 'trunkVersion="4" branchId="b"'),
        ("<instanceID>uuid:1</instanceID>", ""), ("<rooms/>", "<rooms/><rooms/>"), ("<rooms/>", "<rooms><x/></rooms>"),
        ("<data", '<!DOCTYPE d SYSTEM "file:///etc/passwd"><data'), ("</data>", ""),
        ("<data", '<!DOCTYPE d [<!ENTITY a "b">]><data'),
    ],
)  # fmt: skip
def test_what_is_no_submission_of_a_form_from_here_is_refused(old: str, new: str) -> None:
    assert old in GOOD
    with pytest.raises(Invalid):
        read(GOOD.replace(old, new))


@given(st.one_of(st.text(), st.text(alphabet="<>/&;'\"!D[]aE =").map(lambda noise: GOOD.replace("own", noise))))
def test_nothing_else_is_ever_raised(text: str) -> None:
    try:
        read(text)
    except Invalid:
        return


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("whole", "007", 7), ("whole", "-3", -3), ("whole", "3.0", "3.0"), ("whole", "9" * 5000, "9" * 5000),
        ("whole", "٣", "٣"), ("decimal", "2.50", 2.5), ("decimal", "NaN", "NaN"), ("decimal", "1e400", "1e400"),
        ("decimal", "x", "x"), ("date", "2026-03-01", "2026-03-01"), ("decimal", "٣", "٣"), ("decimal", "1_0", "1_0"),
        ("choices", "a b", ["a", "b"]), ("text", " a", " a"),
    ],
)  # fmt: skip
def test_a_text_is_a_value_of_its_field_or_stays_what_it_is(kind: str, text: str, value: Any) -> None:
    made = o.field(kind=kind) if kind == "choices" else o.number(kind=kind)
    assert value_of(made, text) == value


def test_empty_takes_back_what_the_phone_showed_and_keeps_what_it_did_not() -> None:
    desk = o.Desk()
    desk.answer(housing="rented", rooms=3, rent=1200)
    answering = desk.answering()
    assert (shown_on_phone(answering, "rooms"), shown_on_phone(answering, "rent")) == (3, None)
    empty = {"housing": "rented", "rooms": "", "rent": "", "checked": ""}
    assert answers_of(answering, empty) == {"housing": "rented", "rooms": None}
    not_asked = {"housing": "own", "rent": "", "rooms": "3"}
    assert answers_of(answering, not_asked) == {"housing": "own", "rooms": 3}


def test_a_choice_that_is_not_offered_any_more_is_not_sent_and_not_taken_back() -> None:
    desk = o.Desk()
    desk.answer(housing="own")
    desk.fields["housing"] = o.field(choices=o.CHOICES[1:])
    assert shown_on_phone(desk.answering(), "housing") is None
    assert answers_of(desk.answering(), {"housing": ""}) == {}


def test_only_what_became_another_value_since_contradicts() -> None:
    desk = o.Desk()
    desk.answer(housing="own", rooms=3)
    base = version_of(desk.values, [])
    desk.answer(housing="own", rooms=4)
    changed = changed_since(base, ("housing", "rooms"), desk.values, [])
    assert changed == {"rooms"}
    answering = desk.answering()
    assert contradictions(answering, {"housing": "rented", "rooms": 4}, changed) == []
    assert contradictions(answering, {"housing": "rented", "rooms": 5}, changed) == ["rooms"]
    assert contradictions(answering, {"rooms": None}, changed) == ["rooms"]
    assert changed_since(base + 1, ("housing", "rooms"), desk.values, []) == set()


def test_what_cannot_be_compared_may_have_changed_as_a_whole() -> None:
    desk, merged = o.Desk(), SubjectValues.blank(s.TENANT, "dwelling", "D2")
    desk.answer(housing="own")
    assert version_of(desk.values, [merged]) == version_of(desk.values, [])
    merged.revision = 3
    assert version_of(desk.values, [merged]) == 5
    assert changed_since(2, ("housing", "rooms"), desk.values, [merged]) == {"housing", "rooms"}
    assert changed_since(9, ("housing",), desk.values, []) == {"housing"}


def test_it_is_decided_once_in_its_area_and_found_by_its_place_in_the_branch_after_that() -> None:
    sent = o.submission(base=3, trunk=2, branch="b")
    assert sent.follows
    with pytest.raises(InstanceChanged):
        sent.require_same("another")
    with pytest.raises(NothingContested):
        sent.drop(s.WORKER, 4)
    sent.hold()
    assert (sent.state, sent.due_at() is not None) == (HELD, True)
    sent.release()
    sent.contest(["rooms"], "")
    assert (sent.state, sent.due_at()) == (CONTESTED, None)
    with pytest.raises(NotYourArea):
        sent.decide(s.NEIGHBOUR, "{}", 5)
    sent.decide(s.WORKER, "{}", 5)
    assert (sent.state, sent.follows, sent.base) == (RECEIVED, False, 3)
    sent.apply(6)
    assert (sent.state, sent.applied, sent.values) == (APPLIED, 6, "")
    sent.contest(["rooms"], "")
    assert sent.state == APPLIED


def test_one_that_is_dropped_lets_the_next_one_go_on_from_what_is_held() -> None:
    sent = o.submission()
    sent.contest([], "task.over")
    sent.drop(s.WORKER, 7)
    assert (sent.state, sent.applied, sent.values) == (DROPPED, 7, "")
