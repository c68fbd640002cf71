"""The lists of a case are bounded, and it can always reach an end state."""

from __future__ import annotations

import pytest

from services.cases.api.states import State
from services.cases.case import events
from services.cases.case.model import embedded
from services.cases.case.model.base import MOST_ENTRIES, MOST_NOTED, MOST_PHOTOS, MOST_STEPS, MOST_STEPS_BESIDE, Full
from services.cases.case.model.inputs import PartyIs, ReportAgain
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story, events_of


def with_steps(story: Story, number: int) -> Story:
    step = {"at": story.now, "act": "note_progress", "by": "d-1"}
    story.case.history = [*story.case.history, *[step] * (number - len(story.case.history))]
    return story


def test_steps_beside_the_state_end_early_to_leave_room_for_transitions() -> None:
    story = with_steps(Story().in_progress(), MOST_STEPS_BESIDE - 1)
    story.case.note_progress(p.URBAN, "sealed:note", story.now)
    for act in (
        lambda: story.case.note_progress(p.URBAN, "sealed:note", story.now),
        lambda: story.case.urge(p.RESIDENT, LIMITS, story.now),
        lambda: story.case.assign_sub_task(p.URBAN, p.HOUSING_UNIT, "sealed:title", None, story.now),
        lambda: story.case.supervise(p.CENTRE, "slow", story.now),
    ):
        with pytest.raises(Full):
            act()
    story.case.take_child(p.child(), LIMITS, story.now)
    assert events_of(story.case, events.ChildRefused)
    assert with_steps(Story().in_progress(), MOST_STEPS_BESIDE).rework().case.state == State.REWORK


def test_notes_are_limited_before_the_document_is_too_large_to_store() -> None:
    story = Story().in_progress()
    for _ in range(MOST_NOTED // 2_000):
        story.case.note_progress(p.URBAN, "x" * 2_000, story.now)
    with pytest.raises(Full):
        story.case.note_progress(p.URBAN, "x", story.now)
    assert story.closed().case.state == State.CLOSED


def test_photos_of_repeated_reports_are_taken_up_to_the_limit() -> None:
    story = Story()
    story.case.photos = [f"photo-{number}" for number in range(MOST_PHOTOS - 1)]
    story.case.report_again(p.RESIDENT, ReportAgain(photos=("photo-a", "photo-b")), LIMITS, story.now)
    assert len(story.case.photos) == MOST_PHOTOS
    assert events_of(story.case, events.Supplemented)[0].photos == ["photo-a"]


def test_a_case_beyond_the_photo_limit_takes_none_and_loses_none() -> None:
    story = Story()
    story.case.photos = [f"photo-{number}" for number in range(MOST_PHOTOS + 5)]
    story.case.report_again(p.RESIDENT, ReportAgain(photos=tuple("abcdefgh")), LIMITS, story.now)
    assert len(story.case.photos) == MOST_PHOTOS + 5


def test_a_repeated_report_is_kept_even_if_the_urges_are_full() -> None:
    story = Story().in_progress()
    story.case.urges = [
        embedded.Urge(number=number, person="r-9", at=story.now) for number in range(1, MOST_ENTRIES + 1)
    ]
    again = ReportAgain(words="sealed:again", photos=("photo-a",))
    assert story.case.report_again(p.RESIDENT, again, LIMITS, story.now) is None
    assert (story.case.history[-1]["note"], story.case.photos[-1]) == ("sealed:again", "photo-a")


def test_a_full_case_can_reach_its_end_and_its_timers_fire() -> None:
    story = Story().in_progress()
    number = story.case.assign_sub_task(p.URBAN, p.HOUSING_UNIT, "sealed:title", None, story.now)
    with_steps(story, MOST_STEPS).after(30 * p.DAY)
    assert story.case.mark == "red"
    story.case.accept_sub_task(p.HOUSING, number, p.HOUSING_HANDLER, story.now)
    story.case.finish_sub_task(p.HOUSING, number, "sealed:note", story.now)
    story.inspecting()
    with pytest.raises(Full):
        story.case.inspect(p.STREET_STAFF, False, "visit", "sealed:note", LIMITS, story.now)
    story.case.inspect(p.STREET_STAFF, True, "visit", "sealed:note", LIMITS, story.now)
    story.case.rate(p.RESIDENT, p.SOLVED, LIMITS, story.now)
    assert story.case.state == State.CLOSED


@pytest.mark.parametrize("state", [State.REPORTED, State.REGISTERED, State.WHISTLED, State.SUSPENDED, State.RETURNED])
def test_a_full_case_can_be_withdrawn_or_voided_in_any_state(state: State) -> None:
    for end in ("withdraw", "void"):
        story = Story(party=PartyIs(person="r-1"))
        story.to(state)
        with_steps(story, MOST_STEPS)
        by = p.RESIDENT if end == "withdraw" else p.CENTRE
        getattr(story.case, end)(by, "gone", LIMITS, story.now)
        assert story.case.closed_at == story.now


def test_a_passed_mark_opens_supervision_even_if_the_list_is_full() -> None:
    story = Story().in_progress()
    for _ in range(MOST_ENTRIES):
        number = story.case.supervise(p.CITY_CENTRE, "slow", story.now)
        story.case.close_supervision(p.CITY_CENTRE, number, story.now)
    story.after(30 * p.DAY)
    assert story.case.mark == "red"
