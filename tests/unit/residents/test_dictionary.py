"""The dictionary of fields: what a value may be, and what of a field stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from chassis.moments import months_from
from services.residents.api.dictionary import Choice
from services.residents.dictionary.model import FieldRetired
from services.residents.dictionary.values import as_text, fault_of, of_text
from tests.unit.residents.one_table import ADMIN, CHOICES, FIELDS, definition, field, number

pytestmark = pytest.mark.domain("一表通")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("whole", [0, -5, 10**14], [1.5, "3", True, None, 10**16]),
        ("decimal", [1, 2.5, -0.1], ["2.5", False, None, 10**16, 1e300]),
        ("date", ["2026-02-28", "1900-01-01"], ["2026-02-30", "2026-2-1", 20260101, "0001-01-01", None]),
        ("text", ["好"], ["", " ", "a\x00b", "x" * 501, 5, None, True]),
    ],
)
def test_a_value_has_the_type_of_its_field(kind: str, good: list[Any], bad: list[Any]) -> None:
    one = number("one", kind)
    assert [fault_of(one, value) for value in good] == [None] * len(good)
    assert all(fault_of(one, value) for value in bad)


@given(st.one_of(st.text(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.lists(st.text())))
def test_the_text_of_a_value_is_read_as_the_same_value(value: Any) -> None:
    assert of_text(as_text(value)) == (sorted(value) if isinstance(value, list) else value)


def test_equal_values_have_one_text_and_others_another() -> None:
    assert as_text(2) == as_text(2.0) != as_text(2.5)
    assert as_text(["rented", "own"]) == as_text(["own", "rented"])
    assert len({as_text(1), as_text(True), as_text("1"), as_text(["1"])}) == 4


def test_a_choice_is_one_that_the_list_offers() -> None:
    several = field("several", kind="choices")
    assert fault_of(FIELDS["housing"], "own") is fault_of(several, ["rented", "own"]) is None
    assert all(fault_of(FIELDS["housing"], wrong) for wrong in ("lent", ["own"], 1, True))
    assert all(fault_of(several, wrong) for wrong in ([], ["own", "own"], ["lent"], "own"))


def test_a_retired_word_is_kept_and_not_offered() -> None:
    one = field()
    one.revise(ADMIN, definition(choices=(CHOICES[0], Choice(code="rented", zh="租住", en="Rented", retired=True))))
    assert fault_of(one, "rented")
    with pytest.raises(Invalid) as refusal:
        one.revise(ADMIN, definition(choices=CHOICES[:1]))
    assert refusal.value.faults[0][0] == "choices"


@pytest.mark.parametrize(
    "changes", [{"about": "resident"}, {"kind": "decimal"}, {"measure": "m²"}, {"sensitivity": "sensitive"}]
)
def test_what_values_are_stored_by_stays(changes: dict) -> None:
    facts = {"kind": "whole", "choices": ()}
    one = field(**facts)
    with pytest.raises(Invalid) as refusal:
        one.revise(ADMIN, definition(**facts | changes))
    assert [fault[0] for fault in refusal.value.faults] == list(changes)
    one.revise(ADMIN, definition(**facts, zh="间数", holds_months=12))


@pytest.mark.parametrize(
    "changes", [{"choices": ()}, {"choices": (*CHOICES, CHOICES[0])}, {"measure": "m²"}, {"kind": "text"}]
)
def test_a_field_that_contradicts_itself_is_refused(changes: dict) -> None:
    with pytest.raises(Invalid):
        field(**changes)


def test_a_retired_field_changes_no_more() -> None:
    one = field()
    one.retire(ADMIN)
    for change in (lambda: one.retire(ADMIN), lambda: one.revise(ADMIN, definition())):
        with pytest.raises(FieldRetired):
            change()


@given(st.datetimes(), st.integers(0, 600))
def test_months_later_is_the_same_day_or_the_last_of_its_month(moment: Any, months: int) -> None:
    if moment.year > 9900:
        return
    later = months_from(moment, months)
    assert (later.year * 12 + later.month) - (moment.year * 12 + moment.month) == months
    assert later.day == moment.day or (later + timedelta(days=1)).day == 1
