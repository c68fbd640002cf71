"""The ledger of needs: what a resident needs, by whom it may be changed, and how it follows the resident."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from services.residents.needs.model import ENDED, MET, OPEN, Facts, Need, NeedKnown, WrongNeedState
from services.residents.people.model import NotLivingHere
from tests.unit.residents import samples as s
from vocabulary.access import NotYourArea, WrongRole

pytestmark = pytest.mark.domain("服务型台账")
FACTS = Facts("company", 2, date(2026, 1, 5), "visit", "sealed")
#: Which states a step leads from, and where it leads.
STEPS = {"meet": ({OPEN}, MET), "reopen": ({MET}, OPEN), "end": ({OPEN, MET}, ENDED)}


def need(key: str = "N1", known: tuple[str, ...] = ()) -> Need:
    return Need.record(s.WORKER, key, s.resident(), FACTS, known, s.NOW)


def test_a_need_says_what_how_much_since_when_from_where_and_by_whom() -> None:
    recorded = need()
    assert recorded.facts == FACTS
    assert (recorded.state, recorded.household, recorded.area, recorded.recorded_by) == (OPEN, "H1", s.GRID, "g-1")


@pytest.mark.domain("Privacy: events carry ids")
def test_an_event_of_a_need_does_not_say_what_is_needed() -> None:
    recorded = need()
    recorded.end(s.WORKER, "sealed")
    assert len(recorded.pending) == 2
    for word in ("company", "sealed"):
        assert word not in repr(recorded.pending)


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_a_need_is_open_or_met_until_it_has_ended_for_good(steps: list[str]) -> None:
    recorded, expected = need(), OPEN
    for step in steps:
        allowed, to = STEPS[step]
        if expected in allowed:
            getattr(recorded, step)(s.WORKER, "")
            expected = to
        else:
            with pytest.raises(WrongNeedState):
                getattr(recorded, step)(s.WORKER, "")
        assert recorded.state == expected
    if expected == ENDED:
        with pytest.raises(WrongNeedState):
            recorded.revise(s.WORKER, FACTS, s.NOW)


def test_a_class_of_needs_is_recorded_once_until_it_has_ended() -> None:
    with pytest.raises(NeedKnown):
        need(known=("health", "company"))
    assert need(known=("health",)).state == OPEN


def test_nobody_needs_something_since_a_day_to_come_or_without_living_here() -> None:
    recorded = need()
    with pytest.raises(Invalid):
        recorded.revise(s.WORKER, FACTS._replace(since=(s.NOW + timedelta(days=2)).date()), s.NOW)
    gone = s.resident()
    gone.move_out(s.WORKER, s.NOW, "", "")
    with pytest.raises(NotLivingHere):
        Need.record(s.WORKER, "N1", gone, FACTS, (), s.NOW)


def test_a_need_moves_with_the_resident_and_tells_whom_they_left() -> None:
    recorded, resident = need(), s.resident()
    recorded.follow(resident)
    assert len(recorded.pending) == 1
    resident.move_out(s.WORKER, s.NOW, "", "")
    recorded.follow(resident)
    assert (recorded.state, recorded.household, recorded.pending[-1].households) == (OPEN, "", ["H1"])
    resident.move_in(s.STREET_STAFF, s.household("H2", s.dwelling("D2", s.OTHER_GRID)), "other", [], s.NOW, "", "")
    recorded.follow(resident)
    assert (recorded.household, recorded.area, recorded.pending[-1].households) == ("H2", s.OTHER_GRID, ["H2"])


def test_a_need_is_that_of_the_record_that_stays_and_comes_back_when_they_are_separated() -> None:
    recorded, stays = need(), s.resident("R2", s.household("H2"))
    for whose, told in ((stays, (["R2", "R1"], ["H2", "H1"])), (s.resident(), (["R1", "R2"], ["H1", "H2"]))):
        recorded.follow(whose)
        assert (recorded.resident, recorded.recorded_for) == (whose.key, "R1")
        assert (recorded.pending[-1].residents, recorded.pending[-1].households) == told


def test_a_need_ends_with_the_death_of_the_resident() -> None:
    recorded, resident = need(), s.resident()
    resident.die(s.WORKER, s.NOW.date(), s.NOW.date(), "sealed", s.NOW, "")
    recorded.follow(resident)
    assert (recorded.state, recorded.household) == (ENDED, "")


def test_a_resident_is_listed_by_open_needs_while_living_here() -> None:
    resident = s.resident()
    resident.need_now(["company", "health"])
    assert f"{s.COMMUNITY.strip('/').split('/')[-1]}/need:company" in resident.listed
    resident.need_now(["health"])
    assert not [mark for mark in resident.listed if mark.endswith("/need:company")]


@pytest.mark.domain("五色户卡")
def test_the_members_of_a_household_are_listed_by_the_colour_of_its_card() -> None:
    family = s.household()
    member = s.resident(of=family)
    family.colour_card(s.WORKER, "red")
    member.follow(family, [])
    assert (member.colour, "150302003014001/colour:red" in member.listed) == ("red", True)
    assert "red" not in repr(family.pending)


def test_needs_are_kept_by_the_grid_the_community_and_the_street_of_the_place() -> None:
    for by, refusal in ((s.NEIGHBOUR, NotYourArea), (s.CENTRE, WrongRole), (s.SOMEBODY, WrongRole)):
        with pytest.raises(refusal):
            Need.record(by, "N1", s.resident(), FACTS, (), s.NOW)
        with pytest.raises(refusal):
            need().end(by, "")
        with pytest.raises(refusal):
            s.household().colour_card(by, "red")
