"""Whistling 吹哨报到: calls, no-shows, and the start of work when the lead reports in."""

from __future__ import annotations

import pytest

from services.cases.api.states import Priority, State
from services.cases.case import events
from services.cases.case.model.lead_unit import OffTheList, Order
from services.cases.case.model.permissions import AtWrongTier, NotYours, OwnWork
from services.cases.case.model.refusals import TooLate
from services.cases.case.model.states import WrongState
from services.cases.case.model.unit_calls import LeadReturns, WrongCall
from services.cases.case.model.whistle import NotInWhistleTable
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story, events_of

WHISTLE = "网格呼叫、街镇处置、部门报到"
BY_TABLE = "社区一吹哨、部门齐报到 (天全), 每月报到"


def call_states(story: Story) -> dict[str, str]:
    return {call.unit: call.state for call in story.case.calls}


@pytest.mark.domain(WHISTLE)
def test_work_starts_at_once_when_the_lead_reports_in_whoever_is_missing() -> None:
    story = Story().whistled()
    story.case.report_in(p.URBAN, p.HANDLER, LIMITS, story.now)
    assert story.case.state == State.IN_PROGRESS
    assert [step["to"] for step in story.case.history[-2:]] == [State.ACCEPTED, State.IN_PROGRESS]
    assert call_states(story) == {"urban-management": "REPORTED_IN", "water": "CALLED"}


@pytest.mark.domain(WHISTLE)
def test_another_unit_reporting_in_does_not_start_the_work() -> None:
    story = Story().whistled()
    story.case.report_in(p.WATER, p.NOBODY, LIMITS, story.now)
    assert story.case.state == State.WHISTLED


@pytest.mark.domain("The case: Whistle")
@pytest.mark.parametrize(("priority", "minutes"), [(Priority.P1, 10), (Priority.P3, 30)])
def test_a_late_unit_is_a_no_show_under_supervision_and_may_still_report_in(priority: Priority, minutes: int) -> None:
    story = Story(priority).whistled().after(minutes * p.MINUTE - p.MINUTE)
    assert set(call_states(story).values()) == {"CALLED"}
    story.after(p.MINUTE)
    assert set(call_states(story).values()) == {"NO_SHOW"}
    assert [s.reasons for s in story.case.supervisions] == [["no_show", "no_show"]]
    story.case.report_in(p.WATER, p.NOBODY, LIMITS, story.now)
    assert events_of(story.case, events.ReportedIn)[0].late


@pytest.mark.domain("The case: dispatch, whistle")
@pytest.mark.parametrize(("priority", "may"), [(Priority.P1, True), (Priority.P2, False)])
def test_the_tier_that_registered_a_p1_may_whistle_at_once_though_a_higher_one_answers(
    priority: Priority, may: bool
) -> None:
    story = Story(priority).registered(listed_tiers=("county",), **({} if may else {"tier": "county"}))
    assert story.case.tier == "county"
    if may:
        story.case.whistle(p.STREET_STAFF, p.WHISTLE, LIMITS, story.now)
        assert story.case.state == State.WHISTLED
        return
    with pytest.raises(AtWrongTier):
        story.case.whistle(p.STREET_STAFF, p.WHISTLE, LIMITS, story.now)


@pytest.mark.domain("The case: dispatch, whistle")
def test_a_p1_that_the_county_registered_is_not_the_streets_to_whistle_for() -> None:
    case = Story(Priority.P1).verified().case
    case.register(p.CENTRE, p.registration(Priority.P1), LIMITS, p.START)
    with pytest.raises(AtWrongTier):
        case.whistle(p.STREET_STAFF, p.WHISTLE, LIMITS, p.START)


@pytest.mark.domain(BY_TABLE)
@pytest.mark.parametrize("by", [p.WORKER, p.COMMUNITY_STAFF], ids=["grid", "community"])
def test_a_grid_or_community_calls_only_units_of_the_whistle_table(by: p.Principal) -> None:
    case = Story().registered().case
    with pytest.raises(NotInWhistleTable):
        case.whistle(by, p.WHISTLE, LIMITS, p.START)
    with_rule = Order(lead=p.URBAN_UNIT, entry=p.ENTRY, called=(p.WATER_UNIT,), rule=p.TABLE)
    case.whistle(by, with_rule, LIMITS, p.START)
    assert case.state == State.WHISTLED


@pytest.mark.domain(WHISTLE)
def test_a_street_calls_the_lead_and_the_supporting_units_of_the_entry() -> None:
    case = Story().registered().case
    with pytest.raises(OffTheList):
        case.whistle(p.STREET_STAFF, Order(lead=p.URBAN_UNIT, entry=p.ENTRY, called=(p.HOUSING_UNIT,)), LIMITS, p.START)


@pytest.mark.domain("The case: Whistle")
def test_the_lead_returns_the_case_instead_of_disputing_its_call() -> None:
    story = Story().whistled()
    with pytest.raises(LeadReturns):
        story.case.dispute_call(p.URBAN, "not_ours", story.now)
    story.case.return_(p.URBAN, "entry-2", p.WATER_UNIT, "not_ours", LIMITS, story.now)
    assert story.case.state == State.RETURNED
    assert call_states(story)["urban-management"] == "DISPUTED"


@pytest.mark.domain("The case: Whistle")
def test_a_called_unit_disputes_within_its_time() -> None:
    story = Story().whistled()
    with pytest.raises(TooLate):
        story.case.dispute_call(p.WATER, "not_ours", story.now + 31 * p.MINUTE)
    story.case.dispute_call(p.WATER, "not_ours", story.now)
    assert call_states(story)["water"] == "DISPUTED"
    assert story.case.units == ["urban-management"]


@pytest.mark.domain("The case: Whistle")
def test_the_caller_grades_units_and_no_unit_grades_itself() -> None:
    story = Story().whistled()
    story.case.report_in(p.WATER, p.NOBODY, LIMITS, story.now)
    with pytest.raises(NotYours):
        story.case.grade(p.CENTRE, "water", 4, story.now)
    own = p.person("s-1", "street", p.STREET, "water")
    with pytest.raises(OwnWork):
        story.case.grade(own, "water", 5, story.now)
    story.case.grade(p.STREET_STAFF, "water", 4, story.now)
    assert events_of(story.case, events.UnitGraded)[0].grade == 4
    with pytest.raises(WrongCall):
        story.case.grade(p.STREET_STAFF, "urban-management", 4, story.now)


@pytest.mark.domain("The case: Whistle")
def test_more_units_are_called_during_work_and_none_after_it() -> None:
    story = Story().in_progress()
    story.case.whistle_more(p.STREET_STAFF, p.WHISTLE, LIMITS, story.now)
    assert story.case.state == State.IN_PROGRESS
    assert call_states(story) == {"water": "CALLED"}
    story.case.release(p.STREET_STAFF, "water", story.now)
    assert call_states(story) == {"water": "RELEASED"}
    story.inspecting()
    with pytest.raises(WrongState):
        story.case.whistle_more(p.STREET_STAFF, p.WHISTLE, LIMITS, story.now)


@pytest.mark.domain("吹哨报到: 街道吹哨单位报到, 社区吹哨党员报到")
def test_members_are_invited_without_a_limit_or_a_record_of_absence() -> None:
    story = Story().in_progress()
    before = story.case.due_at()
    story.case.invite_members(p.COMMUNITY_STAFF, ("branch-7",), story.now)
    assert events_of(story.case, events.MembersInvited)[0].branches == ["branch-7"]
    assert story.case.calls == []
    assert story.case.due_at() == before


@pytest.mark.domain("The case: Whistle")
def test_a_whistle_does_not_touch_the_clock() -> None:
    story = Story().registered()
    due = story.case.due
    story.after(p.HOUR).case.whistle(p.STREET_STAFF, p.WHISTLE, LIMITS, story.now)
    assert story.case.due == due


@pytest.mark.domain("The case: Whistle")
def test_colleagues_of_the_division_that_called_a_unit_settle_its_call() -> None:
    story = Story().registered()
    managed, colleague = (p.person(name, "street", p.STREET, "street-office") for name in ("s-7", "s-8"))
    story.case.whistle(managed, p.WHISTLE, LIMITS, story.now)
    story.case.release(colleague, "water", story.now)
    story.case.grade(p.STREET_STAFF, "water", 3, story.now)
