"""What a page says that a party may do is what the steps then do, in every state and for everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from chassis.errors import Problem
from chassis.security.principal import Principal
from services.cases.api.states import State
from services.cases.case.model.case import Case
from services.cases.case.possible_steps import BY_CODE, Asked, possible
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story

PEOPLE = [p.RESIDENT, p.NEIGHBOUR, p.COURIER, p.WORKER, p.COMMUNITY_STAFF, p.STREET_STAFF, p.URBAN, p.SUPERVISOR]
STATES = [state for state in State if state not in (State.RESOLVED,)]
LATER = [timedelta(0), p.HOUR, 8 * p.DAY, 20 * p.DAY]


def steps(story: Story, by: Principal) -> dict[str, Callable[[Case], object]]:
    parent = State.REGISTERED if story.case.merged_into else None
    return {
        "rate": lambda case: case.rate(by, p.SOLVED, LIMITS, story.now),
        "urge": lambda case: case.urge(by, LIMITS, story.now, "", parent),
        "object": lambda case: case.object(by, LIMITS, story.now),
        "withdraw": lambda case: case.withdraw(by, "gone", LIMITS, story.now, parent=parent),
        "reopen": lambda case: case.reopen(by, "came_back", LIMITS, story.now),
    }


def does(story: Story, step: Callable[[Case], object]) -> bool:
    try:
        step(story.case)
    except Problem:
        return False
    return True


def told(state: State, span: timedelta) -> Story:
    story = Story()
    story.to(state)
    return story.after(span)


@pytest.mark.parametrize("span", LATER, ids=str)
@pytest.mark.parametrize("state", STATES)
def test_a_page_offers_exactly_what_its_reader_can_do(state: State, span: timedelta) -> None:
    parent = Story().registered().case if state is State.MERGED else None
    for by in PEOPLE:
        story = told(state, span)
        offered = possible(story.case, Asked(by, LIMITS, story.now, parent), BY_CODE)
        assert offered == [name for name, step in steps(story, by).items() if does(told(state, span), step)], by


@pytest.mark.parametrize("again", ["rate", "urge", "object", "reopen"])
def test_what_can_be_done_once_is_offered_once(again: str) -> None:
    states = {"rate": State.AWAITING_RATING, "urge": State.REGISTERED, "object": State.REJECTED, "reopen": State.CLOSED}
    story = told(states[again], timedelta(0))
    if again == "rate":
        story.case.parties.append(story.case.parties[0].__class__(person="r-2"))
        story.case.persons = ["r-1", "r-2"]
    asked = Asked(p.RESIDENT, LIMITS, story.now)
    assert again in possible(story.case, asked, BY_CODE)
    steps(story, p.RESIDENT)[again](story.case)
    assert again not in possible(story.case, asked, BY_CODE)
