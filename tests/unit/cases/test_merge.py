"""Merging of cases."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from services.cases.api.states import Priority, State
from services.cases.case import events, views
from services.cases.case.model.lead_requests import RequestInput
from services.cases.case.model.merge import CannotMerge, CannotUnmerge, Target
from services.cases.case.model.rating import Answer, NotAsked
from services.cases.case.model.refusals import TooLate
from services.cases.case.model.reopening import ReopenedBefore
from services.cases.case.model.states import MergedInto, WrongState
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story, events_of
from vocabulary.working_time import Kind, Span

MERGE = "The case: Merge"
TARGET = Target(case="CASE2", state=State.REGISTERED)


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
    facts = {"case": "CASE2", "state": State.REGISTERED, **changes}
    with pytest.raises(CannotMerge) as refusal:
        story.case.merge_into(p.STREET_STAFF, Target(**facts), story.now)
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
def test_each_mark_of_a_breached_case_fires_once_however_many_children_it_takes() -> None:
    story = Story().in_progress().after(11 * p.DAY)
    told = (events.HandlerReminded, events.SupervisionOpened, events.SupervisionRaised)
    for number in range(2, 5):
        story.case.take_child(msgspec.structs.replace(p.child(), case=f"CASE{number}"), LIMITS, story.now)
        story.after(p.MINUTE)
    assert [len(events_of(story.case, kind)) for kind in told] == [1, 1, 1]
    assert (story.case.mark, len(story.case.supervisions)) == ("red", 1)


@pytest.mark.domain(MERGE)
def test_an_unmerged_child_is_dispatched_anew_without_the_dispute_it_had() -> None:
    story = Story().disputed()
    story.case.merge_into(p.STREET_STAFF, TARGET, story.now)
    story.case.unmerge(p.STREET_STAFF, State.IN_PROGRESS, LIMITS, story.now)
    story.case.dispatch(p.STREET_STAFF, p.ORDER, LIMITS, story.now)
    story.case.return_(p.URBAN, "entry-2", p.WATER_UNIT, "not_ours", LIMITS, story.now)
    assert story.case.dispute is None


@pytest.mark.domain(MERGE)
def test_a_suspension_ends_when_its_case_is_merged() -> None:
    story = Story().suspended(p.DAY)
    story.case.merge_into(p.STREET_STAFF, TARGET, story.now)
    story.after(2 * p.DAY)
    story.case.unmerge(p.STREET_STAFF, State.IN_PROGRESS, LIMITS, story.now)
    story.suspended_again(5 * p.DAY).after(3 * p.DAY)
    assert story.case.state == State.SUSPENDED


@pytest.mark.domain(MERGE)
def test_the_clock_of_a_suspended_case_runs_on_while_it_is_merged() -> None:
    story = Story().in_progress().after(p.DAY)
    story.case.assign_sub_task(p.URBAN, p.WATER_UNIT, "t", None, story.now)
    due = story.case.due
    story._suspend(10 * p.DAY).after(p.DAY)
    story.case.merge_into(p.STREET_STAFF, TARGET, story.now)
    story.after(3 * p.DAY)
    story.case.unmerge(p.STREET_STAFF, State.IN_PROGRESS, LIMITS, story.now)
    assert story.case.due == due + p.DAY
    assert story.case.sub_tasks[0].due == due + p.DAY
    story.case.recompute(p.STREET_STAFF, LIMITS, "2", story.now)
    assert story.case.due == due + p.DAY


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
    child.case.merge_into(p.STREET_STAFF, TARGET, child.now)
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
    story.case.merge_into(p.STREET_STAFF, TARGET, story.now)
    assert story.case.due_at() is None
    story.after(2 * p.DAY)
    with pytest.raises(CannotUnmerge):
        story.case.unmerge(p.STREET_STAFF, State.CLOSED, LIMITS, story.now)
    story.case.unmerge(p.STREET_STAFF, State.IN_PROGRESS, LIMITS, story.now)
    assert (story.case.state, story.case.due) == (State.REGISTERED, due)


@pytest.mark.domain(MERGE)
def test_a_case_merged_before_registration_is_verifying_again() -> None:
    story = Story().verified()
    story.case.merge_into(p.COMMUNITY_STAFF, TARGET, story.now)
    story.case.unmerge(p.STREET_STAFF, State.REGISTERED, LIMITS, story.now)
    assert story.case.state == State.VERIFYING


@pytest.mark.domain(MERGE)
def test_a_merged_cases_party_rates_the_lead_and_the_round_of_the_case_it_merged_into() -> None:
    child = Story().dispatched(p.WATER_ORDER)
    child.case.merge_into(p.STREET_STAFF, TARGET, child.now)
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


def hastened() -> Story:
    """A case that is breached on the first day, by the limit of a merged case that is more urgent."""
    parent = Story().registered()
    parent.case.take_child(p.child(Priority.P2), LIMITS, parent.now)
    return parent.after(2 * p.DAY)


@pytest.mark.domain(MERGE)
def test_a_breach_that_came_with_a_merged_case_goes_back_with_it() -> None:
    parent, alone = hastened(), Story().registered()
    [breach] = parent.case.breaches
    assert (breach.at, breach.inherited, parent.case.mark) == (p.START + p.DAY, True, "red")
    parent.case.release_child("CASE2", 8, LIMITS, parent.now)
    facts = ("breaches", "due", "counted_due", "closing_due", "closing_overdue", "mark")
    assert [getattr(parent.case, name) for name in facts] == [getattr(alone.case, name) for name in facts]
    parent.after(6 * p.DAY)
    assert [(one.at, one.inherited) for one in parent.case.breaches] == [(alone.case.due, False)]


@pytest.mark.domain(MERGE)
@pytest.mark.parametrize("state", [State.INSPECTING, State.AWAITING_RATING])
def test_a_breach_that_came_with_a_merged_case_goes_back_with_it_after_a_result_too(state: State) -> None:
    """So do its supervision, the judgement of results, and the moment by which closing is measured."""
    parent, alone = hastened(), Story().registered().after(2 * p.DAY)
    parent.to(state), alone.to(state)
    assert parent.case.supervisions[-1].closed_at is None
    parent.case.release_child("CASE2", 8, LIMITS, parent.now)
    facts = ("breaches", "due", "counted_due", "closing_due", "closing_overdue", "mark", "clock", "results")
    assert [getattr(parent.case, name) for name in facts] == [getattr(alone.case, name) for name in facts]
    assert [one.closed_at for one in parent.case.supervisions] == [parent.now]
    assert len(events_of(parent.case, events.SupervisionClosed)) == 1
    released = events_of(parent.case, events.ChildReleased)[-1]
    assert released.on_time is True


@pytest.mark.domain(MERGE)
def test_a_result_that_failed_inspection_stays_late_when_a_merged_case_leaves() -> None:
    parent = hastened().rework()
    parent.case.release_child("CASE2", 8, LIMITS, parent.now)
    assert parent.case.breaches == []
    assert events_of(parent.case, events.ChildReleased)[-1].on_time is None


@pytest.mark.domain(MERGE)
def test_a_result_after_the_cases_own_limit_stays_late_when_a_merged_case_leaves() -> None:
    parent, alone = hastened().after(8 * p.DAY), Story().registered().after(10 * p.DAY)
    parent.inspecting(), alone.inspecting()
    parent.case.release_child("CASE2", 8, LIMITS, parent.now)
    assert [(one.at, one.inherited) for one in parent.case.breaches] == [(alone.case.breached_at, False)]
    assert parent.case.results == alone.case.results
    assert parent.case.supervisions[-1].closed_at is None


@pytest.mark.domain(MERGE)
def test_a_supervision_for_another_reason_too_goes_on_when_the_breach_falls_away() -> None:
    parent = hastened()
    parent.case.supervise(p.CENTRE, "residents", parent.now)
    parent.case.supervisions[0].reasons.append("residents")
    parent.case.release_child("CASE2", 8, LIMITS, parent.now)
    assert [one.closed_at for one in parent.case.supervisions] == [None] * len(parent.case.supervisions)


@pytest.mark.domain(MERGE)
def test_a_merged_case_that_hurried_nothing_changes_nothing_by_leaving() -> None:
    parent = Story().registered()
    parent.case.take_child(p.child(), LIMITS, parent.now)
    parent.after(p.DAY).inspecting().after(60 * p.DAY)
    told = [event.step for event in events_of(parent.case, events.StepOverdue)]
    facts = ("due", "counted_due", "closing_due", "closing_overdue", "clock", "results", "breaches")
    before = [getattr(parent.case, name) for name in facts]
    parent.case.release_child("CASE2", 8, LIMITS, parent.now)
    parent.after(p.MINUTE)
    assert [getattr(parent.case, name) for name in facts] == before
    assert [event.step for event in events_of(parent.case, events.StepOverdue)] == told
    assert events_of(parent.case, events.ChildReleased)[-1].on_time is None


@pytest.mark.domain(MERGE)
def test_what_a_reworked_result_is_measured_by_stays_when_a_merged_case_leaves() -> None:
    parent = Story().registered()
    parent.case.take_child(p.child(Priority.P2), LIMITS, parent.now)
    parent.rework()
    before = [(result.due, result.on_time) for result in parent.case.results]
    parent.case.release_child("CASE2", 8, LIMITS, parent.now)
    assert [(result.due, result.on_time) for result in parent.case.results] == before


@pytest.mark.domain(MERGE)
@pytest.mark.parametrize("results", [1, 2])
def test_the_time_for_rework_that_a_merged_case_brought_leaves_with_it(results: int) -> None:
    parent, alone = Story().registered(), Story().registered()
    parent.case.take_child(p.child(Priority.P2), LIMITS, parent.now)
    for story in (parent, alone):
        for _ in range(results):
            story.after(2 * p.DAY).rework()
    assert parent.case.clock.for_rework > 0
    parent.case.release_child("CASE2", 8, LIMITS, parent.now)
    assert (parent.case.due, parent.case.clock) == (alone.case.due, alone.case.clock)


@pytest.mark.domain(MERGE)
def test_a_closed_case_keeps_its_breach_as_it_was_when_a_merged_case_leaves_late() -> None:
    parent = hastened().awaiting_rating().after(30 * p.DAY)
    assert parent.case.state == State.CLOSED
    parent.case.release_child("CASE2", 8, LIMITS, parent.now)
    assert [breach.inherited for breach in parent.case.breaches] == [True]


@pytest.mark.domain(MERGE)
def test_an_extension_is_worth_the_same_whether_a_merged_case_leaves_before_or_after_the_result() -> None:
    urgent = Span(Kind.WORKING_DAYS, 3 * p.DAY)
    limits = replace(LIMITS, case=replace(LIMITS.case, P2=urgent))
    dues = []
    for leaves_first in (True, False):
        parent = Story().registered()
        parent.case.take_child(p.child(Priority.P2), limits, parent.now)
        until = parent.in_progress().case.due + 3 * p.DAY
        asked = RequestInput(what="extension", reason="frost", party_told=True, until=until)
        parent.case.grant(p.CENTRE, parent.case.ask(p.URBAN, asked, limits, parent.now), limits, parent.now)
        parent.case.contact(p.URBAN, "note-c", parent.now)
        for leave in (leaves_first, not leaves_first):
            if leave:
                parent.case.release_child("CASE2", 8, limits, parent.now)
            else:
                parent.case.resolve(p.URBAN, p.DONE, limits, parent.now)
        dues.append(parent.case.due)
    assert dues[0] == dues[1]


@pytest.mark.domain(MERGE)
def test_a_case_whose_own_limit_has_passed_too_keeps_a_breach_on_its_own_day() -> None:
    parent, alone = hastened().after(8 * p.DAY), Story().registered()
    parent.case.release_child("CASE2", 8, LIMITS, parent.now)
    assert [(one.at, one.inherited) for one in parent.case.breaches] == [(alone.case.due, False)]
    parent.after(p.DAY)
    assert len(parent.case.breaches) == 1


@pytest.mark.domain(MERGE)
def test_a_breach_of_its_own_stays_with_a_case_whatever_is_merged_into_it_and_leaves_again() -> None:
    parent = Story().registered().after(8 * p.DAY)
    own = parent.case.due
    parent.case.take_child(p.child(Priority.P2), LIMITS, parent.now)
    parent.after(p.DAY).case.release_child("CASE2", 8, LIMITS, parent.now)
    assert [(one.at, one.inherited) for one in parent.case.breaches] == [(own, False)]


@pytest.mark.domain(MERGE)
def test_an_unmerged_case_has_no_breach_of_its_parent() -> None:
    parent, child = hastened(), Story().merged()
    child.after(2 * p.DAY).case.unmerge(p.STREET_STAFF, State(parent.case.state), LIMITS, child.now)
    child.after(p.MINUTE)
    assert (child.case.breaches, child.case.mark, child.case.due) == ([], "", Story().registered().case.due)


@pytest.mark.domain("满意度评价→考核→问责")
def test_a_limit_that_passed_while_a_case_was_merged_is_the_breach_of_the_parents_lead() -> None:
    child = Story().merged()
    due = child.case.due
    child.after(8 * p.DAY).case.unmerge(p.STREET_STAFF, State.IN_PROGRESS, LIMITS, child.now, "urban-management")
    child.after(p.MINUTE)
    assert [(one.at, one.unit) for one in child.case.breaches] == [(due, "urban-management")]
    assert len(events_of(child.case, events.Breached)) == 1


@pytest.mark.domain(MERGE)
def test_a_party_that_withdraws_a_merged_case_leaves_the_parent_to_the_others() -> None:
    child = Story().merged()
    child.case.withdraw(p.RESIDENT, "gone", LIMITS, child.now, parent=State.IN_PROGRESS)
    assert (child.case.state, child.case.merged_into, child.case.closed_at) == (State.WITHDRAWN, "", child.now)
    assert [left.out_of for left in events_of(child.case, events.Withdrawn)] == ["CASE2"]
    parent = Story(Priority.P2).after(p.DAY).registered()
    due = parent.case.due
    parent.case.take_child(p.child(Priority.P1), LIMITS, parent.now)
    parent.case.release_child("CASE2", 8, LIMITS, parent.now)
    assert (parent.case.state, parent.case.priority, parent.case.due) == (State.REGISTERED, Priority.P2, due)
    parent.awaiting_rating()
    parent.case.rate(p.RESIDENT, p.SOLVED, LIMITS, parent.now)
    assert parent.case.state == State.CLOSED  # it waits for nobody else


@pytest.mark.domain(MERGE)
@pytest.mark.parametrize("over", [State.INSPECTING, State.AWAITING_RATING, State.CLOSED])
def test_a_merged_case_is_not_withdrawn_once_its_parent_is_resolved(over: State) -> None:
    child = Story().merged()
    with pytest.raises(WrongState):
        child.case.withdraw(p.RESIDENT, "gone", LIMITS, child.now, parent=over)


@pytest.mark.domain(MERGE)
def test_nobody_is_to_be_contacted_any_more_once_the_only_one_has_withdrawn() -> None:
    parent = Story(by=p.WORKER, party=None).registered(nobody=True).in_progress()
    parent.case.take_child(msgspec.structs.replace(p.child(), contactable=True), LIMITS, parent.now)
    assert parent.case.contact_due
    parent.case.release_child("CASE2", 8, LIMITS, parent.now)
    parent.after(3 * p.DAY)
    assert not parent.case.contact_overdue


@pytest.mark.domain(MERGE)
def test_a_party_of_a_merged_case_has_the_parent_reopened_once() -> None:
    parent, child = Story().registered(), Story().merged()
    parent.case.take_child(p.child(), LIMITS, parent.now)
    with pytest.raises(WrongState):
        child.case.reopen(p.RESIDENT, "came_back", LIMITS, child.now, parent=parent.case)
    parent.awaiting_rating().after(8 * p.DAY)
    child.case.reopen(p.RESIDENT, "came_back", LIMITS, parent.now, note="sealed:note", parent=parent.case)
    assert child.case.state == State.MERGED
    assert [asked.reason for asked in events_of(child.case, events.ReopeningAsked)] == ["came_back"]
    assert not child.case.reopened_by_party  # the once is the parent's, and the child keeps its own
    for _ in range(2):
        parent.case.take_child_reopening("CASE2", "came_back", LIMITS, parent.now)
    assert (parent.case.state, parent.case.round) == (State.REOPENED, 2)
    assert [why.why for why in events_of(parent.case, events.Reopened)] == ["party"]
    for case, above in ((parent.case, None), (child.case, parent.case)):
        with pytest.raises(WrongState):
            case.reopen(p.RESIDENT, "came_back", LIMITS, parent.now, parent=above)
    parent.case.state = State.CLOSED
    with pytest.raises(ReopenedBefore):
        child.case.reopen(p.RESIDENT, "came_back", LIMITS, parent.now, parent=parent.case)


@pytest.mark.domain(MERGE)
def test_the_parent_is_reopened_by_a_merged_cases_party_within_its_own_time() -> None:
    parent, child = Story().registered(), Story().merged()
    parent.case.take_child(p.child(), LIMITS, parent.now)
    parent.awaiting_rating().after(30 * p.DAY)
    with pytest.raises(TooLate):
        child.case.reopen(p.RESIDENT, "came_back", LIMITS, parent.now, parent=parent.case)
    parent.case.take_child_reopening("CASE7", "came_back", LIMITS, parent.now)
    assert parent.case.state == State.CLOSED  # no child of it asked


@pytest.mark.domain(MERGE)
def test_any_other_step_on_a_merged_case_is_answered_with_its_parent() -> None:
    child = Story().merged()
    for step in (
        lambda: child.case.object(p.RESIDENT, LIMITS, child.now),
        lambda: child.case.dispatch(p.STREET_STAFF, p.ORDER, LIMITS, child.now),
        lambda: child.case.void(p.CENTRE, "other", LIMITS, child.now),
        lambda: child.case.supervise(p.STREET_STAFF, "slow", child.now),
    ):
        with pytest.raises(MergedInto) as refusal:
            step()
        assert refusal.value.data["into"] == "CASE2"


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
