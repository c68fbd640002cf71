"""The lead's work: contact, sub-tasks, requests and the result."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.errors import Invalid
from services.cases.api.states import State
from services.cases.case import events
from services.cases.case.model.handling import PartyNotContacted, Resolution, SubTasksOpen
from services.cases.case.model.lead_requests import (
    ExtendedBefore,
    RequestDecided,
    RequestInput,
    RequestPending,
    TooLong,
)
from services.cases.case.model.lead_unit import Avoided, GridElsewhere, LeadsNoCase, OffTheList, TakesNoSubTask, UnitRef
from services.cases.case.model.permissions import NotYours
from services.cases.case.model.refusals import NothingShown, TooLate
from services.cases.case.model.states import WrongState
from services.cases.case.model.sub_tasks import WrongSubTask
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story, events_of
from vocabulary.access import WrongRole

REQUESTS = "The case: transfer, extend, suspend"


def asked(what: str, story: Story, **changes: Any) -> RequestInput:
    until = {"extension": story.case.due + p.DAY, "suspension": story.now + p.DAY}.get(what) if story.case.due else None
    to = {"to": p.WATER_UNIT, "entry": p.WATER_ENTRY} if what == "transfer" else {}
    return RequestInput(**{"what": what, "reason": "frost", "party_told": True, "until": until, **to, **changes})


# -- contact ------------------------------------------------------------------------------------------


@pytest.mark.domain("The case: Limits")
@pytest.mark.parametrize(
    ("priority", "span"), [("P1", 30 * p.MINUTE), ("P2", 4 * p.HOUR), ("P3", p.DAY), ("P4", p.DAY)]
)
def test_first_contact_has_its_own_limit_from_acceptance(priority: str, span: p.timedelta) -> None:
    story = Story(p.Priority(priority)).accepted()
    assert story.case.contact_due == story.now + span
    story.case.contact(p.URBAN, "note", story.now + span)
    assert events_of(story.case, events.PartyContacted)[0].on_time


def test_a_late_contact_is_reported_once() -> None:
    story = Story().in_progress().after(p.DAY + p.MINUTE).after(p.DAY)
    assert [event.step for event in events_of(story.case, events.StepOverdue)] == ["contact"]


# -- the result ---------------------------------------------------------------------------------------


@pytest.mark.domain("The case: resolve")
def test_resolving_needs_the_party_contacted() -> None:
    story = Story().in_progress()
    with pytest.raises(PartyNotContacted):
        story.case.resolve(p.URBAN, p.DONE, LIMITS, story.now)


@pytest.mark.domain("The case: resolve")
def test_resolving_needs_proof() -> None:
    story = Story().in_progress()
    story.case.contact(p.URBAN, "note", story.now)
    with pytest.raises(NothingShown):
        story.case.resolve(p.URBAN, Resolution(outcome="solved"), LIMITS, story.now)


@pytest.mark.domain("The case: resolve")
def test_resolving_waits_for_sub_tasks_done_or_waived() -> None:
    story = Story().in_progress()
    story.case.contact(p.URBAN, "note", story.now)
    first = story.case.assign_sub_task(p.URBAN, p.WATER_UNIT, "sealed:title", None, story.now)
    second = story.case.assign_sub_task(p.URBAN, p.HOUSING_UNIT, "sealed:title", None, story.now)
    with pytest.raises(SubTasksOpen) as refusal:
        story.case.resolve(p.URBAN, p.DONE, LIMITS, story.now)
    assert refusal.value.data["numbers"] == [first, second]
    story.case.accept_sub_task(p.WATER, first, p.WATER_HANDLER, story.now)
    story.case.finish_sub_task(p.WATER, first, "note", story.now)
    story.case.waive_sub_task(p.CENTRE, second, "not_needed", story.now)
    story.case.resolve(p.URBAN, p.DONE, LIMITS, story.now)
    assert story.case.state == State.INSPECTING


@pytest.mark.domain("The case: Outcome")
def test_a_planned_outcome_needs_a_future_date() -> None:
    story = Story().in_progress()
    story.case.contact(p.URBAN, "note", story.now)
    for date in (None, story.now):
        with pytest.raises(Invalid):
            story.case.resolve(p.URBAN, Resolution(outcome="planned", note="n", planned_for=date), LIMITS, story.now)


@pytest.mark.domain("The case: resolve")
def test_a_result_goes_to_inspection_at_once_and_stops_the_clock() -> None:
    story = Story().inspecting()
    assert [step["to"] for step in story.case.history[-2:]] == [State.RESOLVED, State.INSPECTING]
    due = story.case.due
    story.after(9 * p.DAY)
    assert story.case.due == due
    assert events_of(story.case, events.Breached) == []


# -- sub-tasks ----------------------------------------------------------------------------------------


@pytest.mark.domain("The case: Sub-task")
def test_a_sub_task_is_due_within_the_case() -> None:
    story = Story().in_progress()
    with pytest.raises(Invalid):
        story.case.assign_sub_task(p.URBAN, p.WATER_UNIT, "t", story.case.due + p.MINUTE, story.now)


@pytest.mark.domain("The case: Sub-task")
def test_a_returned_sub_task_is_reassigned_by_the_lead() -> None:
    story = Story().in_progress()
    number = story.case.assign_sub_task(p.URBAN, p.WATER_UNIT, "t", None, story.now)
    assert "water" in story.case.units
    story.case.return_sub_task(p.WATER, number, "not_ours", story.now)
    assert "water" not in story.case.units
    story.case.reassign_sub_task(p.URBAN, number, p.HOUSING_UNIT, story.now)
    with pytest.raises(WrongSubTask):
        story.case.finish_sub_task(p.HOUSING, number, "note", story.now)
    story.case.accept_sub_task(p.HOUSING, number, p.HOUSING_HANDLER, story.now)
    with pytest.raises(WrongSubTask):
        story.case.return_sub_task(p.HOUSING, number, "late", story.now)
    story.case.finish_sub_task(p.HOUSING, number, "note", story.now)
    with pytest.raises(WrongSubTask):
        story.case.waive_sub_task(p.CENTRE, number, "done_already", story.now)


@pytest.mark.domain("The case: Sub-task")
def test_the_lead_waives_only_the_sub_task_of_a_no_show() -> None:
    story = Story().whistled()
    story.case.report_in(p.URBAN, p.HANDLER, LIMITS, story.now)
    number = story.case.assign_sub_task(p.URBAN, p.WATER_UNIT, "t", None, story.now)
    with pytest.raises(NotYours):
        story.case.waive_sub_task(p.URBAN, number, "absent", story.now)
    story.after(31 * p.MINUTE)
    story.case.waive_sub_task(p.URBAN, number, "absent", story.now)
    assert events_of(story.case, events.SubTaskWaived)


@pytest.mark.domain("The case: Sub-task")
def test_only_the_lead_assigns_sub_tasks_and_only_their_unit_does_them() -> None:
    story = Story().in_progress()
    with pytest.raises(NotYours):
        story.case.assign_sub_task(p.STREET_STAFF, p.WATER_UNIT, "t", None, story.now)
    number = story.case.assign_sub_task(p.URBAN, p.WATER_UNIT, "t", None, story.now)
    with pytest.raises(NotYours):
        story.case.accept_sub_task(p.URBAN, number, p.WATER_HANDLER, story.now)


@pytest.mark.domain("Roles")
def test_a_grid_worker_does_the_sub_task_of_their_grid() -> None:
    story = Story().in_progress()
    number = story.case.assign_sub_task(p.URBAN, p.GRID_UNIT, "t", None, story.now)
    story.case.accept_sub_task(p.WORKER, number, p.holder(p.WORKER), story.now)
    story.case.finish_sub_task(p.WORKER, number, "note", story.now)


@pytest.mark.domain("The case: Reporters")
def test_no_sub_task_of_a_complaint_goes_to_the_unit_it_is_about() -> None:
    story = Story(about="water").in_progress()
    with pytest.raises(Avoided):
        story.case.assign_sub_task(p.URBAN, p.WATER_UNIT, "t", None, story.now)
    with pytest.raises(Avoided):
        story.case.ask(p.URBAN, asked("transfer", story), LIMITS, story.now)


@pytest.mark.domain("The case: Sub-task")
@pytest.mark.parametrize(("kind", "path"), [("centre", p.COUNTY), ("centre", p.CITY)])
def test_no_sub_task_goes_to_a_unit_where_nobody_does_one(kind: str, path: str) -> None:
    story = Story().in_progress()
    unit = UnitRef(id=path.split("/")[-2], path=path, kind=kind)
    returned = story.case.assign_sub_task(p.URBAN, p.WATER_UNIT, "t", None, story.now)
    story.case.return_sub_task(p.WATER, returned, "not_ours", story.now)
    with pytest.raises(TakesNoSubTask):
        story.case.assign_sub_task(p.URBAN, unit, "t", None, story.now)
    with pytest.raises(TakesNoSubTask):
        story.case.reassign_sub_task(p.URBAN, returned, unit, story.now)


@pytest.mark.domain("The case: Sub-task")
@pytest.mark.parametrize("place", [p.COMMUNITY, p.OTHER_GRID])
def test_no_sub_task_goes_to_a_grid_that_does_not_see_the_case(place: str) -> None:
    story = Story(place=p.PlaceAt(path=place))
    story.case.verify(p.STREET_STAFF, True, "note", (), story.now)
    story.in_progress()
    with pytest.raises(GridElsewhere):
        story.case.assign_sub_task(p.URBAN, p.GRID_UNIT, "t", None, story.now)


@pytest.mark.domain("The case: Reporters")
def test_neither_a_sub_task_nor_a_return_names_a_unit_from_which_the_complaint_is_kept() -> None:
    story = Story(about="150302011", place=p.PlaceAt(path=p.OTHER_STREET))
    story.case.register(p.CENTRE, p.registration(), LIMITS, story.now)
    story.case.dispatch(p.CENTRE, p.ORDER, LIMITS, story.now)
    community = UnitRef(id="150302011001", path=p.COMMUNITY, kind="community")
    with pytest.raises(Avoided):
        story.case.return_(p.URBAN, "entry-2", community, "not_ours", LIMITS, story.now)
    story.in_progress()
    for unit in (community, p.GRID_UNIT):
        with pytest.raises(Avoided):
            story.case.assign_sub_task(p.URBAN, unit, "t", None, story.now)


@pytest.mark.domain("The case: return")
@pytest.mark.parametrize("kind", ["centre", "grid", "micro_grid"])
def test_a_return_proposes_a_unit_that_handles_cases(kind: str) -> None:
    story = Story().dispatched()
    with pytest.raises(LeadsNoCase):
        story.case.return_(p.URBAN, "entry-2", UnitRef(id="x", path=p.GRID, kind=kind), "not_ours", LIMITS, story.now)


# -- requests -----------------------------------------------------------------------------------------


@pytest.mark.domain(REQUESTS)
@pytest.mark.parametrize("what", ["transfer", "extension", "suspension"])
def test_work_and_clock_go_on_until_a_request_is_granted(what: str) -> None:
    story = Story().in_progress()
    due = story.case.due
    story.case.ask(p.URBAN, asked(what, story), LIMITS, story.now)
    assert (story.case.state, story.case.due, story.case.lead) == (State.IN_PROGRESS, due, "urban-management")


@pytest.mark.domain(REQUESTS)
@pytest.mark.parametrize("missing", [{"reason": ""}, {"party_told": False}])
def test_a_request_needs_a_reason_and_the_party_told(missing: dict[str, Any]) -> None:
    story = Story().in_progress()
    with pytest.raises(NothingShown):
        story.case.ask(p.URBAN, asked("extension", story, **missing), LIMITS, story.now)


@pytest.mark.domain(REQUESTS)
def test_a_request_comes_before_the_case_is_due_from_the_lead_and_one_at_a_time() -> None:
    story = Story().in_progress()
    with pytest.raises(WrongRole):
        story.case.ask(p.WORKER, asked("extension", story), LIMITS, story.now)
    with pytest.raises(NotYours):
        story.case.ask(p.STREET_STAFF, asked("extension", story), LIMITS, story.now)
    number = story.case.ask(p.URBAN, asked("extension", story), LIMITS, story.now)
    with pytest.raises(RequestPending):
        story.case.ask(p.URBAN, asked("extension", story), LIMITS, story.now)
    story.case.refuse(p.CENTRE, number, "no_need", story.now)
    with pytest.raises(RequestDecided):
        story.case.grant(p.CENTRE, number, LIMITS, story.now)
    late = story.case.due
    with pytest.raises(TooLate):
        story.case.ask(p.URBAN, asked("extension", story, until=late + p.DAY), LIMITS, late)


@pytest.mark.domain(REQUESTS)
def test_the_lowest_street_or_centre_above_the_lead_grants_and_never_the_lead_itself() -> None:
    story = Story().in_progress()
    number = story.case.ask(p.URBAN, asked("extension", story), LIMITS, story.now)
    with pytest.raises(NotYours):
        story.case.grant(p.STREET_STAFF, number, LIMITS, story.now)
    story.case.grant(p.CENTRE, number, LIMITS, story.now)

    own = Story().registered()
    own.case.take_on(p.STREET_STAFF, p.STREET_HANDLER, LIMITS, own.now)
    number = own.case.ask(p.STREET_STAFF, asked("extension", own), LIMITS, own.now)
    with pytest.raises(NotYours) as refused:
        own.case.grant(p.STREET_STAFF, number, LIMITS, own.now)
    assert refused.value.data == {"owner": p.COUNTY}
    own.case.grant(p.CENTRE, number, LIMITS, own.now)


@pytest.mark.domain(REQUESTS)
def test_one_extension_of_at_most_the_original_time() -> None:
    story = Story().in_progress()
    due = story.case.due
    with pytest.raises(TooLong):
        story.case.ask(p.URBAN, asked("extension", story, until=due + 7 * p.DAY + p.MINUTE), LIMITS, story.now)
    number = story.case.ask(p.URBAN, asked("extension", story, until=due + 7 * p.DAY), LIMITS, story.now)
    story.case.grant(p.CENTRE, number, LIMITS, story.now)
    assert story.case.due == due + 7 * p.DAY
    with pytest.raises(ExtendedBefore):
        story.case.ask(p.URBAN, asked("extension", story), LIMITS, story.now)


@pytest.mark.domain(REQUESTS)
def test_a_suspension_lasts_at_most_thirty_days_stops_the_clock_and_ends_by_itself() -> None:
    story = Story().in_progress()
    with pytest.raises(TooLong):
        story.case.ask(p.URBAN, asked("suspension", story, until=story.now + 30 * p.DAY + p.MINUTE), LIMITS, story.now)
    due = story.case.due
    number = story.case.ask(p.URBAN, asked("suspension", story, until=story.now + 30 * p.DAY), LIMITS, story.now)
    story.case.grant(p.CENTRE, number, LIMITS, story.now)
    assert story.case.state == State.SUSPENDED
    story.after(31 * p.DAY)
    assert story.case.state == State.IN_PROGRESS
    assert story.case.due == due + 30 * p.DAY
    assert events_of(story.case, events.Breached) == []


@pytest.mark.domain(REQUESTS)
def test_the_lead_can_resume_before_a_suspension_ends() -> None:
    story = Story().in_progress()
    due = story.case.due
    number = story.case.ask(p.URBAN, asked("suspension", story, until=story.now + 5 * p.DAY), LIMITS, story.now)
    story.case.grant(p.CENTRE, number, LIMITS, story.now)
    story.after(2 * p.DAY).case.resume(p.URBAN, LIMITS, story.now)
    assert (story.case.state, story.case.due) == (State.IN_PROGRESS, due + 2 * p.DAY)


@pytest.mark.domain(REQUESTS)
def test_a_suspended_case_is_due_on_its_new_day() -> None:
    story = Story().in_progress()
    due = story.case.due
    number = story.case.ask(p.URBAN, asked("suspension", story, until=story.now + 5 * p.DAY), LIMITS, story.now)
    story.case.grant(p.CENTRE, number, LIMITS, story.now)
    assert story.case.due == due + 5 * p.DAY
    (suspended,) = events_of(story.case, events.Suspended)
    assert suspended.case.counted_due == suspended.case.due == due + 5 * p.DAY


@pytest.mark.domain(REQUESTS)
def test_the_suspensions_of_one_case_sum_to_at_most_sixty_days() -> None:
    story = Story().in_progress()
    for days in (30, 20):
        until = story.now + days * p.DAY
        number = story.case.ask(p.URBAN, asked("suspension", story, until=until), LIMITS, story.now)
        story.case.grant(p.CENTRE, number, LIMITS, story.now)
        story.after(days * p.DAY)
    with pytest.raises(TooLong) as refusal:
        story.case.ask(p.URBAN, asked("suspension", story, until=story.now + 11 * p.DAY), LIMITS, story.now)
    assert refusal.value.data["latest"] == (story.now + 10 * p.DAY).isoformat()
    number = story.case.ask(p.URBAN, asked("suspension", story, until=story.now + 10 * p.DAY), LIMITS, story.now)
    story.case.grant(p.CENTRE, number, LIMITS, story.now)


def test_only_the_days_that_a_case_was_suspended_count() -> None:
    story = Story().in_progress()
    for _ in range(3):
        until = story.now + 30 * p.DAY
        number = story.case.ask(p.URBAN, asked("suspension", story, until=until), LIMITS, story.now)
        story.case.grant(p.CENTRE, number, LIMITS, story.now)
        story.after(p.DAY).case.resume(p.URBAN, LIMITS, story.now)
    assert story.case.state == State.IN_PROGRESS


@pytest.mark.domain(REQUESTS)
def test_a_granted_transfer_gives_the_case_to_another_unit_and_keeps_the_clock() -> None:
    story = Story().in_progress()
    due = story.case.due
    with pytest.raises(OffTheList):
        story.case.ask(p.URBAN, asked("transfer", story, entry=None), LIMITS, story.now)
    number = story.case.ask(p.URBAN, asked("transfer", story), LIMITS, story.now)
    story.case.grant(p.CENTRE, number, LIMITS, story.now)
    assert (story.case.state, story.case.lead, story.case.due) == (State.DISPATCHED, "water", due)
    assert story.case.units == ["water"]


@pytest.mark.domain(REQUESTS)
def test_pending_requests_lapse_when_the_case_is_resolved() -> None:
    story = Story().in_progress()
    number = story.case.ask(p.URBAN, asked("extension", story), LIMITS, story.now)
    story.inspecting()
    assert story.case.requests[-1].state == "LAPSED"
    with pytest.raises((RequestDecided, WrongState)):
        story.case.grant(p.CENTRE, number, LIMITS, story.now)
