"""Dwellings, households and residents: who lives where, by versions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.errors import Forbidden, Invalid
from services.residents.dwellings.model import DwellingGone, LivedIn
from services.residents.households.model import Household, HouseholdDissolved, MembersLeft, NotOfHousehold
from services.residents.people.model import CannotMerge, NotLivingHere, NotMerged, Resident
from tests.unit.residents import samples as s
from vocabulary.access import NotYourArea, WrongRole

pytestmark = pytest.mark.domain("人、房、事融合")
PROFILE = pytest.mark.domain("采集、动态更新")


@PROFILE
def test_a_correction_keeps_what_was_by_whom_from_where_and_why() -> None:
    resident = s.resident()
    resident.correct(s.WORKER, {"phone": "13900000001"}, {"sex": "2"}, s.NOW, "visit", "misread")
    phone, sex = resident.history[-2:]
    assert (phone.field, phone.was, phone.became, phone.by) == ("phone", "", "13900000001", "g-1")
    assert (phone.source, phone.why, sex.field, sex.was, sex.became) == ("visit", "misread", "sex", "1", "2")


@PROFILE
def test_an_event_of_a_changed_resident_names_fields_and_no_values() -> None:
    resident = s.resident()
    resident.correct(s.WORKER, {"phone": "13900000001"}, {}, s.NOW, "visit", "")
    assert resident.pending[-1].fields == ["phone"]
    assert "139" not in repr(resident.pending)


def test_a_resident_lies_where_the_household_lives_and_moves_with_it() -> None:
    family = s.household()
    resident = s.resident(of=family)
    family.move(s.STREET_STAFF, s.dwelling("D2", s.OTHER_GRID))
    resident.follow(family, ["new"])
    assert (resident.area, resident.dwelling, resident.tokens) == (s.OTHER_GRID, "D2", ["new"])
    assert resident.listed[-1] == "150302003014002"


def test_a_resident_is_apart_from_a_household_that_moved_until_they_follow() -> None:
    family = s.household()
    resident = s.resident(of=family)
    assert not resident.is_apart_from(family)
    family.move(s.STREET_STAFF, s.dwelling("D2", s.GRID))
    assert resident.is_apart_from(family)


def test_who_left_a_household_is_of_the_grid_that_replaced_theirs() -> None:
    resident = s.resident()
    resident.move_out(s.WORKER, s.NOW, "visit", "")
    resident.follow_grid(s.OTHER_GRID, ["new"])
    assert (resident.area, resident.codes[-1], resident.tokens) == (s.OTHER_GRID, "150302003014002", ["new"])
    assert (resident.pending[-1].area, resident.listed) == (s.OTHER_GRID, [])


def test_who_moved_out_is_on_no_list_and_may_move_in_again() -> None:
    family = s.household()
    resident = s.resident(of=family)
    resident.move_out(s.WORKER, s.NOW, "visit", "")
    assert (resident.state, resident.household, resident.listed) == ("MOVED_OUT", "", [])
    resident.move_in(s.WORKER, family, "child", [], s.NOW, "visit", "")
    assert (resident.state, resident.household, resident.relation) == ("LIVING_HERE", "H1", "child")


def test_the_dead_neither_move_nor_die_again() -> None:
    resident = s.resident()
    resident.die(s.WORKER, s.NOW.date(), s.NOW.date(), "sealed", s.NOW, "visit")
    with pytest.raises(NotLivingHere):
        resident.die(s.WORKER, s.NOW.date(), s.NOW.date(), "sealed", s.NOW, "visit")
    with pytest.raises(NotLivingHere):
        resident.move_in(s.WORKER, s.household(), "child", [], s.NOW, "", "")
    assert resident.listed == []


def test_nobody_dies_in_the_future() -> None:
    with pytest.raises(Invalid):
        s.resident().die(s.WORKER, (s.NOW + timedelta(days=1)).date(), s.NOW.date(), "sealed", s.NOW, "visit")


def test_the_head_of_a_household_belongs_to_it() -> None:
    family, stranger = s.household(), s.resident(of=s.household("H2"))
    with pytest.raises(NotOfHousehold):
        family.name_head(s.WORKER, stranger.key, stranger.household)
    family.name_head(s.WORKER, "R1", "H1")
    family.lose("R2")
    assert family.head == "R1"
    family.lose("R1")
    assert family.head == ""


def test_a_split_moves_those_who_still_belong_to_the_old_household() -> None:
    family, home = s.household(), s.dwelling()
    young = Household.split(s.WORKER, "H2", family, home, ["R1"], s.NOW)
    member = s.resident(of=family)
    member.join(young, [], "g-1", s.NOW)
    assert (member.household, member.history[-1].was) == ("H2", "H1")


def test_a_dwelling_goes_and_a_household_dissolves_only_when_they_are_empty() -> None:
    home, family = s.dwelling(), s.household()
    with pytest.raises(LivedIn):
        home.remove(s.WORKER, 1)
    with pytest.raises(MembersLeft):
        family.dissolve(s.WORKER, 2)
    home.remove(s.WORKER, 0)
    family.dissolve(s.WORKER, 0)
    with pytest.raises(DwellingGone):
        s.household("H2", home)
    with pytest.raises(HouseholdDissolved):
        s.resident(of=family)


def test_the_door_of_a_dwelling_that_is_gone_may_be_recorded_again() -> None:
    home = s.dwelling()
    home.remove(s.WORKER, 0)
    home.record(s.WORKER, estate="E1", building="B1", door="sealed again", kind="shop")
    assert (home.state, home.kind) == ("IN_USE", "shop")
    told = len(home.pending)
    home.record(s.WORKER, estate="E1", building="B1", door="sealed a third time", kind="home")
    assert (home.door, home.kind, len(home.pending)) == ("sealed again", "shop", told)


def test_a_dwelling_and_a_household_are_not_gone_while_somebody_is_in_them() -> None:
    home, family = s.dwelling(), s.household()
    home.remove(s.WORKER, 0)
    family.dissolve(s.WORKER, 0)
    home.receive()
    family.receive("R1", "head")
    assert (home.state, family.state, family.head) == ("IN_USE", "ACTIVE", "R1")
    family.receive("R2", "head")
    assert family.head == "R1"


def test_a_merged_record_is_on_no_list_and_comes_back_as_it_was() -> None:
    one, other = s.resident(), s.resident("R2")
    one.move_out(s.WORKER, s.NOW, "", "")
    one.merge_into(s.COMMUNITY_STAFF, other, s.NOW, "sealed")
    assert (one.state, one.merged_into, one.listed) == ("MERGED", "R2", [])
    with pytest.raises(NotLivingHere):
        one.correct(s.WORKER, {}, {}, s.NOW, "", "")
    one.unmerge(s.COMMUNITY_STAFF, s.NOW)
    assert (one.state, one.merged_into) == ("MOVED_OUT", "")
    with pytest.raises(NotMerged):
        one.unmerge(s.COMMUNITY_STAFF, s.NOW)


def test_a_record_merges_neither_into_itself_nor_into_a_merged_one() -> None:
    one, other, third = s.resident(), s.resident("R2"), s.resident("R3")
    other.merge_into(s.COMMUNITY_STAFF, third, s.NOW, "")
    for into in (one, other):
        with pytest.raises(CannotMerge):
            one.merge_into(s.COMMUNITY_STAFF, into, s.NOW, "")


@pytest.mark.parametrize("record", [s.dwelling(), s.household(), s.resident()])
def test_a_record_exists_for_those_who_may_find_residents_in_its_area(record: Resident) -> None:
    for by, seen in (
        (s.WORKER, True), (s.COMMUNITY_STAFF, True), (s.STREET_STAFF, True), (s.CENTRE, True), (s.NEIGHBOUR, False),
        (s.SOMEBODY, False),
    ):  # fmt: skip
        assert record.seen_by(by) is seen


def test_records_are_kept_by_the_grid_the_community_and_the_street_of_the_place() -> None:
    for by, refusal in ((s.NEIGHBOUR, NotYourArea), (s.CENTRE, WrongRole), (s.SOMEBODY, WrongRole)):
        with pytest.raises(refusal):
            s.dwelling(by=by)
    with pytest.raises(Forbidden):
        s.resident().merge_into(s.WORKER, s.resident("R2"), s.NOW, "")
