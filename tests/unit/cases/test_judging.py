"""Inspection, rating, reopening, and merging."""

from __future__ import annotations

import pytest

from chassis.errors import Invalid, NotFound
from services.cases.api.states import Priority, State
from services.cases.case import events, views
from services.cases.case.model.handling import Resolution
from services.cases.case.model.inputs import PartyIs
from services.cases.case.model.inspection import OnlyByCall
from services.cases.case.model.merge import CannotMerge, CannotUnmerge, Target
from services.cases.case.model.permissions import NotParty, OwnWork, WrongRole
from services.cases.case.model.post_holders import InspectorOfNoPost
from services.cases.case.model.rating import Answer, AnsweredBefore, CalledBackBefore, NotAsked
from services.cases.case.model.refusals import NothingShown, TooLate
from services.cases.case.model.reopening import ReopenedBefore
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story, events_of

RATING = "The case: Rating"
INSPECT = "The case: inspect"
MERGE = "The case: Merge"
TARGET = Target(case="CASE2", state=State.REGISTERED, area=p.GRID)


# -- inspection ---------------------------------------------------------------------------------------


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
    number = helped.case.assign_sub_task(p.URBAN, "150302011001001", "t", None, helped.now)
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
        story.case.return_(p.URBAN, "entry-2", "water", "not_ours", LIMITS, story.now)


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


# -- rating -------------------------------------------------------------------------------------------


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


# -- reopening ----------------------------------------------------------------------------------------


@pytest.mark.domain("The case: reopening")
def test_a_party_reopens_once_within_fifteen_days() -> None:
    story = Story().closed()
    with pytest.raises(TooLate):
        story.case.reopen(p.RESIDENT, "came_back", LIMITS, story.now + 15 * p.DAY + p.MINUTE)
    with pytest.raises(NotParty):
        story.case.reopen(p.STREET_STAFF, "came_back", LIMITS, story.now)
    story.case.reopen(p.RESIDENT, "came_back", LIMITS, story.now + 15 * p.DAY)
    story.now += 15 * p.DAY
    story.dispatched().accepted().in_progress().awaiting_rating()
    story.case.rate(p.RESIDENT, p.SOLVED, LIMITS, story.now)
    with pytest.raises(ReopenedBefore):
        story.case.reopen(p.RESIDENT, "came_back", LIMITS, story.now)


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


# -- merging ------------------------------------------------------------------------------------------


@pytest.mark.domain(MERGE)
@pytest.mark.parametrize(
    ("report", "changes", "why"),
    [
        ({"personal_claim": True}, {}, "personal_claim"),
        ({}, {"personal_claim": True}, "personal_claim"),
        ({}, {"case": "CASE1"}, "itself"),
        ({}, {"state": State.CLOSED}, "target_not_open"),
        ({}, {"merged_into": "CASE3"}, "target_not_open"),
        ({}, {"about": "water"}, "complaint"),
    ],
)
def test_cases_that_must_not_be_merged_are_refused(report: dict, changes: dict, why: str) -> None:
    story = Story(**report).registered()
    facts = {"case": "CASE2", "state": State.REGISTERED, "area": p.GRID, **changes}
    with pytest.raises(CannotMerge) as refusal:
        story.case.merge_into(p.STREET_STAFF, Target(**facts), LIMITS, story.now)
    assert refusal.value.data["why"] == why


@pytest.mark.domain(MERGE)
def test_the_earliest_clock_and_the_highest_priority_win_and_go_back_with_the_child() -> None:
    story = Story().after(p.DAY).registered()
    due = story.case.due
    story.case.take_child(p.child(Priority.P2), LIMITS, story.now)
    assert (story.case.priority, story.case.due) == (Priority.P2, p.START + p.DAY)
    story.case.take_child(p.child(Priority.P2), LIMITS, story.now)
    assert len(story.case.children) == 1
    assert views.detail(story.case, p.STREET_STAFF)["children"]
    story.case.release_child("CASE2", 8, LIMITS, story.now)
    assert (story.case.priority, story.case.due) == (Priority.P3, due)
    assert views.detail(story.case, p.STREET_STAFF)["children"] == []


@pytest.mark.domain(MERGE)
def test_an_unmerged_child_is_dispatched_anew_without_the_dispute_it_had() -> None:
    story = Story().disputed()
    story.case.merge_into(p.STREET_STAFF, TARGET, LIMITS, story.now)
    story.case.unmerge(p.STREET_STAFF, State.IN_PROGRESS, LIMITS, story.now)
    story.case.dispatch(p.STREET_STAFF, p.ORDER, LIMITS, story.now)
    story.case.return_(p.URBAN, "entry-2", "water", "not_ours", LIMITS, story.now)
    assert story.case.dispute is None


@pytest.mark.domain(MERGE)
def test_a_suspension_ends_when_its_case_is_merged() -> None:
    story = Story().suspended(p.DAY)
    story.case.merge_into(p.STREET_STAFF, TARGET, LIMITS, story.now)
    story.after(2 * p.DAY)
    story.case.unmerge(p.STREET_STAFF, State.IN_PROGRESS, LIMITS, story.now)
    story.suspended_again(5 * p.DAY).after(3 * p.DAY)
    assert story.case.state == State.SUSPENDED


@pytest.mark.domain(MERGE)
def test_an_older_event_of_a_child_that_arrives_late_changes_nothing() -> None:
    story = Story(Priority.P2).registered()
    story.case.release_child("CASE2", 8, LIMITS, story.now)
    story.case.take_child(p.child(Priority.P1, sequence=7), LIMITS, story.now)
    assert (story.case.merged_children(), story.case.priority) == ([], Priority.P2)
    story.case.take_child(p.child(Priority.P1, sequence=9), LIMITS, story.now)
    assert (len(story.case.merged_children()), story.case.priority) == (1, Priority.P1)


@pytest.mark.domain(MERGE)
@pytest.mark.parametrize("state", [State.CLOSED, State.VOIDED, State.MERGED, State.AWAITING_RATING])
def test_a_refused_child_is_unmerged_with_its_own_clock(state: State) -> None:
    parent, child = Story(), Story().registered()
    due = child.case.due
    child.case.merge_into(p.STREET_STAFF, TARGET, LIMITS, child.now)
    parent.to(state)
    parent.case.take_child(p.child(Priority.P1), LIMITS, parent.now)
    assert (parent.case.merged_children(), parent.case.priority) == ([], Priority.P3)
    assert [refused.child for refused in events_of(parent.case, events.ChildRefused)] == ["CASE2"]
    child.case.come_back("CASE9", LIMITS, child.now)
    assert child.case.state == State.MERGED
    child.case.come_back("CASE2", LIMITS, child.now)
    child.case.come_back("CASE2", LIMITS, child.now)
    assert (child.case.state, child.case.due, child.case.merged_into) == (State.REGISTERED, due, "")
    assert [back.out_of for back in events_of(child.case, events.Unmerged)] == ["CASE2"]


@pytest.mark.domain(MERGE)
def test_an_unmerged_child_has_its_own_clock_back() -> None:
    story = Story().registered()
    due = story.case.due
    story.case.merge_into(p.STREET_STAFF, TARGET, LIMITS, story.now)
    assert story.case.due_at() is None
    story.after(2 * p.DAY)
    with pytest.raises(CannotUnmerge):
        story.case.unmerge(p.STREET_STAFF, State.CLOSED, LIMITS, story.now)
    story.case.unmerge(p.STREET_STAFF, State.IN_PROGRESS, LIMITS, story.now)
    assert (story.case.state, story.case.due) == (State.REGISTERED, due)


@pytest.mark.domain(MERGE)
def test_a_case_merged_before_registration_is_verifying_again() -> None:
    story = Story().verified()
    story.case.merge_into(p.COMMUNITY_STAFF, TARGET, LIMITS, story.now)
    story.case.unmerge(p.STREET_STAFF, State.REGISTERED, LIMITS, story.now)
    assert story.case.state == State.VERIFYING


@pytest.mark.domain(MERGE)
def test_a_merged_cases_party_rates_the_lead_and_the_round_of_the_case_it_merged_into() -> None:
    child = Story().dispatched(p.WATER_ORDER)
    child.case.merge_into(p.STREET_STAFF, TARGET, LIMITS, child.now)
    child.case.open_rating(child.now + p.DAY, "urban-management", 2)
    child.case.rate(p.RESIDENT, Answer(satisfied=1), LIMITS, child.now)
    [rated] = events_of(child.case, events.Rated)
    assert (rated.of, rated.unit, rated.round) == ("CASE2", "urban-management", 2)


@pytest.mark.domain(MERGE)
def test_a_merged_cases_party_rates_each_round_anew_and_in_time() -> None:
    child = Story().merged()
    first, second = child.now + 7 * p.DAY, child.now + 30 * p.DAY
    child.case.open_rating(first, "urban-management", 1)
    child.case.rate(p.RESIDENT, p.UNSOLVED, LIMITS, first)
    child.case.open_rating(second, "urban-management", 2)
    child.case.open_rating(first, "urban-management", 1)
    with pytest.raises(TooLate):
        child.case.rate(p.RESIDENT, p.SOLVED, LIMITS, second + p.MINUTE)
    with pytest.raises(TooLate):
        child.case.call_back(p.HOTLINE, "r-1", True, p.SOLVED, LIMITS, second + p.MINUTE)
    child.case.rate(p.RESIDENT, p.SOLVED, LIMITS, second)
    assert [(rated.solved, rated.round) for rated in events_of(child.case, events.Rated)] == [(False, 1), (True, 2)]


@pytest.mark.domain(MERGE)
def test_a_merged_cases_answer_on_an_earlier_round_does_not_count_for_a_later_one() -> None:
    parent = Story().registered()
    parent.case.take_child(p.child(Priority.P3), LIMITS, parent.now)
    parent.awaiting_rating().after(8 * p.DAY)
    parent.case.reopen(p.RESIDENT, "came_back", LIMITS, parent.now)
    parent.dispatched().awaiting_rating()
    parent.case.take_child_answer("CASE2", p.UNSOLVED, 1, LIMITS, parent.now)
    assert parent.case.merged_children()[0].answered == 0


@pytest.mark.domain(MERGE)
def test_every_reporter_of_what_was_merged_rates() -> None:
    parent = Story().registered()
    parent.case.take_child(p.child(Priority.P3), LIMITS, parent.now)
    parent.awaiting_rating()
    assert events_of(parent.case, events.RatingAsked)[0].children == ["CASE2"]
    child = Story().merged()
    with pytest.raises(NotAsked):
        child.case.rate(p.RESIDENT, p.UNSOLVED, LIMITS, child.now)
    child.case.open_rating(parent.case.rating_until, parent.case.lead, parent.case.round)
    child.case.rate(p.RESIDENT, p.UNSOLVED, LIMITS, child.now)
    assert events_of(child.case, events.Rated)[0].of == "CASE2"
    assert events_of(child.case, events.Rated)[0].unit == "urban-management"
    parent.case.rate(p.RESIDENT, p.SOLVED, LIMITS, parent.now)
    assert parent.case.state == State.AWAITING_RATING
    parent.case.take_child_answer("CASE2", p.UNSOLVED, 1, LIMITS, parent.now)
    assert parent.case.state == State.REOPENED
