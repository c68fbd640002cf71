"""Entries of what residents can give or need: in force at once, reviewed, and over by themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from services.residents.categories.events import CategoryChanged
from services.residents.categories.model.category import CategoryEntry
from services.residents.categories.model.entry import WrongEntryState
from services.residents.categories.model.term import Term
from services.residents.people.model import NotLivingHere
from tests.unit.residents import samples as s
from tests.unit.residents.entries import DAY, GIVEN, LATEST, YEAR, category, term
from vocabulary.access import NotYourArea, WrongRole

pytestmark = pytest.mark.domain("资源型/服务型/管理型")
GRID = "150302003014001"


def test_an_entry_is_in_force_at_once_and_listed_by_its_kind() -> None:
    entry = category()
    assert (entry.state, entry.resident, entry.valid_from) == ("IN_FORCE", "R1", s.NOW)
    assert {GRID, f"{GRID}/service"} <= set(entry.listed)


def test_its_event_says_neither_whose_it_is_nor_what() -> None:
    entry = category()
    assert entry.pending == [CategoryChanged(id="E1", area=s.GRID, kind="service", state="IN_FORCE")]
    assert "R1" not in repr(entry.pending)


def test_without_days_it_lasts_as_long_as_the_retention_and_is_reviewed_a_month_before() -> None:
    assert term() == (LATEST, LATEST - timedelta(days=30))
    assert term(s.NOW + 9 * DAY) == (s.NOW + 9 * DAY, s.NOW + 9 * DAY)


@given(st.integers(-400, 800), st.integers(-400, 800))
def test_no_term_lasts_longer_than_the_retention_or_is_reviewed_after_its_end(until: int, review: int) -> None:
    try:
        made = term(s.NOW + until * DAY, s.NOW + review * DAY)
    except Invalid as refusal:
        [fault] = refusal.faults
        assert fault[0] == ("review_at" if 0 < until <= 365 else "valid_until")
        return
    assert s.NOW < made.review_at <= made.valid_until <= LATEST


def test_an_entry_does_not_begin_in_the_future() -> None:
    with pytest.raises(Invalid) as refusal:
        CategoryEntry.record(s.WORKER, "E1", s.resident(), "resource", GIVEN, s.NOW + DAY, term(), s.NOW)
    assert refusal.value.faults[0][0] == "valid_from"


def test_a_review_extends_it_and_starts_the_retention_again() -> None:
    entry, later = category(), s.NOW + 300 * DAY
    entry.review(s.COMMUNITY_STAFF, Term.of(later, later + YEAR, None, None), later)
    assert (entry.valid_until, entry.reviewed_at, entry.due_at()) == (later + YEAR, later, later + YEAR)


def test_it_expires_at_its_end_and_not_before() -> None:
    entry = category()
    entry.expire(LATEST - DAY)
    assert entry.state == "IN_FORCE"
    entry.expire(LATEST)
    assert (entry.state, entry.listed, entry.due_at()) == ("EXPIRED", [], None)
    assert entry.pending[-1].state == "EXPIRED"


def test_a_shorter_retention_ends_it_before_its_own_end() -> None:
    entry = category()
    entry.lapse()
    entry.lapse()
    assert [each.state for each in entry.pending] == ["IN_FORCE", "EXPIRED"]


def test_what_is_over_is_neither_reviewed_nor_ended_again() -> None:
    entry = category()
    entry.end(s.WORKER, "sealed")
    assert (entry.state, entry.why, entry.listed) == ("ENDED", "sealed", [])
    with pytest.raises(WrongEntryState):
        entry.end(s.WORKER, "")
    with pytest.raises(WrongEntryState):
        entry.review(s.WORKER, term(), s.NOW)


def test_nobody_reviews_what_ended_a_moment_ago_though_no_timer_has_come_by() -> None:
    entry = category()
    with pytest.raises(WrongEntryState):
        entry.review(s.WORKER, Term.of(LATEST, LATEST + YEAR, None, None), LATEST)


def test_it_goes_with_the_person_and_ends_when_they_leave() -> None:
    family = s.household()
    person = s.resident(of=family)
    entry = category(resident=person)
    family.move(s.STREET_STAFF, s.dwelling("D2", s.OTHER_GRID))
    person.follow(family, [])
    entry.follow(person)
    assert (entry.area, entry.state) == (s.OTHER_GRID, "IN_FORCE")
    assert "150302003014002" in entry.listed
    person.move_out(s.STREET_STAFF, s.NOW, "", "")
    entry.follow(person)
    assert (entry.state, entry.listed) == ("ENDED", [])


def test_what_follows_without_a_change_tells_nothing() -> None:
    entry = category()
    entry.follow(s.resident())
    assert len(entry.pending) == 1


def test_it_goes_to_the_record_that_stays_and_knows_where_it_came_from() -> None:
    entry = category()
    entry.follow(s.resident("R2"))
    assert (entry.resident, entry.recorded_for) == ("R2", "R1")


def test_who_moved_away_gets_no_entry() -> None:
    person = s.resident()
    person.move_out(s.WORKER, s.NOW, "", "")
    with pytest.raises(NotLivingHere):
        category(resident=person)


def test_entries_are_kept_and_seen_by_whoever_keeps_residents_there() -> None:
    for by, refusal in ((s.NEIGHBOUR, NotYourArea), (s.CENTRE, WrongRole), (s.SOMEBODY, WrongRole)):
        with pytest.raises(refusal):
            category(by)
        assert not category().seen_by(by)
    assert all(category().seen_by(by) for by in (s.WORKER, s.COMMUNITY_STAFF, s.STREET_STAFF))
