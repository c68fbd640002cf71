"""Statutory management: two others approve, it ends by itself, and nothing tells of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Problem
from chassis.persistence.aggregate import Aggregate
from services.residents.categories.commands import _forget as forget_categories
from services.residents.categories.events import CategoryChanged
from services.residents.categories.model.entry import OPEN, WrongEntryState
from services.residents.managed.commands import ManagedCommands
from services.residents.managed.model import ManagedEntry, NotApartEnough
from tests.unit.residents import samples as s
from tests.unit.residents.entries import DAY, LATEST, YEAR, managed
from vocabulary.access import NotYourArea, WrongRole
from vocabulary.roles import DUTIES, Purpose

pytestmark = pytest.mark.domain("Privacy: 管理型")
ONE, OTHER = s.person("s-1", "street", s.STREET), s.person("s-2", "street", s.STREET)
BOTH = s.person("c-1", "street", s.STREET)  # who works for the community as well
PEOPLE = (ONE, OTHER, BOTH, s.COMMUNITY_STAFF, s.WORKER, s.CENTRE, s.NEIGHBOUR)


def in_force() -> ManagedEntry:
    entry = managed()
    entry.approve(ONE, s.NOW)
    entry.approve(OTHER, s.NOW + DAY)
    return entry


def test_it_holds_from_the_second_approval() -> None:
    entry = managed()
    assert (entry.state, entry.valid_from) == ("PROPOSED", None)
    entry.approve(ONE, s.NOW)
    assert (entry.state, entry.valid_from) == ("APPROVED_ONCE", None)
    entry.approve(OTHER, s.NOW + DAY)
    assert (entry.state, entry.valid_from) == ("IN_FORCE", s.NOW + DAY)


def test_nobody_approves_twice_or_what_they_proposed() -> None:
    entry = managed()
    with pytest.raises(NotApartEnough):
        entry.approve(BOTH, s.NOW)
    entry.approve(ONE, s.NOW)
    with pytest.raises(NotApartEnough):
        entry.approve(ONE, s.NOW)
    assert entry.state == "APPROVED_ONCE"


def test_a_community_proposes_and_a_street_decides() -> None:
    for by in (ONE, s.WORKER, s.CENTRE, s.SOMEBODY):
        with pytest.raises(WrongRole):
            managed(by)
    with pytest.raises(NotYourArea):
        managed(s.person("c-9", "community", "/1503/150303/"))
    with pytest.raises(WrongRole):
        managed().approve(s.person("c-2", "community", s.COMMUNITY), s.NOW)
    with pytest.raises(NotYourArea):
        managed().approve(s.person("s-9", "street", "/1503/150303/"), s.NOW)


STEPS = st.sampled_from(["approve", "refuse", "end", "review", "expire"])


@given(st.lists(st.tuples(STEPS, st.sampled_from(PEOPLE), st.integers(0, 400)), max_size=8))
def test_whatever_is_tried_it_holds_by_two_others_alone_within_its_time_and_tells_nothing(steps: list[Any]) -> None:
    entry = managed()
    for step, by, days in steps:
        before, now = entry.state, s.NOW + days * DAY
        try:
            taken(entry, step, by, now)
        except Problem:
            pass
        else:
            assert before in OPEN or before == entry.state
        approvers = {each.by for each in entry.approvals}
        assert (entry.state == "IN_FORCE") <= (len(approvers) == 2)
        assert approvers <= {"s-1", "s-2"}
        assert (entry.due_at() is None) == (entry.state not in OPEN)
        assert (entry.due_at() or LATEST) <= entry.valid_until <= LATEST
    assert entry.pending == []


def taken(entry: ManagedEntry, step: str, by: Any, now: datetime) -> None:
    match step:
        case "approve":
            entry.approve(by, now)
        case "review":
            entry.review(by, None, now)
        case "expire":
            entry.expire(now)
        case _:
            getattr(entry, step)(by, "sealed")


def test_it_is_over_when_nobody_reviews_it_in_time() -> None:
    entry = in_force()
    assert not entry.expire(entry.review_at - DAY)
    assert entry.expire(entry.review_at)
    assert not entry.expire(entry.review_at)
    assert entry.state == "EXPIRED"


def test_a_review_never_reaches_beyond_the_end_that_was_approved() -> None:
    entry, day = in_force(), LATEST - timedelta(days=31)
    entry.review(ONE, None, day)
    assert (entry.review_at, entry.valid_until, entry.reviewed_at) == (LATEST - timedelta(days=30), LATEST, day)
    entry.review(ONE, None, LATEST - timedelta(days=30, hours=1))
    with pytest.raises(WrongEntryState):
        entry.review(ONE, None, LATEST)


def test_a_proposal_whose_time_is_over_is_not_approved_any_more() -> None:
    with pytest.raises(WrongEntryState):
        managed().approve(ONE, LATEST)


def test_who_leaves_is_managed_no_more() -> None:
    entry, person = in_force(), s.resident()
    person.die(s.STREET_STAFF, s.NOW.date(), s.NOW.date(), "sealed", s.NOW, "")
    entry.follow(person)
    assert entry.state == "ENDED"


def test_no_event_can_carry_it() -> None:
    entry = in_force()
    assert entry.pending == []
    with pytest.raises(AssertionError):
        entry.emit(CategoryChanged(id="M1", area=s.GRID, kind="managed", state="IN_FORCE"))


def test_a_resync_leaves_it_out() -> None:
    assert ManagedEntry.state_event is Aggregate.state_event
    assert in_force().state_event() is None


def test_only_community_and_street_have_the_purpose() -> None:
    assert {role for role, duties in DUTIES.items() if Purpose.MANAGED in duties.purposes} == {"community", "street"}


def test_without_its_purpose_it_does_not_exist() -> None:
    entry = in_force()
    assert entry.seen_by(ONE)
    assert entry.seen_by(s.COMMUNITY_STAFF)
    street = s.person("s-3", "street", s.STREET)
    without = msgspec.structs.replace(street, purposes=street.purposes - {Purpose.MANAGED})
    for by in (s.WORKER, s.CENTRE, s.NEIGHBOUR, s.SOMEBODY, without):
        assert not entry.seen_by(by)


def test_nothing_is_destroyed_by_settings_that_are_not_known() -> None:
    """A database that lost its replicas must not lose what they say is to be kept."""
    destroyed: list[object] = []
    data: Any = SimpleNamespace(
        context=SimpleNamespace(tenant=s.TENANT, now=s.NOW + 10 * YEAR), rows=lambda *given, **more: [],
        find=lambda *given, **more: [managed()], destroy=destroyed.append,
    )  # fmt: skip
    ManagedCommands()._forget(data)
    forget_categories(data)
    assert destroyed == []
