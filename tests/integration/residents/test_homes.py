"""Dwellings and households over the running services: recorded once, moved, split, emptied."""

from __future__ import annotations

import pytest

from tests.integration.residents.town import COMMUNITY, GRID, NEXT_COMMUNITY, SECOND, STREET, Town
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("人、房、事融合")


def members(town: Town, household: str) -> list[str]:
    return [row["id"] for row in town.ask("street", "get_household", household=household)["members"]]


def test_the_same_door_is_the_same_dwelling_whoever_writes_it_how(town: Town) -> None:
    one = town.dwelling(door="3单元502")
    assert town.dwelling("community", door=" ３单元 502") == one
    assert town.dwelling(door="3单元503") != one
    assert town.ask("worker", "get_dwelling", dwelling=one)["door"] == "3单元502"


def test_a_dwelling_knows_its_estate_and_lies_in_its_grid(town: Town) -> None:
    dwelling = town.ask("centre", "get_dwelling", dwelling=town.dwelling())
    assert (dwelling["area"], dwelling["building"], dwelling["door"]) == (GRID, town.building, "")
    assert dwelling["estate"]


def test_a_building_of_another_grid_or_community_is_refused(town: Town) -> None:
    for building in (town.in_second, town.elsewhere):
        assert town.refused("street", "record_dwelling", area=GRID, building=building, door="1单元101") == "invalid"
    town.dwelling("street", area=SECOND, building=town.in_second)
    town.dwelling("community", area=COMMUNITY, building=town.building)


def test_a_building_that_is_in_no_grid_yet_may_be_in_any_of_its_community(town: Town) -> None:
    town.dwelling("next", area=NEXT_COMMUNITY, building=town.elsewhere)


def test_a_dwelling_lies_in_a_grid_or_community_that_exists(town: Town) -> None:
    unknown = COMMUNITY + "150302003014777/"
    assert town.refused("street", "record_dwelling", area=STREET, door="1单元101") == "invalid"
    wait_for(lambda: town.refused("community", "record_dwelling", area=unknown, door="101") == "invalid")


def test_a_building_that_nobody_knows_is_refused_once_it_cannot_be_on_its_way(town: Town) -> None:
    asked = {"area": GRID, "building": "nowhere", "door": "1单元101"}
    assert town.refused("worker", "record_dwelling", **asked) == "not_known_yet"
    wait_for(lambda: town.refused("worker", "record_dwelling", **asked) == "invalid")


def test_a_door_that_another_grid_has_of_the_same_building_is_refused_in_words(town: Town) -> None:
    town.dwelling("community", door="9单元901", area=COMMUNITY, building=town.building)
    problem = town.problem("worker", "record_dwelling", area=GRID, building=town.building, door="9单元901")
    assert problem["code"] == "dwelling.recorded_elsewhere"


def test_a_removed_dwelling_is_in_use_again_once_its_door_is_recorded_again(town: Town) -> None:
    dwelling = town.dwelling(door="8单元801")
    household = town.household(dwelling=dwelling)
    assert town.refused("worker", "remove_dwelling", dwelling=dwelling) == "dwelling.lived_in"
    town.ask("worker", "dissolve_household", household=household)
    town.ask("worker", "remove_dwelling", dwelling=dwelling)
    assert town.refused("worker", "open_household", dwelling=dwelling) == "dwelling.gone"
    assert town.dwelling(door="8单元801", kind="shop") == dwelling
    shown = town.ask("worker", "get_dwelling", dwelling=dwelling)
    assert (shown["state"], shown["kind"]) == ("IN_USE", "shop")


def test_a_dwelling_shows_the_households_that_live_there(town: Town) -> None:
    dwelling = town.dwelling()
    here = [town.household(dwelling=dwelling) for _ in range(3)]
    town.ask("worker", "dissolve_household", household=here.pop())
    shown = town.ask("worker", "get_dwelling", dwelling=dwelling)["households"]
    assert sorted(each["id"] for each in shown) == sorted(here)


def test_dwellings_of_an_area_or_building_are_listed_page_by_page(town: Town) -> None:
    made = sorted(town.dwelling() for _ in range(3))
    other = town.dwelling("second", area=SECOND)
    assert town.listed("worker", "list_dwellings") == made
    assert town.listed("street", "list_dwellings", building=town.building) == made
    assert town.listed("street", "list_dwellings", area=SECOND) == [other]


def test_members_and_the_tokens_by_which_they_are_found_follow_a_household_that_moves(town: Town) -> None:
    household = town.household()
    people = [town.person(household, name=name) for name in ("王小明", "李小红")]
    new_home = town.dwelling("street", area=SECOND)
    town.ask("street", "move_household", household=household, dwelling=new_home)
    town.wait_for_area(SECOND, *people)
    for way, value in (("surname", "李"), ("initials", "lxh")):
        assert town.found("second", way, value) == [people[1]]
        assert town.found("worker", way, value) == []
    assert town.seen("second") == sorted(people)
    assert town.seen("worker") == []
    assert town.row(people[0])["dwelling"] == new_home


def test_a_household_moves_only_within_the_area_of_whoever_moves_it(town: Town) -> None:
    household, far = town.household(), town.dwelling("street", area=SECOND)
    assert town.refused("worker", "move_household", household=household, dwelling=far) == "invalid"
    town.ask("community", "move_household", household=household, dwelling=far)
    assert town.refused("worker", "get_household", household=household) == "not_found"


def test_some_members_split_off_into_another_dwelling(town: Town) -> None:
    household = town.household()
    old, young, child = (town.person(household, name=name) for name in ("王大明", "王小明", "王小小"))
    new_home = town.dwelling("street", area=SECOND)
    split = {"household": household, "residents": [young, child], "dwelling": new_home}
    new = town.ask("street", "split_household", **split, key="split-1")["id"]
    town.wait_for_area(SECOND, young, child)
    assert members(town, new) == sorted([young, child])
    assert members(town, household) == [old]
    assert town.found("second", "surname", "王") == sorted([young, child])
    assert town.ask("street", "split_household", **split, key="split-1")["id"] == new
    assert town.refused("street", "split_household", **split) == "invalid"


def test_nobody_splits_off_who_has_left_the_household(town: Town) -> None:
    household = town.household()
    gone, merged, into = (town.person(household, name=name) for name in ("王大明", "王小明", "王晓明"))
    town.ask("worker", "move_out", resident=gone)
    town.ask("community", "merge_residents", resident=merged, into=into)
    for resident in (gone, merged):
        split = {"household": household, "residents": [resident]}
        assert town.refused("worker", "split_household", **split) == "invalid"
        assert town.refused("worker", "name_head", household=household, resident=resident) == "household.not_a_member"
    assert members(town, household) == [into]


def test_a_head_is_a_member_until_they_leave(town: Town) -> None:
    household = town.household()
    first = town.person(household, relation="head")
    wait_for(lambda: town.ask("worker", "get_household", household=household)["head"] == first)
    second = town.person(household, name="李小红")
    town.ask("worker", "name_head", household=household, resident=second)
    assert town.ask("worker", "get_household", household=household)["head"] == second
    town.ask("worker", "move_out", resident=second)
    wait_for(lambda: town.ask("worker", "get_household", household=household)["head"] == "")


def test_a_household_dissolves_once_nobody_belongs_to_it(town: Town) -> None:
    household = town.household()
    merged, into = town.person(household), town.person(town.household(), name="王晓明")
    assert town.problem("worker", "dissolve_household", household=household)["data"] == {"number": 1}
    town.ask("community", "merge_residents", resident=merged, into=into)
    town.ask("worker", "dissolve_household", household=household)
    assert town.refused("worker", "record_resident", household=household, name="李小红") == "household.dissolved"


def test_a_record_that_is_separated_again_brings_its_household_back(town: Town) -> None:
    household = town.household()
    merged, into = town.person(household), town.person(town.household(), name="王晓明")
    town.ask("community", "merge_residents", resident=merged, into=into)
    town.ask("worker", "dissolve_household", household=household)
    town.ask("community", "unmerge_residents", resident=merged)
    wait_for(lambda: town.ask("worker", "get_household", household=household)["state"] == "ACTIVE")
    assert members(town, household) == [merged]


def test_households_of_an_area_are_listed(town: Town) -> None:
    here = sorted([town.household(), town.household()])
    there = town.household("second", town.dwelling("second", area=SECOND))
    assert town.listed("worker", "list_households") == here
    assert town.listed("street", "list_households", area=SECOND) == [there]
    assert town.listed("worker", "list_households", area=SECOND) == []
