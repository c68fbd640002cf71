"""Reopening of closed cases."""

from __future__ import annotations

import pytest

from services.cases.api.states import State
from services.cases.case import events
from services.cases.case.model.handling import PartyNotContacted, Resolution
from services.cases.case.model.refusals import TooLate
from services.cases.case.model.reopening import ReopenedBefore
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story, events_of
from vocabulary.access import WrongRole


@pytest.mark.domain("The case: reopening")
def test_a_party_reopens_once_within_fifteen_days() -> None:
    story = Story().closed()
    with pytest.raises(TooLate):
        story.case.reopen(p.RESIDENT, "came_back", LIMITS, story.now + 15 * p.DAY + p.MINUTE)
    with pytest.raises(WrongRole):
        story.case.reopen(p.STREET_STAFF, "came_back", LIMITS, story.now)
    story.case.reopen(p.RESIDENT, "came_back", LIMITS, story.now + 15 * p.DAY)
    story.now += 15 * p.DAY
    story.dispatched().accepted().in_progress().awaiting_rating()
    story.case.rate(p.RESIDENT, p.SOLVED, LIMITS, story.now)
    with pytest.raises(ReopenedBefore):
        story.case.reopen(p.RESIDENT, "came_back", LIMITS, story.now)


@pytest.mark.domain("The case: reopening")
def test_a_reopened_case_needs_a_new_contact() -> None:
    story = Story().reopened().dispatched().accepted()
    assert story.case.contact_due == story.now + p.DAY
    story.in_progress()
    with pytest.raises(PartyNotContacted):
        story.case.resolve(p.URBAN, p.DONE, LIMITS, story.now)
    story.case.contact(p.URBAN, "note", story.now)
    story.case.resolve(p.URBAN, p.DONE, LIMITS, story.now)


@pytest.mark.domain("The case: Outcome")
def test_a_planned_case_reopens_by_itself_on_its_date_with_its_full_limit() -> None:
    story = Story()
    date = story.now + 60 * p.DAY
    story.closed(Resolution(outcome="planned", note="next spring", planned_for=date))
    story.after(60 * p.DAY - p.MINUTE)
    assert story.case.state == State.CLOSED
    story.after(p.MINUTE)
    assert (story.case.state, story.case.due) == (State.REOPENED, date + 7 * p.DAY)
    assert events_of(story.case, events.Reopened)[0].why == "planned"
