"""Visits: planned and paid, missed and passed up; what was found becomes a case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from chassis.security.principal import Principal
from services.residents.households.model import HouseholdDissolved
from services.residents.visits import events
from services.residents.visits.model import CANCELLED, DONE, MISSED, PLANNED, Following, Home, Visit, WrongVisitState
from services.residents.visits.rhythm import Day
from tests.unit.residents import samples as s
from vocabulary.access import NotYourArea, WrongRole

pytestmark = pytest.mark.domain("定期家访、排查、座谈")
ZONE = ZoneInfo("Asia/Shanghai")
TODAY = s.NOW.astimezone(ZONE).date()
RAISE_AFTER = 3
#: What may happen to a visit, and the states in which somebody may do it.
STEPS = {"tick": None, "finish": (PLANNED, MISSED), "cancel": (PLANNED, MISSED), "move": (PLANNED,)}


def day(ahead: int) -> Day:
    return Day.of(TODAY + timedelta(days=ahead), ZONE)


def home(key: str = "D1", area: str = s.GRID) -> Home:
    dwelling = s.dwelling(key, area)
    return Home(s.household("H1", dwelling), dwelling)


def visit(ahead: int = 7) -> Visit:
    return Visit.in_turn("V1", home(), day(ahead), s.NOW)


def kinds(told: Visit) -> list[type]:
    return [type(event) for event in told.pending]


def following(state: str, sequence: int, key: str = "C1") -> Following:
    return Following(id=key, number="20260302-0001", state=state, area=s.GRID, sequence=sequence)


@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 90)), max_size=12))
def test_a_visit_is_paid_or_cancelled_once_and_missed_when_its_day_is_over(steps: list[tuple[str, int]]) -> None:
    kept, now = visit(), s.NOW
    for step, hours in steps:
        now += timedelta(hours=hours)
        before, ends = kept.state, kept.ends_at
        if step == "tick":
            kept.tick(now, RAISE_AFTER)
            assert kept.state == (MISSED if before == PLANNED and ends <= now else before)
        elif before not in (STEPS[step] or ()):
            with pytest.raises(WrongVisitState):
                take(kept, step, now)
            assert kept.state == before
        else:
            take(kept, step, now)
            assert kept.state == {"finish": DONE, "cancel": CANCELLED, "move": PLANNED}[step]
        assert (kept.due_at() is None) == (kept.state in (DONE, CANCELLED) or (kept.state == MISSED and at_top(kept)))
    ended = [kind for kind in kinds(kept) if kind in (events.VisitDone, events.VisitCancelled)]
    assert len(ended) == (kept.state in (DONE, CANCELLED))


def take(kept: Visit, step: str, now: datetime) -> None:
    if step == "finish":
        kept.finish(s.WORKER, "sealed", "", now)
    elif step == "cancel":
        kept.cancel(s.WORKER, "sealed", now)
    else:
        kept.move(s.WORKER, Day.of(now.astimezone(ZONE).date() + timedelta(days=2), ZONE), "g-1", now)


def at_top(kept: Visit) -> bool:
    return kept.tier == "street"


def test_a_visit_is_reminded_of_in_the_morning_of_its_day_once() -> None:
    kept = visit(1)
    assert kept.due_at() == kept.remind_at == datetime(2026, 3, 3, 0, tzinfo=UTC)
    kept.tick(kept.remind_at - timedelta(seconds=1), RAISE_AFTER)
    assert events.VisitReminded not in kinds(kept)
    for _ in range(2):
        kept.tick(kept.remind_at, RAISE_AFTER)
    assert kinds(kept).count(events.VisitReminded) == 1
    assert kept.due_at() == kept.ends_at == datetime(2026, 3, 3, 16, tzinfo=UTC)


def test_a_missed_visit_goes_up_a_tier_every_so_many_days_as_far_as_the_street() -> None:
    kept = visit(1)
    kept.tick(kept.ends_at, RAISE_AFTER)
    assert (kept.state, kept.tier) == (MISSED, "")
    raised = []
    while moment := kept.due_at():
        kept.tick(moment, RAISE_AFTER)
        raised.append((kept.tier, kept.pending[-1].to, moment - kept.ends_at))
    assert raised == [("community", s.COMMUNITY, timedelta(days=3)), ("street", s.STREET, timedelta(days=6))]
    kept.finish(s.WORKER, "sealed", "", s.NOW)
    assert (kept.state, kept.due_at()) == (DONE, None)


def test_a_timer_that_fires_late_passes_a_visit_up_one_tier_at_a_time() -> None:
    kept = visit(1)
    kept.tick(kept.ends_at + timedelta(days=30), RAISE_AFTER)
    assert kinds(kept)[1:] == [events.VisitReminded, events.VisitMissed, events.VisitRaised]
    assert kept.tier == "community"


def test_the_rhythm_moves_a_visit_unless_somebody_chose_its_day_or_it_was_missed() -> None:
    kept = visit(7)
    kept.settle(home(), day(3))
    assert (kept.day, kinds(kept)) == (TODAY + timedelta(days=3), [events.VisitPlanned] * 2)
    kept.settle(home(), day(3))
    assert len(kept.pending) == 2
    kept.move(s.WORKER, day(5), "", s.NOW)
    kept.settle(home(), day(2))
    assert kept.day == TODAY + timedelta(days=5)
    kept.tick(kept.ends_at, RAISE_AFTER)
    kept.settle(home(), day(9))
    assert (kept.state, kept.day) == (MISSED, TODAY + timedelta(days=5))


def test_a_visit_lapses_when_nothing_asks_for_it_and_its_rhythm_does_not_count_from_then() -> None:
    kept = visit()
    kept.settle(home(), None)
    assert (kept.state, kept.counts_from) == (CANCELLED, None)
    called_off = visit()
    called_off.cancel(s.WORKER, "sealed", s.NOW)
    assert called_off.counts_from == s.NOW


def test_what_somebody_planned_stays_when_nothing_asks_for_it_but_not_when_the_household_is_dissolved() -> None:
    kept, gone = Visit.plan(s.WORKER, "V1", home(), "talk", day(2), "", s.NOW), home()
    kept.settle(home(), None)
    assert kept.state == PLANNED
    gone.household.dissolve(s.STREET_STAFF, 0)
    kept.settle(gone, None)
    assert kept.state == CANCELLED
    with pytest.raises(HouseholdDissolved):
        Visit.plan(s.WORKER, "V2", gone, "home", day(2), "", s.NOW)


def test_a_visit_that_waits_moves_with_the_household_and_one_that_is_over_stays() -> None:
    kept, paid, elsewhere = visit(), visit(), home("D2", s.OTHER_GRID)
    paid.finish(s.WORKER, "sealed", "", s.NOW)
    for each in (kept, paid):
        each.settle(elsewhere, day(7))
    assert (kept.area, kept.dwelling, kept.codes[-1]) == (s.OTHER_GRID, "D2", "150302003014002")
    assert (paid.area, paid.dwelling) == (s.GRID, "D1")


def test_a_visit_that_is_over_stays_with_its_dwelling_when_grids_are_merged() -> None:
    paid, merged = visit(), home("D1", s.OTHER_GRID)
    paid.finish(s.WORKER, "sealed", "", s.NOW)
    paid.settle(merged, day(7))
    assert (paid.area, paid.state, paid.day) == (s.OTHER_GRID, DONE, TODAY + timedelta(days=7))


def test_nobody_plans_a_visit_for_yesterday_or_for_the_year_after_next() -> None:
    for ahead in (-1, 401):
        with pytest.raises(Invalid):
            Visit.plan(s.WORKER, "V1", home(), "home", day(ahead), "", s.NOW)
    assert Visit.plan(s.WORKER, "V1", home(), "home", day(0), "", s.NOW).day == TODAY


def test_a_visit_that_nobody_planned_is_recorded_as_paid() -> None:
    paid = Visit.unplanned(s.WORKER, "V1", home(), "check", day(0), "sealed", "", s.NOW)
    assert (paid.state, paid.planned, paid.done_by, paid.counts_from) == (DONE, False, "g-1", s.NOW)
    assert kinds(paid) == [events.VisitDone]


@pytest.mark.domain("Privacy: events carry ids")
def test_what_was_found_for_the_city_is_told_without_the_household_or_the_words() -> None:
    kept = visit()
    kept.finish(s.WORKER, "sealed", "service.care.care", s.NOW)
    found = kept.pending[-1]
    assert isinstance(found, events.VisitFound)
    assert (found.visit, found.area, found.category) == ("V1", s.GRID, "service.care.care")
    for event in kept.pending:
        assert not {"H1", "D1", "sealed"} & {str(getattr(event, name)) for name in event.__struct_fields__}


def test_a_visit_follows_its_case_by_the_order_of_the_cases_events() -> None:
    kept = visit()
    kept.finish(s.WORKER, "sealed", "service.care.care", s.NOW)
    for state, sequence in (("VERIFYING", 2), ("REPORTED", 1), ("REGISTERED", 3)):
        kept.follow_case(following(state, sequence))
    kept.follow_case(following("CLOSED", 9, "C2"))
    assert kept.case is not None
    assert (kept.case.id, kept.case.state) == ("C1", "REGISTERED")
    assert kinds(kept).count(events.VisitFollowed) == 1


@pytest.mark.parametrize(
    ("by", "shown"),
    [(s.WORKER, True), (s.CENTRE, True), (s.NEIGHBOUR, False), (s.person("d-1", "department", ""), False)],
)
def test_a_visit_shows_its_case_to_those_who_may_read_it(by: Principal, shown: bool) -> None:
    kept = visit()
    kept.follow_case(following("REPORTED", 1))
    assert (kept.case_for(by) is not None) is shown


def test_visits_are_planned_and_recorded_by_the_grid_the_community_and_the_street_of_the_place() -> None:
    for by, refusal in ((s.NEIGHBOUR, NotYourArea), (s.CENTRE, WrongRole), (s.SOMEBODY, WrongRole)):
        with pytest.raises(refusal):
            Visit.plan(by, "V1", home(), "home", day(1), "", s.NOW)
        with pytest.raises(refusal):
            Visit.unplanned(by, "V1", home(), "home", day(0), "sealed", "", s.NOW)
        for step in ("finish", "cancel", "move"):
            with pytest.raises(refusal):
                take_as(by, step)


def take_as(by: Principal, step: str) -> None:
    kept = visit()
    if step == "finish":
        kept.finish(by, "sealed", "", s.NOW)
    elif step == "cancel":
        kept.cancel(by, "sealed", s.NOW)
    else:
        kept.move(by, day(2), "", s.NOW)
