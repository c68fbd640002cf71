"""People with their own record through the running services: all that is held about them, and nothing about others."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from chassis.envelope import decode
from services.residents.api.own_record import OwnCopy, OwnRecord
from tests.integration.residents.categories_town import CategoriesTown
from tests.integration.residents.table_town import OneTable
from tests.integration.residents.town import NEXT_COMMUNITY, Town, number

pytestmark = pytest.mark.domain("Privacy: rights of the resident")
UNSEEN = "not_found"
VISIT = {"kind": "home"}


def join(town: Any, person: str, subject: str = "resident-1") -> None:
    town.ask("counter", "join_resident", resident=person, user=subject, proof="identity_card")


def opened(town: Any, person: str, by: Any = "resident") -> dict[str, Any]:
    record: dict[str, Any] = town.ask(by, "open_own_record", resident=person)
    msgspec.convert(record, OwnRecord, strict=False)
    return record


def represented(town: Town, person: str, **changes: Any) -> str:
    given = {"user": "helper-1", "name": "赵新梅", "proof": "power_of_attorney"} | changes
    until = changes.pop("until", town.site.now + timedelta(days=30))
    return str(town.ask("counter", "register_representative", resident=person, **given | {"until": until})["id"])


def helper(town: Town) -> Any:
    return town.who("resident", subject="helper-1")


def test_a_person_sees_all_that_is_held_about_them(town: Town) -> None:
    table = OneTable(town)
    table.define("kin", kind="text", about="resident", sensitivity="sensitive")
    person = town.person(home := town.household(), identity_number=number(), phone="13900000001", relation="head")
    task = table.given({"field": "kin"}, about="resident")
    table.answer(task, person, kin="子女在外地")
    table.answer(task, person, kin="子女已返回")
    town.ask("worker", "correct_resident", resident=person, phone="13900000002", source="visit", why="换号")
    town.ask("worker", "record_need", resident=person, need="company", note="希望有人陪同")
    entry = {
        "kind": "service",
        "name": "独居老人",
        "aim": "走访",
        "legal_basis": "同意",
        "source": "入户",
        "note": "独居",
    }
    town.ask("worker", "record_category", resident=person, **entry)
    town.ask("worker", "record_unplanned_visit", household=home, findings="腿脚不便")
    join(town, person)
    shown = opened(town, person)
    [profile] = shown["records"]
    assert (profile["name"], profile["phone"], profile["identity_number"]) == ("王小明", "13900000002", number())
    assert ("phone", "13900000001", "13900000002", "换号") in [
        (each["field"], each["was"], each["became"], each["why"]) for each in profile["history"]
    ]
    assert shown["home"]["relation"] == "head"
    assert shown["home"]["address"].endswith("单元101")
    assert [each["note"] for each in shown["needs"]] == ["希望有人陪同"]
    assert [(each["name"], each["note"]) for each in shown["categories"]] == [("独居老人", "独居")]
    assert [(each["value"], each["current"]) for each in shown["values"]] == [
        ("子女已返回", True),
        ("子女在外地", False),
    ]
    assert "腿脚不便" in [each["findings"] for each in shown["visits"]]
    assert shown["join"]["proof"] == "identity_card"


def test_nobody_else_sees_it_whoever_they_are(town: Town) -> None:
    home = town.household()
    person, spouse = town.person(home), town.person(home)
    join(town, person)
    join(town, spouse, "resident-2")
    unknown = town.problem("resident", "open_own_record", resident="NONE")
    everybody = [*("worker", "community", "counter", "street", "centre", "supervisor", "tenant_admin")]
    assert {town.refused(by, "open_own_record", resident=person) for by in everybody} == {UNSEEN}
    assert town.problem(town.who("resident", subject="resident-2"), "open_own_record", resident=person) == unknown
    as_clerk = town.who("community", subject="resident-1")
    assert town.refused(as_clerk, "open_own_record", resident=person) == UNSEEN
    assert opened(town, spouse, town.who("resident", subject="resident-2"))["id"] == spouse


def test_it_says_nothing_about_others_of_the_household(town: Town) -> None:
    home = town.household()
    person = town.person(home, name="王小明")
    alone = "独自在家"
    town.ask("worker", "record_unplanned_visit", household=home, findings=alone)
    other = town.person(home, name="李芳芳", phone="13911112222")
    town.ask("worker", "record_need", resident=other, need="health", note="李芳芳长期服药")
    town.ask("worker", "record_unplanned_visit", household=home, findings="李芳芳身体不适")
    join(town, person)
    join(town, other, "resident-2")
    shown = opened(town, person)
    assert [each["findings"] for each in shown["visits"] if each["state"] == "DONE"] in (["", alone], [alone, ""])
    for secret in ("李芳芳", "13911112222", other):
        assert secret not in str(shown)
    theirs = opened(town, other, town.who("resident", subject="resident-2"))
    assert alone not in str(theirs)
    assert len([each for each in theirs["visits"] if each["state"] == "DONE"]) == 1


def test_who_moved_in_reads_nothing_of_the_time_before(town: Town) -> None:
    home = town.household()
    former = town.person(home, name="李芳")
    town.ask("worker", "record_unplanned_visit", household=home, findings="前住户的情况")
    town.ask("worker", "move_out", resident=former)
    person = town.person(home)
    join(town, person)
    assert [each for each in opened(town, person)["visits"] if each["state"] == "DONE"] == []
    join(town, former, "resident-2")
    assert "前住户的情况" in str(opened(town, former, town.who("resident", subject="resident-2"))["visits"])


@pytest.mark.domain("Privacy: 管理型")
def test_statutory_management_cannot_be_told_from_what_is_not_there(at: CategoriesTown) -> None:
    at.switch_on()
    person = at.people[0]
    join(at, person)
    before = at.ask("resident", "open_own_record", resident=person)
    pages = [printed(at, person)]
    at.approved(person)
    assert at.ask("resident", "open_own_record", resident=person) == before
    pages.append(printed(at, person))
    assert pages[0] == pages[1]
    assert at.ask("resident", "copy_own_record", resident=person)["record"] == before


def page_of(at: Town, person: str) -> str:
    return base64.b64decode(at.ask("resident", "print_own_record", resident=person)["content"]).decode()


def printed(at: CategoriesTown, person: str) -> str:
    """Without the moment at which it was made."""
    return re.sub("生成时间：[^。]*", "", page_of(at, person))


def test_each_reading_is_in_the_audit_log_with_who_reads_by_what_right(town: Town) -> None:
    person = town.person(town.household())
    join(town, person)
    mandate = represented(town, person)
    for by in ("resident", helper(town)):
        for method in ("open_own_record", "copy_own_record", "print_own_record"):
            town.ask(by, method, resident=person)
    rows = town.site.collections("residents")["audit"].find({"tenant": town.tenant, "subjects": person})
    said = [(row["actor"], row["action"], row["purpose"]) for row in rows.sort([("at", 1), ("number", 1)])]
    did = ["opened", "copied", "printed"]
    expected = [("resident-1", f"residents.own_record.{each}", "own") for each in did]
    expected += [("helper-1", f"residents.own_record.{each}", f"representative: {mandate}") for each in did]
    assert [each for each in said if "own_record" in each[1]] == expected


def test_the_copy_is_the_record_and_the_page_is_chinese_whole_and_harmless(town: Town) -> None:
    person = town.person(town.household(), name="王<script>小明", phone="13900000001", birthday="1950-05-01")
    join(town, person)
    copy = town.ask("resident", "copy_own_record", resident=person)
    msgspec.convert(copy, OwnCopy, strict=False)
    assert copy["record"] == opened(town, person)
    page = page_of(town, person)
    for said in (
        "个人信息副本",
        "1950年5月1日",
        "13900000001",
        "王&lt;script&gt;小明",
        "居民身份证",
        "在此居住",
        "网格",
    ):
        assert said in page, said
    assert not re.findall(r"<script|https?://|<img|<link|\bsrc=|LIVING_HERE|identity_card", page)
    assert page.startswith("<!DOCTYPE html>")


def test_a_merged_record_is_part_of_the_one_that_stays(town: Town) -> None:
    home = town.household()
    former, stays = town.person(home, phone="13900000001"), town.person(home, phone="13900000002")
    town.ask("worker", "record_need", resident=former, need="company", note="陪同")
    join(town, former)
    town.ask("street", "merge_residents", resident=former, into=stays)
    for asked in (former, stays):
        shown = opened(town, asked)
        assert shown["id"] == stays
        assert [each["phone"] for each in shown["records"]] == ["13900000002", "13900000001"]
        assert [each["note"] for each in shown["needs"]] == ["陪同"]


def test_a_representative_acts_until_the_end_and_is_named(town: Town) -> None:
    person = town.person(town.household())
    mandate = represented(town, person)
    [listed] = town.ask(helper(town), "list_own_records")["items"]
    assert (listed["id"], listed["name"], listed["standing"]) == (person, "王**", "representative")
    shown = opened(town, person, helper(town))
    assert (shown["standing"], shown["represented_by"]) == ("representative", "赵新梅")
    assert town.refused(helper(town), "end_own_join", resident=person) == UNSEEN
    assert "赵新梅" not in str(town.row(mandate, "representatives"))
    town.ask("counter", "end_representative", representative=mandate)
    assert town.refused(helper(town), "open_own_record", resident=person) == UNSEEN
    assert town.ask(helper(town), "list_own_records")["items"] == []
    assert town.refused("counter", "end_representative", representative=mandate) == "representative.ended"


def test_a_representation_ends_by_itself(at: CategoriesTown) -> None:
    person, by = at.people[0], at.who("resident", "helper-1")
    until = (at.site.now + timedelta(days=2)).isoformat()
    given = {"user": "helper-1", "name": "赵新梅", "proof": "guardianship", "until": until}
    at.ask("counter", "register_representative", resident=person, **given)
    assert opened(at, person, by)["represented_by"] == "赵新梅"
    at.site.advance(timedelta(days=2))
    assert at.refused(by, "open_own_record", resident=person) == UNSEEN
    assert at.refused("counter", "register_representative", resident=person, **given) == "invalid"


def test_the_person_dismisses_a_representative_and_one_cannot_dismiss_another(town: Town) -> None:
    person = town.person(town.household())
    join(town, person)
    one, other = represented(town, person), represented(town, person, user="helper-2", name="李芳")
    assert town.refused(helper(town), "dismiss_representative", resident=person, representative=other) == UNSEEN
    for representative in (one, other):
        town.ask("resident", "dismiss_representative", resident=person, representative=representative)
    assert [each["acting"] for each in opened(town, person)["representatives"]] == [False, False]
    assert town.refused(helper(town), "open_own_record", resident=person) == UNSEEN


def test_for_the_dead_act_close_relatives_alone(town: Town) -> None:
    person = town.person(town.household())
    represented(town, person)
    town.ask("worker", "record_death", resident=person, on="2026-01-05")
    assert town.refused(helper(town), "open_own_record", resident=person) == UNSEEN
    until = (town.site.now + timedelta(days=30)).isoformat()
    given = {"user": "helper-1", "name": "赵新梅", "until": until}
    other = {"proof": "power_of_attorney"}
    assert town.refused("counter", "register_representative", resident=person, **given | other) == (
        "representative.kinship_needed"
    )
    represented(town, person, proof="kinship")
    assert opened(town, person, helper(town))["id"] == person


def test_only_a_counter_of_the_area_registers_and_never_itself(town: Town) -> None:
    person = town.person(town.household())
    until = (town.site.now + timedelta(days=30)).isoformat()
    given = {"user": "helper-1", "name": "赵新梅", "proof": "kinship", "until": until}
    for by in (town.who("counter", area=NEXT_COMMUNITY), "community", "worker"):
        assert town.refused(by, "register_representative", resident=person, **given) == UNSEEN
    itself = given | {"user": "counter-1"}
    assert town.refused("counter", "register_representative", resident=person, **itself) == "join.own_matter"


def test_the_counter_where_the_person_lives_now_ends_a_representation(town: Town) -> None:
    person = town.person(town.household())
    mandate = represented(town, person)
    there = town.household("next", town.dwelling("next", area=NEXT_COMMUNITY, building=""))
    town.ask("street", "move_in", resident=person, household=there)
    unknown = town.problem("counter", "end_representative", representative="NONE")
    assert town.problem("counter", "end_representative", representative=mandate) == unknown
    elsewhere = town.who("counter", area=NEXT_COMMUNITY)
    assert town.ask(elsewhere, "end_representative", representative=mandate)["state"] == "ENDED"
    told = [each.data_fields() for each in map(decode, town.log()) if "representative" in each.type]
    assert told == [{"id": mandate, "resident": person, "state": state} for state in ("IN_FORCE", "ENDED")]
