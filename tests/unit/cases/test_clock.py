"""The clock of the case, its marks, supervision 督办 and urges 催办."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.cases.api.states import Priority, State
from services.cases.case import events
from services.cases.case.model.base import MOST_ENTRIES
from services.cases.case.model.case import Case
from services.cases.case.model.lead_requests import RequestInput
from services.cases.case.model.limits import Limits
from services.cases.case.model.permissions import NotYours, OwnWork
from services.cases.case.model.states import WrongState
from services.cases.case.model.supervision import SupervisionOver
from services.cases.case.model.timer import TimerLoop
from services.cases.case.model.urge import UrgeAlreadyAnswered, UrgedToday
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story, events_of
from vocabulary.access import WrongRole

CLOCK = "The case: Clock"
SUPERVISION = "The case: supervision (督办)"
URGE = "The case: 催办"


def marks_passed(case: Case) -> list[str]:
    """What the marks told the handler and the tiers, in order."""
    kinds = (events.HandlerReminded, events.Breached, events.SupervisionOpened, events.SupervisionRaised)
    return [type(event).__name__ for event in case.pending if isinstance(event, kinds)]


@pytest.mark.domain("The case: Limits")
@pytest.mark.parametrize(
    ("priority", "span"),
    [(Priority.P1, 2 * p.HOUR), (Priority.P2, p.DAY), (Priority.P3, 7 * p.DAY), (Priority.P4, 15 * p.DAY)],
)
def test_the_clock_starts_at_registration_with_the_limit_of_the_priority(priority: Priority, span: p.timedelta) -> None:
    story = Story(priority).verified().after(p.HOUR).registered()
    assert story.case.due == story.now + span


@pytest.mark.domain(CLOCK)
def test_a_rework_has_the_time_left() -> None:
    story = Story().in_progress().after(2 * p.DAY).inspecting().after(3 * p.DAY)
    story.case.inspect(p.STREET_STAFF, False, "visit", "note", LIMITS, story.now)
    assert story.case.due == story.now + 5 * p.DAY


@pytest.mark.domain(CLOCK)
def test_a_rework_has_at_least_a_quarter_of_the_original_limit() -> None:
    story = Story().in_progress().after(6 * p.DAY).inspecting()
    story.case.inspect(p.STREET_STAFF, False, "visit", "note", LIMITS, story.now)
    assert story.case.due == story.now + 7 * p.DAY / 4


@pytest.mark.domain(CLOCK)
def test_a_reopened_case_has_half_of_the_limit_and_its_first_result_stays() -> None:
    story = Story().reopened()
    assert story.case.due == story.now + 7 * p.DAY / 2
    assert [result.round for result in story.case.results] == [1]
    assert story.case.round == 2


@pytest.mark.domain(CLOCK)
def test_changed_limits_reach_an_open_case_only_by_an_explicit_command() -> None:
    story = Story().in_progress()
    due = story.case.due
    shorter = Limits.default().changed({"case": {"P3": "3d"}})
    story.after(p.DAY)
    assert story.case.due == due
    story.case.recompute(p.STREET_STAFF, shorter, "2", story.now)
    assert (story.case.due, story.case.limits_version) == (p.START + 3 * p.DAY, "2")
    with pytest.raises(WrongRole):
        story.case.recompute(p.URBAN, shorter, "2", story.now)


@pytest.mark.domain(CLOCK)
def test_recomputing_keeps_suspended_time() -> None:
    story = Story().suspended(2 * p.DAY).after(3 * p.DAY)
    story.case.recompute(p.STREET_STAFF, Limits.default().changed({"case": {"P3": "10d"}}), "2", story.now)
    assert story.case.due == p.START + 12 * p.DAY


@pytest.mark.domain(CLOCK)
def test_a_suspension_over_a_weekend_gives_no_working_days_when_limits_are_recomputed() -> None:
    limits = Limits.default().changed({"case": {"P3": "5wd"}})
    story = Story()
    story.verified().case.register(p.STREET_STAFF, p.registration(), limits, story.now)
    story.in_progress()
    friday, monday = p.START + 4 * p.DAY + 6 * p.HOUR, p.START + 6 * p.DAY + 23 * p.HOUR
    story.now = friday
    form = RequestInput(what="suspension", reason="frost", party_told=True, until=monday)
    story.case.grant(p.CENTRE, story.case.ask(p.URBAN, form, limits, friday), limits, friday)
    story.case.tick(monday + p.HOUR, limits)
    due = story.case.due
    assert due == datetime(2026, 3, 9, 3, 0, tzinfo=UTC)
    story.case.recompute(p.STREET_STAFF, limits, "2", monday + p.HOUR)
    assert story.case.due == due


@pytest.mark.domain(CLOCK)
def test_an_extension_stays_as_long_as_it_was_when_the_limit_counts_another_kind_of_days() -> None:
    story = Story().in_progress()
    form = RequestInput(what="extension", reason="parts", party_told=True, until=story.case.due + 7 * p.DAY)
    story.case.grant(p.CENTRE, story.case.ask(p.URBAN, form, LIMITS, story.now), LIMITS, story.now)
    working = Limits.default().changed({"case": {"P3": "5wd"}})
    story.case.recompute(p.STREET_STAFF, working, "2", story.now)
    # The seven days from Monday the 9th on are five working days, which follow the five from the 2nd on.
    assert story.case.due == p.START + 14 * p.DAY
    story.case.recompute(p.STREET_STAFF, LIMITS, "3", story.now)
    assert story.case.due == p.START + 14 * p.DAY


@pytest.mark.domain(SUPERVISION)
def test_80_percent_reminds_the_handler_100_opens_supervision_150_raises_it() -> None:
    story = Story().in_progress()
    story.case.contact(p.URBAN, "note", story.now)
    story.after(7 * p.DAY * 0.8 - p.MINUTE)
    assert story.case.mark == ""
    story.after(p.MINUTE)
    assert (story.case.mark, len(events_of(story.case, events.HandlerReminded))) == ("yellow", 1)
    story.after(7 * p.DAY * 0.2)
    assert (story.case.mark, [s.tier for s in story.case.supervisions]) == ("red", [p.COUNTY])
    assert events_of(story.case, events.Breached)[0].unit == "urban-management"
    story.after(7 * p.DAY * 0.5)
    assert [s.tier for s in story.case.supervisions] == [p.CITY]
    assert story.case.lead == "urban-management"


@pytest.mark.domain(SUPERVISION)
@pytest.mark.parametrize("share", [0.8, 1, 1.5])
def test_marks_that_passed_do_not_fire_again_when_the_limit_is_recomputed(share: float) -> None:
    story = Story().in_progress().after(7 * p.DAY * share)
    passed = marks_passed(story.case)
    story.case.recompute(p.STREET_STAFF, LIMITS, "2", story.now)
    assert marks_passed(story.after(p.MINUTE).case) == passed


@pytest.mark.domain(SUPERVISION)
def test_a_reminder_does_not_fire_again_when_an_extension_leaves_it_in_the_past() -> None:
    story = Story().in_progress().after(7 * p.DAY - p.HOUR)
    form = RequestInput(what="extension", reason="parts", party_told=True, until=story.case.due + p.DAY)
    story.case.grant(p.CENTRE, story.case.ask(p.URBAN, form, LIMITS, story.now), LIMITS, story.now)
    story.after(p.MINUTE)
    assert (story.case.mark, len(events_of(story.case, events.HandlerReminded))) == ("yellow", 1)


@pytest.mark.domain(SUPERVISION)
def test_a_suspension_after_the_reminder_keeps_it_passed() -> None:
    story = Story().in_progress().after(6 * p.DAY)._suspend(p.DAY)
    assert story.case.mark == "yellow"
    story.after(p.DAY)
    assert (story.case.mark, len(events_of(story.case, events.HandlerReminded))) == ("yellow", 1)


@pytest.mark.domain(SUPERVISION)
def test_a_mark_that_moves_into_the_future_fires_again_when_it_passes() -> None:
    story = Story().in_progress().after(7 * p.DAY * 0.8)
    story.case.recompute(p.STREET_STAFF, Limits.default().changed({"case": {"P3": "10d"}}), "2", story.now)
    assert (story.case.mark, len(events_of(story.case, events.HandlerReminded))) == ("", 1)
    story.after(10 * p.DAY * 0.8 - 7 * p.DAY * 0.8)
    assert (story.case.mark, len(events_of(story.case, events.HandlerReminded))) == ("yellow", 2)


@pytest.mark.domain(SUPERVISION)
def test_supervision_at_the_top_tier_stays_there() -> None:
    story = Story().registered()
    story.case.escalate(p.STREET_STAFF, "big", story.now)
    story.case.escalate(p.CENTRE, "big", story.now)
    story.after(30 * p.DAY)
    assert [s.tier for s in story.case.supervisions] == [p.CITY]


@pytest.mark.domain(CLOCK)
def test_marks_that_passed_during_downtime_fire_once_and_in_order() -> None:
    story = Story().in_progress()
    already = len(story.case.pending)
    story.after(60 * p.DAY).after(p.DAY)
    fired = [type(event).__name__ for event in story.case.pending[already:]]
    assert fired == [
        "StepOverdue", "HandlerReminded", "Breached", "SupervisionOpened", "StepOverdue", "SupervisionRaised",
    ]  # fmt: skip
    marks = [step for step in story.case.history if step["act"] in ("overdue", "supervise", "raise_supervision")]
    assert [step["at"] for step in marks] == sorted(step["at"] for step in marks)
    assert all(timer.at > story.now for timer in story.case.timers())


@pytest.mark.domain(CLOCK)
def test_a_case_is_due_when_its_next_timer_fires() -> None:
    story = Story().registered()
    assert story.case.due_at() == story.case.step_due
    assert Story().closed().case.due_at() is None


@pytest.mark.domain(SUPERVISION)
def test_a_street_or_centre_supervises_work_that_is_not_its_own() -> None:
    story = Story().in_progress()
    number = story.case.supervise(p.STREET_STAFF, "complaints", story.now)
    with pytest.raises(NotYours):
        story.case.answer_supervision(p.COMMUNITY_STAFF, number, "note", story.now)
    story.case.answer_supervision(p.URBAN, number, "note", story.now)
    story.case.close_supervision(p.STREET_STAFF, number, story.now)
    with pytest.raises(SupervisionOver):
        story.case.close_supervision(p.STREET_STAFF, number, story.now)

    own = Story().registered()
    own.case.take_on(p.STREET_STAFF, p.STREET_HANDLER, LIMITS, own.now)
    with pytest.raises(OwnWork):
        own.case.supervise(p.STREET_STAFF, "complaints", own.now)


@pytest.mark.domain(SUPERVISION)
def test_a_lower_tier_cannot_close_a_higher_tiers_supervision() -> None:
    story = Story().in_progress()
    number = story.case.supervise(p.CENTRE, "complaints", story.now)
    with pytest.raises(NotYours):
        story.case.close_supervision(p.STREET_STAFF, number, story.now)
    with pytest.raises(WrongRole):
        story.case.supervise(p.SUPERVISOR, "looks_bad", story.now)


@pytest.mark.domain(URGE)
def test_urging_changes_no_state_and_has_a_limit_for_its_answer() -> None:
    story = Story().in_progress()
    number = story.case.urge(p.RESIDENT, LIMITS, story.now)
    assert story.case.state == State.IN_PROGRESS
    assert events_of(story.case, events.Urged)[0].answer_by == story.now + p.DAY
    with pytest.raises(NotYours):
        story.case.answer_urge(p.STREET_STAFF, number, "note", story.now)
    story.case.answer_urge(p.URBAN, number, "note", story.now)
    with pytest.raises(UrgeAlreadyAnswered):
        story.case.answer_urge(p.URBAN, number, "note", story.now)


@pytest.mark.domain(URGE)
def test_an_urge_of_an_urgent_case_is_due_in_an_hour_and_reported_overdue_once() -> None:
    story = Story(Priority.P2).in_progress()
    story.case.urge(p.RESIDENT, LIMITS, story.now)
    story.after(p.HOUR - p.MINUTE)
    assert events_of(story.case, events.UrgeOverdue) == []
    story.after(p.MINUTE).after(p.HOUR)
    assert len(events_of(story.case, events.UrgeOverdue)) == 1


@pytest.mark.domain(URGE)
def test_a_party_urges_once_a_day_and_the_third_urge_opens_supervision() -> None:
    story = Story().in_progress()
    story.case.urge(p.RESIDENT, LIMITS, story.now)
    with pytest.raises(UrgedToday):
        story.case.urge(p.RESIDENT, LIMITS, story.now + 23 * p.HOUR)
    story.after(p.DAY).case.urge(p.HOTLINE, LIMITS, story.now, person="r-1")
    assert story.case.supervisions == []
    story.after(p.DAY).case.urge(p.RESIDENT, LIMITS, story.now)
    assert [s.reasons for s in story.case.supervisions] == [["urged"]]


@pytest.mark.domain(URGE)
def test_nobody_urges_a_closed_case() -> None:
    with pytest.raises(WrongState):
        Story().closed().case.urge(p.RESIDENT, LIMITS, p.START)


@pytest.mark.domain("The case: Limits")
def test_closing_is_due_the_accept_limit_after_the_case() -> None:
    story = Story(Priority.P2).inspecting()
    assert story.case.closing_due == story.case.due + p.HOUR
    story.after(p.DAY + p.HOUR)
    assert [event.step for event in events_of(story.case, events.StepOverdue)] == ["inspect", "close"]


def test_a_timer_that_does_not_remove_its_cause_is_an_error_and_no_endless_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = Story().registered()
    monkeypatch.setattr(Case, "_mark_step_overdue", lambda *_: None)
    with pytest.raises(TimerLoop) as loop:
        story.after(30 * p.DAY)
    assert loop.value.data == {"case": "CASE1", "timer": "step"}


def test_a_case_with_as_many_timers_as_it_can_hold_fires_each_once() -> None:
    story = Story().in_progress()
    for _ in range(MOST_ENTRIES):
        story.case.assign_sub_task(p.URBAN, p.WATER_UNIT, "sealed:title", None, story.now)
    story.after(30 * p.DAY)
    assert len(events_of(story.case, events.SubTaskOverdue)) == MOST_ENTRIES
