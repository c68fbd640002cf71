"""Tasks of a form: one for each grid, counted, late, moved and withdrawn."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.errors import Invalid
from services.residents.forms.model import WrongFormState
from services.residents.tasks.model import FormTask, GivenForm, TaskOver
from tests.unit.residents import samples as s
from tests.unit.residents.one_table import given_form, published, task, template

pytestmark = pytest.mark.domain("一表通")


def test_a_task_counts_answers_and_the_minutes_that_asking_once_has_saved() -> None:
    one = task()
    for asked, known in ((4, 0), (4, 2), (4, 4), (0, 0)):
        one.note_answer(asked, known)
    assert (one.answered, one.asked, one.known, one.whole, one.minutes_saved) == (4, 12, 6, 1, 15)


def test_a_grid_gets_one_task_of_a_given_form() -> None:
    given = given_form()
    assert FormTask.of(given, s.GRID).key == FormTask.of(given, s.GRID).key != FormTask.of(given, s.OTHER_GRID).key


def test_a_task_is_late_once_and_takes_no_answers_when_it_is_over() -> None:
    one = task()
    assert one.due_at() == one.due
    one.become_late(one.due - timedelta(seconds=1))
    assert not one.late
    one.become_late(one.due)
    one.become_late(one.due)
    assert [type(event).__name__ for event in one.pending] == ["TaskGiven", "TaskLate"]
    one.finish(s.WORKER)
    assert one.due_at() is None
    with pytest.raises(TaskOver):
        one.require_open()
    one.withdraw()
    assert one.state == "DONE"


def test_a_task_moves_with_its_grid_and_tells_so_once() -> None:
    one = task()
    for _ in range(2):
        one.follow(s.OTHER_GRID)
    assert (one.area, one.codes[-1]) == (s.OTHER_GRID, "150302003014002")
    assert [type(event).__name__ for event in one.pending] == ["TaskGiven", "TaskMoved"]


def test_a_form_is_due_in_the_future_and_a_draft_is_given_to_nobody() -> None:
    with pytest.raises(Invalid):
        GivenForm.give(s.STREET_STAFF, "F1", published(), s.COMMUNITY, s.NOW, s.NOW)
    with pytest.raises(WrongFormState):
        GivenForm.give(s.STREET_STAFF, "F1", template(), s.COMMUNITY, s.NOW + timedelta(days=1), s.NOW)
