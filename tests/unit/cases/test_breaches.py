"""The first breach of a round stays, whatever is granted later; sub-tasks have limits of their own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.errors import Invalid
from services.cases.api.states import Priority, State
from services.cases.case import events
from services.cases.case.model.handling import Resolution
from services.cases.case.model.inputs import PartyIs
from services.cases.case.model.lead_requests import RequestInput
from services.cases.case.model.limits import Limits
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story, events_of

CLOCK = "The case: Clock"


def asked_before_due(what: str, days: int) -> Story:
    """A case whose lead asked in time; the request waits until after the case was due."""
    story = Story().in_progress()
    story.case.contact(p.URBAN, "note", story.now)
    until = (story.case.due if what == "extension" else story.now) + days * p.DAY  # type: ignore[operator]
    story.case.ask(p.URBAN, RequestInput(what=what, reason="frost", party_told=True, until=until), LIMITS, story.now)  # type: ignore[arg-type]
    return story.after(8 * p.DAY)


@pytest.mark.domain(CLOCK)
@pytest.mark.parametrize(("what", "days", "resolved_after"), [("suspension", 20, 12), ("extension", 7, 1)])
def test_what_is_granted_after_the_breach_does_not_move_it(what: str, days: int, resolved_after: int) -> None:
    story = asked_before_due(what, days)
    due, closing_due = story.case.due, story.case.closing_due
    story.case.grant(p.CENTRE, 1, LIMITS, story.now)
    work_due = story.case.due
    assert work_due > story.now, "the work has its new day"
    assert (story.case.counted_due, story.case.closing_due) == (due, closing_due)
    story.after(resolved_after * p.DAY).inspecting()
    assert story.now <= work_due
    result = story.case.results[-1]
    assert (result.on_time, result.due) == (False, due)
    assert [breach.at for breach in story.case.breaches] == [due]
    assert len(events_of(story.case, events.Breached)) == 1


@pytest.mark.domain(CLOCK)
def test_a_suspension_granted_before_the_due_moment_moves_it() -> None:
    story = Story().in_progress()
    due = story.case.due
    story.case.contact(p.URBAN, "note", story.now)
    story._suspend(5 * p.DAY)
    story.after(11 * p.DAY).inspecting()
    assert story.case.results[-1].on_time
    assert story.case.results[-1].due == due + 5 * p.DAY  # type: ignore[operator]


@pytest.mark.domain("满意度评价→考核→问责")
@pytest.mark.parametrize(
    ("story", "unit"),
    [
        (Story().registered(), "150302011"),
        (Story().dispatched(), "urban-management"),
        (Story().returned(), "150302"),
        (Story().disputed(), "150302"),
        (Story().in_progress(), "urban-management"),
    ],
)
def test_a_breach_names_the_unit_that_had_the_case(story: Story, unit: str) -> None:
    story.after(8 * p.DAY)
    (breached,) = events_of(story.case, events.Breached)
    assert (breached.unit, story.case.breaches[0].unit) == (unit, unit)


def test_each_round_has_its_own_first_breach() -> None:
    story = Story().reopened().after(4 * p.DAY)
    assert [(breach.round, breach.at) for breach in story.case.breaches] == [(2, p.START + 3.5 * p.DAY)]


@pytest.mark.domain(CLOCK)
def test_a_silent_case_closed_after_downtime_was_closed_when_its_rating_ended() -> None:
    story = Story(Priority.P4).awaiting_rating()
    ended = story.case.rating_until
    story.after(40 * p.DAY)
    (closed,) = events_of(story.case, events.Closed)
    assert (closed.on_time, closed.case.closed_at) == (True, ended)


@pytest.mark.domain("The case: Limits")
@pytest.mark.parametrize("party", [None, PartyIs(person="code:CASE1", channel="code", confidentiality="anonymous")])
def test_contact_is_due_only_where_there_is_somebody_to_contact(party: PartyIs | None) -> None:
    story = Story(by=p.STREET_STAFF, party=party).registered(nobody=True).in_progress()
    assert story.case.contact_due is None
    story.after(2 * p.DAY)
    assert not story.case.contact_overdue
    story.case.resolve(p.URBAN, p.DONE, LIMITS, story.now)


@pytest.mark.domain("The case: Outcome")
def test_a_planned_date_lies_within_a_year_unless_the_tenant_says_otherwise() -> None:
    story = Story().in_progress()
    story.case.contact(p.URBAN, "note", story.now)
    planned = Resolution(outcome="planned", note="next", planned_for=story.now + 400 * p.DAY)
    with pytest.raises(Invalid) as refusal:
        story.case.resolve(p.URBAN, planned, LIMITS, story.now)
    assert [fault["field"] for fault in refusal.value.data["fields"]] == ["planned_for"]
    story.case.resolve(p.URBAN, planned, Limits.default().changed({"planned": "500d"}), story.now)


# -- sub-tasks ----------------------------------------------------------------------------------------


def with_sub_task(days: int) -> Story:
    story = Story().in_progress()
    story.case.contact(p.URBAN, "note", story.now)
    story.case.assign_sub_task(p.URBAN, p.WATER_UNIT, "dig", story.now + days * p.DAY, story.now)
    return story


@pytest.mark.domain("The case: Sub-task")
def test_a_sub_task_that_is_late_is_reported_once() -> None:
    story = with_sub_task(2).after(2 * p.DAY).after(p.DAY)
    assert [(event.number, event.unit) for event in events_of(story.case, events.SubTaskOverdue)] == [(1, "water")]
    assert story.case.sub_tasks[0].overdue


@pytest.mark.domain("The case: Sub-task")
def test_a_sub_task_that_is_done_or_waived_is_not_late() -> None:
    story = with_sub_task(2)
    story.case.accept_sub_task(p.WATER, 1, p.WATER_HANDLER, story.now)
    story.case.finish_sub_task(p.WATER, 1, "done", story.now)
    assert events_of(story.after(3 * p.DAY).case, events.SubTaskOverdue) == []


@pytest.mark.domain("The case: Sub-task")
@pytest.mark.parametrize("resumed_after", [timedelta(days=1), timedelta(days=5)])
def test_a_suspension_moves_the_limits_of_sub_tasks(resumed_after: timedelta) -> None:
    story = with_sub_task(2).after(p.DAY)
    story._suspend(5 * p.DAY)
    assert story.case.sub_tasks[0].due == p.START + 7 * p.DAY
    story.after(resumed_after)
    if story.case.state == State.SUSPENDED:
        story.case.resume(p.URBAN, LIMITS, story.now)
    assert story.case.sub_tasks[0].due == p.START + 2 * p.DAY + resumed_after
    assert events_of(story.case, events.SubTaskOverdue) == []


@pytest.mark.parametrize("due", [p.START - p.MINUTE, p.START])
def test_a_sub_task_is_due_in_the_future(due: p.datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        Story().in_progress().case.assign_sub_task(p.URBAN, p.WATER_UNIT, "dig", due, p.START)
    assert [fault["field"] for fault in refusal.value.data["fields"]] == ["due"]


def test_a_sub_task_of_a_case_that_is_late_itself_has_no_limit_left_to_pass() -> None:
    story = Story().in_progress().after(8 * p.DAY)
    story.case.assign_sub_task(p.URBAN, p.WATER_UNIT, "dig", None, story.now)
    assert events_of(story.after(p.DAY).case, events.SubTaskOverdue) == []
