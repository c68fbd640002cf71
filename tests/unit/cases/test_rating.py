"""Ratings by the parties of a case."""

from __future__ import annotations

import pytest

from chassis.errors import Invalid
from services.cases.api.states import State
from services.cases.case import events
from services.cases.case.model.inputs import PartyIs
from services.cases.case.model.rating import Answer, AnsweredBefore, CalledBackBefore
from services.cases.case.model.refusals import NothingShown
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story, events_of
from vocabulary.access import WrongRole

RATING = "The case: Rating"


@pytest.mark.domain(RATING)
def test_a_case_without_answers_closes_after_seven_days_as_not_rated() -> None:
    story = Story().awaiting_rating().after(7 * p.DAY - p.MINUTE)
    assert story.case.state == State.AWAITING_RATING
    story.after(p.MINUTE)
    closed = events_of(story.case, events.Closed)[0]
    assert (story.case.state, closed.rated, closed.satisfied) == (State.CLOSED, False, None)


@pytest.mark.domain(RATING)
def test_not_solved_reopens_and_does_not_use_up_the_partys_reopening() -> None:
    story = Story().awaiting_rating()
    story.case.rate(p.RESIDENT, p.UNSOLVED, LIMITS, story.now)
    assert (story.case.state, story.case.reopened_by_party) == (State.REOPENED, False)
    story.dispatched().accepted().in_progress().inspecting()
    story.case.inspect(p.STREET_STAFF, True, "visit", "note", LIMITS, story.now)
    story.case.rate(p.RESIDENT, p.SOLVED, LIMITS, story.now)
    story.case.reopen(p.RESIDENT, "came_back", LIMITS, story.now)
    assert story.case.state == State.REOPENED


@pytest.mark.domain("满意度评价→考核→问责")
@pytest.mark.parametrize("satisfied", [1, 2])
def test_a_low_rating_closes_the_case_and_its_event_carries_it_to_the_review(satisfied: int) -> None:
    story = Story().awaiting_rating()
    story.case.rate(p.RESIDENT, Answer(solved=True, satisfied=satisfied), LIMITS, story.now)
    rated = events_of(story.case, events.Rated)[0]
    assert (story.case.state, rated.unit, rated.satisfied) == (State.CLOSED, "urban-management", satisfied)


@pytest.mark.domain(RATING)
def test_a_party_answers_once_with_at_least_one_answer_of_one_to_five() -> None:
    story = Story().awaiting_rating()
    with pytest.raises(NothingShown):
        story.case.rate(p.RESIDENT, Answer(), LIMITS, story.now)
    with pytest.raises(Invalid):
        story.case.rate(p.RESIDENT, Answer(satisfied=6), LIMITS, story.now)
    with pytest.raises(WrongRole):
        story.case.rate(p.STREET_STAFF, p.SOLVED, LIMITS, story.now)


@pytest.mark.domain(RATING)
def test_rating_ends_when_all_parties_have_answered() -> None:
    story = Story()
    story.registered(party=PartyIs(person="r-2")).inspecting()
    story.case.inspect(p.STREET_STAFF, True, "visit", "note", LIMITS, story.now)
    story.case.rate(p.RESIDENT, p.SOLVED, LIMITS, story.now)
    assert story.case.state == State.AWAITING_RATING
    with pytest.raises(AnsweredBefore):
        story.case.rate(p.RESIDENT, p.SOLVED, LIMITS, story.now)
    story.case.rate(p.NEIGHBOUR, p.SOLVED, LIMITS, story.now)
    assert story.case.state == State.CLOSED


@pytest.mark.domain(RATING)
def test_the_hotline_calls_each_party_back_once() -> None:
    story = Story().awaiting_rating()
    story.case.call_back(p.HOTLINE, "r-1", False, None, LIMITS, story.now)
    with pytest.raises(CalledBackBefore):
        story.case.call_back(p.HOTLINE, "r-1", True, p.SOLVED, LIMITS, story.now)
    other = Story().awaiting_rating()
    other.case.call_back(p.HOTLINE, "r-1", True, p.SOLVED, LIMITS, other.now)
    assert other.case.state == State.CLOSED
