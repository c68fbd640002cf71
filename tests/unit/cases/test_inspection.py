"""Inspection of handled cases."""

from __future__ import annotations

import pytest

from chassis.errors import NotFound
from services.cases.api.states import State
from services.cases.case import events
from services.cases.case.model.inspection import OnlyByCall
from services.cases.case.model.permissions import OwnWork
from services.cases.case.model.post_holders import InspectorOfNoPost
from services.cases.case.model.refusals import NothingShown
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story, events_of

RATING = "The case: Rating"
INSPECT = "The case: inspect"


@pytest.mark.domain(INSPECT)
def test_neither_the_handling_unit_nor_anyone_involved_inspects() -> None:
    own = Story().registered()
    own.case.take_on(p.STREET_STAFF, p.STREET_HANDLER, LIMITS, own.now)
    own.case.contact(p.STREET_STAFF, "note", own.now)
    own.case.resolve(p.STREET_STAFF, p.DONE, LIMITS, own.now)
    with pytest.raises(OwnWork):
        own.case.inspect(p.STREET_STAFF, True, "visit", "note", LIMITS, own.now)
    own.case.inspect(p.CENTRE, True, "visit", "note", LIMITS, own.now)

    helped = Story().in_progress()
    number = helped.case.assign_sub_task(p.URBAN, p.GRID_UNIT, "t", None, helped.now)
    helped.case.accept_sub_task(p.WORKER, number, p.holder(p.WORKER), helped.now)
    helped.case.finish_sub_task(p.WORKER, number, "note", helped.now)
    helped.inspecting()
    with pytest.raises(OwnWork):
        helped.case.inspect(p.WORKER, True, "visit", "note", LIMITS, helped.now)


@pytest.mark.domain(INSPECT)
def test_an_inspection_needs_a_record_and_the_hotline_inspects_by_call() -> None:
    story = Story().inspecting()
    with pytest.raises(NothingShown):
        story.case.inspect(p.STREET_STAFF, True, "visit", "", LIMITS, story.now)
    with pytest.raises(OnlyByCall):
        story.case.inspect(p.HOTLINE, True, "visit", "note", LIMITS, story.now)
    story.case.inspect(p.HOTLINE, True, "call", "note", LIMITS, story.now)
    assert story.case.results[-1].inspection == "call"


@pytest.mark.domain(INSPECT)
def test_an_inspector_sees_and_inspects_what_they_were_assigned() -> None:
    story = Story().inspecting()
    with pytest.raises(NotFound):
        story.case.inspect(p.INSPECTOR, True, "visit", "note", LIMITS, story.now)
    with pytest.raises(OwnWork):
        story.case.assign_inspector(p.STREET_STAFF, p.HANDLER, story.now)
    story.case.assign_inspector(p.STREET_STAFF, p.WORKING_INSPECTOR, story.now)
    story.case.inspect(p.INSPECTOR, True, "visit", "note", LIMITS, story.now)


@pytest.mark.domain(INSPECT)
@pytest.mark.parametrize(
    "named",
    [p.holder(p.STREET_STAFF), p.holder(p.person("i-2", "inspector", p.OTHER_STREET)), p.PostHolder(subject="i-3")],
)
def test_an_inspector_must_hold_an_inspectors_post_over_the_area(named: p.PostHolder) -> None:
    story = Story().inspecting()
    with pytest.raises(InspectorOfNoPost):
        story.case.assign_inspector(p.STREET_STAFF, named, story.now)
    assert story.case.inspectors == []


@pytest.mark.domain(INSPECT)
def test_a_failed_inspection_sends_it_back_to_the_same_lead_without_a_return() -> None:
    story = Story().rework()
    assert (story.case.state, story.case.lead, story.case.reworks) == (State.REWORK, "urban-management", 1)
    with pytest.raises(Exception, match="wrong_state"):
        story.case.return_(p.URBAN, "entry-2", p.WATER_UNIT, "not_ours", LIMITS, story.now)


@pytest.mark.domain("The case: Dispute")
def test_after_three_reworks_the_next_tier_supervises() -> None:
    story = Story().rework()
    for _ in range(2):
        assert story.case.supervisions == []
        story.in_progress().inspecting()
        story.case.inspect(p.STREET_STAFF, False, "visit", "note", LIMITS, story.now)
    assert [(s.tier, s.reasons) for s in story.case.supervisions] == [(p.CITY, ["reworked"])]


@pytest.mark.domain(RATING)
def test_a_case_without_a_party_closes_after_the_inspection() -> None:
    story = Story(by=p.WORKER, party=None).registered(nobody=True).inspecting()
    story.case.inspect(p.STREET_STAFF, True, "visit", "note", LIMITS, story.now)
    assert story.case.state == State.CLOSED
    assert events_of(story.case, events.Closed)[0].rated is False
