"""Residents over the running services: recorded, corrected, moved, merged, and read for a purpose."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.integration.residents.town import BORN, CARE, GRID, SECOND, Town, number
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("采集、动态更新")
OLD = number()[:6] + number()[8:17]


def audited(town: Town, **where: Any) -> list[dict[str, Any]]:
    return list(town.site.collections("residents")["audit"].find({"tenant": town.tenant, **where}))


@pytest.mark.parametrize("written", [number(), OLD, number()[:17] + number()[17].lower()])
def test_an_identity_number_tells_birthday_and_sex_however_it_is_written(town: Town, written: str) -> None:
    shown = town.opened(town.person(town.household(), identity_number=written, phone="139 0000 0001"))
    known = {name: shown[name] for name in ("name", "identity_number", "phone", "birthday", "sex", "born_year")}
    assert known == {
        "name": "王小明", "identity_number": number(), "phone": "139 0000 0001", "birthday": "1950-05-01", "sex": "1",
        "born_year": 1950,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("identity_number", {"identity_number": number()[:17] + ("1" if number()[17] != "1" else "2")}),
        ("birthday", {"identity_number": number(), "birthday": BORN + timedelta(days=1)}),
        ("sex", {"identity_number": number(), "sex": "2"}),
        ("birthday", {"birthday": date(2199, 1, 1)}),
    ],
)
def test_what_cannot_be_true_of_a_person_is_refused(town: Town, field: str, facts: dict[str, Any]) -> None:
    problem = town.problem("worker", "record_resident", household=town.household(), name="王小明", **facts)
    assert [each["field"] for each in problem["data"]["fields"]] == [field]


def test_a_person_whom_the_caller_sees_is_not_recorded_twice(town: Town) -> None:
    known = town.person(town.household(), identity_number=number())
    for written in (number(), OLD):
        again = {"household": town.household(), "name": "王小明", "identity_number": written}
        problem = town.problem("worker", "record_resident", **again)
        assert (problem["code"], problem["data"]) == ("resident.known", {"resident": known})


def test_a_person_recorded_elsewhere_is_a_possible_duplicate_that_the_street_sees(town: Town) -> None:
    one = town.person(town.household(), identity_number=number())
    there = town.household("second", town.dwelling("second", area=SECOND))
    other = town.person(there, "second", identity_number=OLD)
    for resident, twin in ((one, other), (other, one)):
        [shown] = town.ask("street", "list_duplicates", resident=resident)["items"]
        assert (shown["id"], shown["same"], shown["name"]) == (twin, "identity_number", "王**")
    assert town.refused("worker", "list_duplicates", resident=one) == "wrong_role"
    first_only = town.who("community", area=GRID)
    assert town.ask(first_only, "list_duplicates", resident=one)["items"] == []


def test_namesakes_of_one_birthday_are_possible_duplicates(town: Town) -> None:
    household = town.household()
    one, other = (town.person(household, name="王小明", birthday=BORN) for _ in range(2))
    town.person(household, name="王小明", birthday=BORN + timedelta(days=1))
    [shown] = town.ask("community", "list_duplicates", resident=one)["items"]
    assert (shown["id"], shown["same"]) == (other, "name_and_birthday")


def test_two_who_are_recorded_at_once_with_one_number_are_possible_duplicates(town: Town) -> None:
    """No command can see the other one: both are kept, and whoever merges records finds them."""
    household = town.household()
    town.asked.principal = town.who("worker")
    form = {"household": household, "name": "王小明", "identity_number": number()}
    replies = town.asked.many([town.asked.call("record_resident", f"at-once-{n}", **form) for n in range(2)])
    recorded = [reply["ok"]["id"] for reply in replies if "ok" in reply]
    assert recorded
    assert all(reply["problem"]["code"] == "resident.known" for reply in replies if "problem" in reply)
    found = town.found("worker", "identity_number", number())
    assert found == sorted(recorded)
    twins = town.ask("community", "list_duplicates", resident=recorded[0])["items"]
    assert [row["id"] for row in twins] == recorded[1:]


def test_a_correction_is_in_the_history_with_who_and_why_and_finds_the_person_by_what_is_true_now(town: Town) -> None:
    resident = town.person(town.household(), name="王小民", phone="13900000001")
    correction = {"name": "王小明", "phone": "13900000002", "identity_number": number(), "source": "visit-7"}
    town.ask("community", "correct_resident", resident=resident, **correction, why="户口本如此")
    history = town.ask("worker", "read_history", resident=resident, **CARE)["items"]
    changed = {each["field"]: each for each in history}
    name = {key: changed["name"][key] for key in ("was", "became", "by", "source", "why")}
    assert name == {
        "was": "王小民", "became": "王小明", "by": "community-1", "source": "visit-7", "why": "户口本如此",
    }  # fmt: skip
    assert (changed["phone"]["was"], changed["phone"]["became"]) == ("13900000001", "13900000002")
    assert (changed["birthday"]["became"], changed["sex"]["became"]) == ("1950-05-01", "1")
    for way, was, now in (("name", "王小民", "王小明"), ("phone", "13900000001", "13900000002")):
        assert town.found("worker", way, was) == []
        assert town.found("worker", way, now) == [resident]


def test_another_number_brings_its_own_birthday_and_sex(town: Town) -> None:
    resident = town.person(town.household(), identity_number=number())
    other = number(14, date(1962, 2, 3))
    town.ask("worker", "correct_resident", resident=resident, identity_number=other)
    shown = town.opened(resident)
    assert (shown["birthday"], shown["sex"], shown["born_year"]) == ("1962-02-03", "2", 1962)
    assert town.refused("worker", "correct_resident", resident=resident, sex="1") == "invalid"
    town.ask("worker", "correct_resident", resident=resident, identity_number="")
    shown = town.opened(resident)
    assert (shown["identity_number"], shown["birthday"], shown["sex"]) == ("", "1962-02-03", "2")


@pytest.mark.domain("Privacy: audit")
@pytest.mark.parametrize("method", ["open_resident", "read_history"])
def test_what_is_sealed_is_opened_for_a_purpose_of_the_role_and_the_reason_is_audited(town: Town, method: str) -> None:
    resident = town.person(town.household())
    wrong = {"purpose": "callback", "reason": "想看看"}
    assert town.refused("worker", method, resident=resident, **wrong) == "wrong_purpose"
    assert audited(town, action="residents.resident.opened") == []
    town.ask("worker", method, resident=resident, **CARE)
    [entry] = audited(town, action="residents.resident.opened")
    assert (entry["subjects"], entry["purpose"], entry["actor"]) == ([resident], "care: 独居老人走访", "worker-1")


@pytest.mark.domain("Privacy: audit")
def test_each_reading_of_names_and_doors_is_audited_as_one(town: Town) -> None:
    household = town.household()
    people = sorted(town.person(household, name=name) for name in ("王小明", "王小红"))
    asked: list[tuple[str, dict[str, Any], list[str]]] = [
        ("get_resident", {"resident": people[0]}, people[:1]),
        ("list_residents", {}, people),
        ("search_residents", {"by": "surname", "value": "王"}, people),
        ("get_household", {"household": household}, people),
    ]
    for method, args, read in asked:
        before = len(audited(town))
        town.ask("worker", method, **args)
        [entry] = audited(town)[before:]
        assert (entry["action"], sorted(entry["subjects"])) == ("residents.resident.read", read), method
    town.ask("worker", "list_dwellings")
    assert audited(town, action="residents.dwelling.read")[-1]["subjects"] == [town.row(people[0])["dwelling"]]
    told = len(audited(town))
    town.ask("centre", "list_dwellings")
    town.ask("worker", "list_households")
    assert len(audited(town)) == told


def test_who_moves_out_is_found_but_lives_nowhere_and_may_move_in_again(town: Town) -> None:
    resident = town.person(town.household(), identity_number=number())
    town.ask("worker", "move_out", resident=resident, why="搬到外地")
    assert town.seen("worker") == []
    assert town.found("worker", "identity_number", number()) == [resident]
    assert town.refused("worker", "move_out", resident=resident) == "resident.not_living_here"
    home = town.household("street", town.dwelling("street", area=SECOND))
    assert town.refused("worker", "move_in", resident=resident, household=home) == "invalid"
    town.ask("street", "move_in", resident=resident, household=home, relation="child")
    assert town.seen("second") == [resident]
    assert town.found("second", "initials", "wxm") == [resident]
    assert town.ask("second", "get_resident", resident=resident)["relation"] == "child"
    assert town.refused("worker", "get_resident", resident=resident) == "not_found"


def test_the_dead_are_on_no_list_and_their_day_is_sealed(town: Town) -> None:
    resident = town.person(town.household())
    later = (town.site.now + timedelta(days=2)).date().isoformat()
    assert town.refused("worker", "record_death", resident=resident, on=later) == "invalid"
    town.ask("worker", "record_death", resident=resident, on="2026-01-05", source="医院")
    assert town.seen("worker") == []
    assert town.ask("worker", "get_resident", resident=resident)["state"] == "DECEASED"
    assert town.opened(resident)["died_on"] == "2026-01-05"
    assert town.refused("worker", "move_in", resident=resident, household=town.household()) == (
        "resident.not_living_here"
    )


def test_a_merged_record_points_to_the_one_that_stays_until_they_are_separated(town: Town) -> None:
    household = town.household()
    gone, stays = town.person(household, name="王小明"), town.person(household, name="王晓明")
    assert town.refused("worker", "merge_residents", resident=gone, into=stays) == "wrong_role"
    assert town.refused("community", "merge_residents", resident=gone, into="nobody") == "invalid"
    town.ask("community", "merge_residents", resident=gone, into=stays)
    assert town.ask("worker", "get_resident", resident=gone)["merged_into"] == stays
    assert town.seen("worker") == [stays]
    assert town.found("worker", "name", "王小明") == []
    town.ask("street", "unmerge_residents", resident=gone)
    assert town.seen("worker") == sorted([gone, stays])
    assert town.found("worker", "name", "王小明") == [gone]


def test_of_two_records_merged_into_each_other_at_once_one_stays(town: Town) -> None:
    household = town.household()
    one, other = sorted([town.person(household), town.person(household)])
    # What two commands at the same moment leave behind: each read the other before it was merged.
    rows = town.site.collections("residents")["residents"]
    rows.update_one(
        {"_id": f"{town.tenant}:{one}"},
        {"$set": {"state": "MERGED", "merged_from": "LIVING_HERE", "merged_into": other, "listed": []}},
    )
    town.ask("community", "correct_resident", resident=other, phone="13900000001")
    rows.update_one(
        {"_id": f"{town.tenant}:{other}"},
        {"$set": {"state": "MERGED", "merged_from": "LIVING_HERE", "merged_into": one, "listed": []}},
    )
    town.ask("community", "move_household", household=household, dwelling=town.dwelling())
    wait_for(lambda: town.seen("worker") == [one])
    assert town.row(other)["state"] == "MERGED"


def test_a_repeated_request_records_nobody_twice_and_answers_the_same(town: Town) -> None:
    form = {"household": town.household(), "name": "王小明", "identity_number": number()}
    first = town.ask("worker", "record_resident", **form, key="one-form")
    town.ask("worker", "move_out", resident=first["id"])
    assert town.ask("worker", "record_resident", **form, key="one-form") == first
    assert town.stored("residents") == 1
    other = form | {"name": "李小红"}
    assert town.refused("worker", "record_resident", **other, key="one-form") == "idempotency_key_reused"
