"""The closed loop through the running service: every step by whoever may take it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from chassis.errors import RemoteProblem
from chassis.security.principal import Principal
from services.cases.api.case import Reported
from services.cases.case.model.base import MOST_STEPS_BESIDE
from tests.integration.cases.town import COVER, GRID, GRID_CODE, LAMP, STREET_CODE, Town
from tests.servers.waiting import wait_for


def in_progress(town: Town, **changes: Any) -> str:
    case = town.report(**changes)["id"]
    town.ask("grid_worker", "verify", case=case, found=True, note="见到了")
    town.ask("street", "register", case=case)
    town.ask("street", "whistle", case=case, lead="urban", called=["water"])
    town.ask("water", "report_in", case=case)
    town.ask("urban", "report_in", case=case, handler="urban-1")
    return str(case)


def awaiting_rating(town: Town) -> str:
    case = in_progress(town)
    town.ask("urban", "contact", case=case, note="已联系")
    town.ask("urban", "resolve", case=case, outcome="solved", note="已修好")
    town.ask("street", "inspect", case=case, passed=True, how="visit", note="看过了")
    return case


@pytest.mark.domain("网格员采集→平台流转→部门承办→纪委监督")
@pytest.mark.domain("The case: review, appeal, 问责")
def test_a_report_goes_round_the_loop_to_a_closed_case_and_a_review(town: Town) -> None:
    case = in_progress(town)
    number = town.ask("urban", "assign_sub_task", case=case, unit="water", title="查线路")["said"]
    town.ask("water", "accept_sub_task", case=case, number=number, handler="water-1")
    town.ask("water", "finish_sub_task", case=case, number=number, note="线路正常")
    town.ask("urban", "contact", case=case, note="已联系当事人")
    town.ask("urban", "resolve", case=case, outcome="solved", note="换了灯泡")
    assert town.ask("street", "inspect", case=case, passed=False, how="visit", note="还是不亮")["state"] == "REWORK"
    town.ask("urban", "start", case=case)
    town.ask("urban", "resolve", case=case, outcome="solved", note="换了整灯")
    town.ask("street", "inspect", case=case, passed=True, how="visit", note="亮了")
    closed = town.ask("resident", "rate", case=case, contacted=True, solved=True, satisfied=2)
    assert (closed["state"], closed["reworks"]) == ("CLOSED", 1)
    steps = [step["act"] for step in town.ask("supervisor", "case_history", case=case)["items"]]
    assert steps[:4] == ["report", "verify", "register", "whistle"]
    wait_for(lambda: town.site.collections("cases")["reviews"].find_one({"tenant": town.tenant, "case": case}))


@pytest.mark.domain("首问负责, AB岗, 最多跑一次")
def test_a_repeated_request_makes_one_case_and_answers_the_same(town: Town) -> None:
    first, second = (town.report(key="same") for _ in range(2))
    assert first == second
    with pytest.raises(RemoteProblem) as reused:
        town.report(key="same", text="另一件事")
    assert reused.value.wire["status"] == 422


@pytest.mark.domain("The case: 催办")
def test_the_same_persons_same_open_matter_becomes_an_urge(town: Town) -> None:
    first = town.report()
    again = town.report(text="还是没有人来")
    assert (again["id"], again["urged"]) == (first["id"], True)
    assert town.report(text="第三次了")["urged"] is False  # once a day
    said = [step.get("note") for step in town.ask("street", "case_history", case=first["id"])["items"]]
    assert said[-2:] == ["还是没有人来", "第三次了"]
    assert town.report(category="component.utility.manhole-cover")["id"] != first["id"]


def test_what_a_report_answers_is_what_the_api_says_of_it(town: Town) -> None:
    for urged in (None, True, False):
        assert msgspec.convert(town.report(), Reported).urged is urged


@pytest.mark.domain("The case: 催办")
def test_a_report_of_a_matter_whose_open_case_is_full_is_taken_all_the_same(town: Town) -> None:
    case = town.report()["id"]
    steps = [{"at": datetime.now(UTC), "act": "note_progress"}] * MOST_STEPS_BESIDE
    town.site.collections("cases")["cases"].update_one(
        {"_id": f"{town.tenant}:{case}"}, {"$set": {"history": steps}, "$inc": {"version": 1}}
    )
    again = town.report()
    assert (again["id"], again["urged"]) == (case, False)


@pytest.mark.domain("The case: 催办")
def test_an_urge_that_is_repeated_after_its_case_ended_gets_its_first_answer(town: Town) -> None:
    case = town.report()["id"]
    urged = town.report(key="urged")
    town.ask("resident", "withdraw", case=case, reason="gone")
    assert town.report(key="urged") == urged
    assert town.report(key="another")["id"] != case


@pytest.mark.domain("The case: 催办")
def test_a_report_of_a_matter_that_was_urged_today_and_has_become_full_is_taken_all_the_same(town: Town) -> None:
    case = town.report()["id"]
    assert town.report()["urged"] is True
    steps = [{"at": datetime.now(UTC), "act": "note_progress"}] * MOST_STEPS_BESIDE
    town.site.collections("cases")["cases"].update_one(
        {"_id": f"{town.tenant}:{case}"}, {"$set": {"history": steps}, "$inc": {"version": 1}}
    )
    again = town.report()
    assert (again["id"], again["urged"]) == (case, False)


@pytest.mark.domain("The case: Reporters")
def test_a_report_for_somebody_gives_neither_their_code_nor_their_case_to_who_does_not_see_it(town: Town) -> None:
    caller = {"reporter": {"name": "王小明", "phone": "13900000001"}}
    first = town.report("hotline", **caller)
    for by, told in (("inspector", set()), ("counter", set()), ("street", {"id"}), ("hotline", {"id"})):
        answer = town.report(by, **caller)
        assert answer.get("urged") is not None
        assert answer.keys() & {"id", "code"} == told
    with pytest.raises(RemoteProblem) as refused:
        town.report("supervisor", **caller)
    assert refused.value.wire["code"] == "wrong_role"
    hidden = town.report("hotline", category=COVER, confidentiality="confidential", **caller)
    assert town.report("inspector", category=COVER, **caller)["id"] not in (first["id"], hidden["id"])


@pytest.mark.domain("The case: Reporters")
def test_staff_who_may_work_on_a_case_do_not_get_the_code_of_its_reporter(town: Town) -> None:
    for number, by in enumerate(("grid_worker", "community", "street", "centre", "urban", "inspector")):
        caller = {"name": "王小明", "phone": f"1390000000{number}"}
        for confidentiality in ("named", "confidential", "anonymous"):
            made = town.report(by, reporter=caller, confidentiality=confidentiality, category=COVER)
            assert "code" not in made, (by, confidentiality)


@pytest.mark.domain("The case: Reporters")
def test_who_hands_the_code_to_the_reporter_does_not_act_by_it(town: Town) -> None:
    steps: dict[str, dict[str, Any]] = {
        "object": {}, "withdraw": {"reason": "gone"}, "reopen": {"reason": "came_back"}, "urge": {},
        "rate": {"satisfied": 1},
    }  # fmt: skip
    nobody = town.who("resident", subject="anonymous", roles=frozenset())
    for by, phone in (("counter", "13900000001"), ("hotline", "13900000002")):
        made = town.report(by, reporter={"name": "王小明", "phone": phone})
        by_code = {"case": made["id"], "code": made["code"]}
        for step, args in steps.items():
            assert town.refused(by, step, **by_code, **args) == "case.code_of_reporter", step
        assert town.ask(nobody, "urge", **by_code)["said"] == 1


@pytest.mark.domain("The case: Reporters")
def test_a_report_for_somebody_does_not_show_a_unit_the_complaint_about_itself(town: Town) -> None:
    caller = {"reporter": {"name": "王小明", "phone": "13900000002"}}
    complaint = town.report("hotline", about="urban", **caller)
    assert town.report("urban", **caller)["id"] != complaint["id"]


@pytest.mark.domain("The case: Reporters")
def test_an_anonymous_report_is_followed_by_number_and_code_alone(town: Town) -> None:
    made = town.report(confidentiality="anonymous")
    nobody = town.who("resident", subject="anonymous", roles=frozenset())
    page = town.ask(nobody, "follow", case=made["id"], code=made["code"])
    assert town.ask(nobody, "follow", case=made["id"], code=f" {made['code'].lower()} ") == page
    assert page["state"] == "REPORTED"
    assert "路灯不亮" not in str(page)
    with pytest.raises(RemoteProblem) as wrong:
        town.ask(nobody, "follow", case=made["id"], code="WRONGCODE0")
    assert wrong.value.wire["status"] == 404
    with pytest.raises(RemoteProblem):
        town.ask("resident", "get_case", case=made["id"])
    assert town.ask(nobody, "withdraw", case=made["id"], reason="gone", code=made["code"])["state"] == "WITHDRAWN"


@pytest.mark.domain("The case: register, reject")
def test_a_reporter_reads_why_they_were_rejected_and_where_to_go_signed_in_or_by_code(town: Town) -> None:
    made = town.report()
    town.ask("street", "verify", case=made["id"], found=True, note="见到了")
    elsewhere = {"case": made["id"], "note": "该路段由交警管理", "go_to": "交警支队"}
    assert town.refused("street", "reject", **elsewhere, reason="no_time") == "case.reason_not_listed"
    assert town.refused("neighbour", "reject", **elsewhere, reason="no_time") == "not_found"
    town.ask("street", "reject", **elsewhere, reason="elsewhere")
    nobody = town.who("resident", subject="anonymous", roles=frozenset())
    page = town.ask(nobody, "follow", case=made["id"], code=made["code"])
    assert page["rejection"] == town.ask("resident", "get_case", case=made["id"])["rejection"]
    assert page["rejection"] == {
        "reason": "elsewhere",
        "go_to": "交警支队",
        "note": "该路段由交警管理",
        "names": {"en": "Not a matter of this place", "zh-CN": "不属于本地管辖"},
    }


@pytest.mark.domain("The case: Rating")
def test_the_written_result_is_read_by_code_by_who_is_to_rate_it_also_after_a_merge(town: Town) -> None:
    made, child = town.report(), town.registered("neighbour", category=LAMP)
    town.ask("street", "verify", case=made["id"], found=True, note="见到了")
    town.ask("street", "register", case=made["id"])
    town.ask("street", "merge", case=child, into=made["id"])
    wait_for(lambda: town.ask("street", "get_case", case=made["id"])["children"])
    town.awaiting_rating(made["id"])
    nobody = town.who("resident", subject="anonymous", roles=frozenset())
    result = town.ask(nobody, "follow", case=made["id"], code=made["code"])["result"]
    assert (result["outcome"], result["note"]) == ("solved", "已修好")
    wait_for(lambda: town.ask("neighbour", "get_case", case=child)["result"] == result)


@pytest.mark.domain("The case: withdraw; void")
def test_a_tenant_lists_its_own_reasons(town: Town) -> None:
    drill = {"code": "drill", "zh": "演练", "en": "A drill"}
    town.change_settings(reasons={"voidings": [drill]})
    wait_for(lambda: town.stored("tenant_settings", **{"reasons.voidings.code": "drill"}))
    case = town.report()["id"]
    wait_for(lambda: town.refused("centre", "void", case=case, reason="mistaken") == "case.reason_not_listed")
    assert town.ask("centre", "void", case=case, reason="drill", note="应急演练")["state"] == "VOIDED"
    assert town.ask("centre", "case_history", case=case)["items"][-1]["note"] == "应急演练"


@pytest.mark.domain("The case: Reporters")
def test_the_code_is_stored_nowhere_and_yet_answered_again(town: Town) -> None:
    first, again = (town.report(key="once") for _ in range(2))
    assert first["code"] == again["code"]
    database = town.site.collections("cases")
    stored = [row for name in database.list_collection_names() for row in database[name].find()]
    assert first["id"] in str(stored)
    assert first["code"] not in str(stored)


@pytest.mark.domain("The case: Reporters")
@pytest.mark.parametrize("confidentiality", ["anonymous", "confidential"])
def test_no_event_names_a_hidden_reporter_as_its_cause(town: Town, confidentiality: str) -> None:
    hidden = town.who("resident", subject="whistle-blower")
    made = town.report(hidden, confidentiality=confidentiality)
    code = made["code"] if confidentiality == "anonymous" else ""
    town.ask(hidden, "urge", case=made["id"], code=code)
    row = town.site.collections("cases")["cases"].find_one({"_id": f"{town.tenant}:{made['id']}"})
    if confidentiality == "anonymous":
        assert "whistle-blower" not in str(row)
    told = b"".join(town.log())
    assert made["id"].encode() in told
    assert b"whistle-blower" not in told


def test_a_stale_version_is_told_to_those_alone_who_see_the_case(town: Town) -> None:
    case = town.report()["id"]
    elsewhere = town.who("street", area="/1503/150303/150303001/", unit="150303001")
    for by, status in (("street", 412), (elsewhere, 404)):
        with pytest.raises(RemoteProblem) as refused:
            town.ask(by, "verify", case=case, found=True, note="见到了", if_match=7)
        assert refused.value.wire["status"] == status


@pytest.mark.domain("The case: Dispute")
def test_what_no_list_names_an_owner_for_the_street_takes_and_the_gap_is_logged(town: Town) -> None:
    case = town.report(category="component.utility.manhole-cover")["id"]
    town.ask("grid_worker", "verify", case=case, found=True, note="见到了")
    town.ask("street", "register", case=case)
    with pytest.raises(RemoteProblem) as refused:
        town.ask("street", "dispatch", case=case, lead="urban")
    assert refused.value.wire["code"] == "case.off_the_list"
    assert town.ask("street", "take_on", case=case, handler="street-1")["lead"] == STREET_CODE
    assert b"case.gap_found" in b"".join(town.log())


def test_each_role_sees_its_own_and_out_of_area_is_like_unknown(town: Town) -> None:
    case = town.report(reporter={"name": "王小明", "phone": "13900000001"})["id"]
    seen = {name: town.ask(name, "list_cases")["items"] for name in ("resident", "grid_worker", "street", "centre")}
    assert all([row["id"] for row in rows] == [case] for rows in seen.values())
    elsewhere = town.who("street", area="/1503/150303/150303001/", unit="150303001")
    with pytest.raises(RemoteProblem) as refused:
        town.ask(elsewhere, "get_case", case=case)
    with pytest.raises(RemoteProblem) as unknown:
        town.ask(elsewhere, "get_case", case="0000000000000000")
    assert refused.value.wire == unknown.value.wire
    with pytest.raises(RemoteProblem):
        town.ask("tenant_admin", "list_cases")


def test_a_resident_is_told_which_unit_has_their_case_and_not_which_person(town: Town) -> None:
    case = in_progress(town)
    rated = [town.ask("resident", "list_cases")["items"][0], town.ask("resident", "urge", case=case)]
    assert [(row["lead"], "handler" in row) for row in rated] == [("urban", False)] * 2
    assert town.ask("street", "list_cases")["items"][0]["handler"] == "urban-1"
    assert "urban-1" not in str(town.ask("resident", "get_case", case=case))


def test_the_hotline_and_the_supervisor_see_cases_masked(town: Town) -> None:
    case = town.report("counter", reporter={"name": "王小明", "phone": "13900000001"})["id"]
    masked = town.ask("hotline", "get_case", case=case)
    assert (masked["parties"][0]["name"], masked["parties"][0]["phone"]) == ("王**", "139****0001")
    assert masked["address"] == ""
    plain = town.ask("street", "get_case", case=case)
    assert (plain["parties"][0]["name"], plain["text"]) == ("王小明", "路灯不亮")
    stored = str(town.site.collections("cases")["cases"].find_one({"_id": f"{town.tenant}:{case}"}))
    assert "王小明" not in stored
    assert "路灯不亮" not in stored


def test_pages_follow_each_other_without_gap_or_repetition(town: Town) -> None:
    made = {town.report(town.who("resident", subject=f"r-{number}"))["id"] for number in range(7)}
    found: list[str] = []
    after = None
    while True:
        page = town.ask("street", "list_cases", limit=3, after=after, state="REPORTED", category=LAMP, area=GRID)
        found += [row["id"] for row in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(found) == 7
    assert set(found) == made


@pytest.mark.domain("The case: Whistle")
def test_alarms_ring_by_themselves(town: Town) -> None:
    case = town.report()["id"]
    town.ask("grid_worker", "verify", case=case, found=True, note="见到了")
    town.ask("street", "register", case=case)
    town.ask("street", "whistle", case=case, lead="urban", called=["water"])
    town.site.advance(timedelta(minutes=31))
    absent = wait_for(lambda: town.ask("street", "get_case", case=case)["supervisions"])
    assert [each["reasons"] for each in absent] == [["no_show", "no_show"]]


def test_parties_without_a_number_are_not_taken_for_one_person(town: Town) -> None:
    made = [
        town.report("hotline", reporter={"name": name, "phone": phone})["id"]
        for name, phone in (("王小明", "无"), ("李小红", "-"), ("赵小兰", ""))
    ]
    assert len(set(made)) == 3
    case = town.report("grid_worker")["id"]
    town.ask("street", "register", case=case, party={"name": "王小明", "phone": "不详"})
    assert town.stored("cases", persons=f"code:{case}") == 1
    assert town.ask("hotline", "list_callers_cases", phone="-")["items"] == []
    assert town.refused("hotline", "urge", case=case) == "case.not_party"


@pytest.mark.domain("网格员发现上报—职能部门领办—网格中心督办; 线上呼叫线下报到")
def test_a_grid_worker_reports_a_department_leads_and_the_centre_supervises(town: Town) -> None:
    case = town.report("grid_worker")["id"]
    registered = town.ask("street", "register", case=case, nobody=True)
    assert registered["state"] == "REGISTERED"  # seen by staff: nothing left to verify
    town.ask("street", "whistle", case=case, lead="urban")  # called on line
    assert town.ask("urban", "report_in", case=case, handler="urban-1")["lead"] == "urban"  # and there in person
    number = town.ask("centre", "supervise", case=case, reason="complaints")["said"]
    town.ask("urban", "answer_supervision", case=case, number=number, note="明天完成")
    with pytest.raises(RemoteProblem):
        town.ask("street", "close_supervision", case=case, number=number)
    town.ask("centre", "close_supervision", case=case, number=number)


@pytest.mark.domain("Roles: work lists")
def test_each_role_finds_its_work_in_its_lists(town: Town) -> None:
    def listed(name: str, work_list: str) -> list[str]:
        return [row["id"] for row in town.ask(name, "work_list", name=work_list)["items"]]

    case = town.report()["id"]
    assert listed("grid_worker", "to_do") == listed("community", "to_do") == [case]
    town.ask("grid_worker", "verify", case=case, found=True, note="见到了")
    town.ask("street", "register", case=case)
    assert listed("grid_worker", "to_do") == []
    assert listed("grid_worker", "mine") == [case]  # what became of what they took first
    assert listed("street", "to_do") == [case]
    town.ask("street", "dispatch", case=case, lead="urban")
    assert listed("urban", "to_do") == [case]
    town.ask("urban", "return_case", case=case, entry=f"{LAMP}.county.1", proposed="water", reason="not_ours")
    assert listed("street", "came_back") == listed("street", "to_do") == [case]
    assert listed("urban", "to_do") == []


@pytest.mark.domain("Roles: work lists")
def test_what_waits_for_a_street_a_community_and_a_grid_is_in_their_lists(town: Town) -> None:
    def waits_for(name: str | Principal, case: str) -> bool:
        return case in [row["id"] for row in town.ask(name, "work_list", name="to_do")["items"]]

    taken, led = town.report("grid_worker")["id"], town.registered("neighbour")
    town.ask("community", "register", case=taken, nobody=True)
    town.ask("community", "take_on", case=taken, handler="community-1")
    assert waits_for("community", taken)  # 自办
    town.ask("community", "assign_sub_task", case=taken, unit=GRID_CODE, title="贴告示")
    assert waits_for(town.who("grid_worker", unit=GRID_CODE), taken)
    town.ask("community", "assign_sub_task", case=taken, unit=STREET_CODE, title="协调")
    assert waits_for("street", taken)
    town.awaiting_rating(led)
    assert not waits_for("urban", led)
    town.ask("neighbour", "urge", case=led)
    assert waits_for("urban", led)  # to be answered, though the work is done
    town.ask("urban", "answer_urge", case=led, number=1, note="已修好")
    assert not waits_for("urban", led)
    number = town.ask("centre", "supervise", case=led, reason="complaints")["said"]
    assert waits_for("urban", led)
    assert waits_for("centre", led)
    town.ask("urban", "answer_supervision", case=led, number=number, note="已修好")
    assert (waits_for("urban", led), waits_for("centre", led)) == (False, True)
    closed = town.report("courier", confidentiality="confidential")["id"]
    town.ask("street", "verify", case=closed, found=True, note="见到了")
    town.ask("street", "register", case=closed)
    assert waits_for("hotline", closed)
    town.ask("hotline", "screen", case=closed, text="路灯")
    assert not waits_for("hotline", closed)


def test_an_entry_in_force_is_found_after_any_number_that_have_ended(town: Town) -> None:
    entries = town.site.collections("cases")["list_entries"]
    row = entries.find_one({"_id": f"{town.tenant}:{LAMP}.county.1"})
    past = {"valid_from": row["valid_from"] - timedelta(days=9), "valid_until": row["valid_from"] - timedelta(days=8)}
    entries.insert_many([row | past | {"_id": f"{town.tenant}:!{number}"} for number in range(250)])
    case = town.registered()
    town.ask("street", "dispatch", case=case, lead="urban")
    town.ask("urban", "return_case", case=case, entry=f"{LAMP}.county.1", proposed="water", reason="not_ours")


@pytest.mark.domain("The case: return")
def test_only_an_entry_that_names_the_unit_proposed_is_the_ground_of_a_return(town: Town) -> None:
    case = town.registered()
    town.ask("street", "dispatch", case=case, lead="urban")

    def refused(entry: str, proposed: str) -> str:
        return town.refused("urban", "return_case", case=case, entry=entry, proposed=proposed, reason="not_ours")

    assert refused("no-such-entry", "water") == "not_known_yet"
    town.site.advance(timedelta(seconds=6))
    wait_for(lambda: refused("no-such-entry", "water") == "invalid")
    assert refused(f"{LAMP}.county.1", "housing") == "invalid"
    town.ask("urban", "return_case", case=case, entry=f"{LAMP}.county.1", proposed="water", reason="not_ours")


@pytest.mark.domain("The case: accept")
def test_a_handler_is_somebody_whom_the_unit_has_now(town: Town) -> None:
    case, outsider, colleague = in_progress(town), town.hire("water"), town.hire("urban")

    def refused(handler: str) -> str:
        with pytest.raises(RemoteProblem) as problem:
            town.ask("urban", "assign", case=case, handler=handler)
        return str(problem.value.wire["code"])

    assert refused("nobody") == "not_known_yet"  # their assignment may be on its way
    town.site.advance(timedelta(seconds=6))
    wait_for(lambda: refused("nobody") == "case.handler_of_no_post")
    assert refused(outsider) == "case.handler_of_no_post"
    town.ask("urban", "assign", case=case, handler=colleague)
    town.dismiss(colleague)
    assert refused(colleague) == "not_known_yet"


@pytest.mark.domain("The case: inspect")
def test_an_inspector_is_somebody_who_holds_that_post_where_the_case_lies(town: Town) -> None:
    case, inspector, officer = in_progress(town), town.hire("150302", "inspector"), town.hire("water")
    with pytest.raises(RemoteProblem) as problem:
        town.ask("street", "assign_inspector", case=case, inspector=officer)
    assert problem.value.wire["code"] == "case.inspector_of_no_post"
    town.ask("street", "assign_inspector", case=case, inspector=inspector)
    assert town.ask(town.who("inspector", subject=inspector), "get_case", case=case)["id"] == case


@pytest.mark.domain("Roles: handover")
def test_what_somebody_handles_is_found_and_handed_over(town: Town) -> None:
    case, colleague = in_progress(town), town.hire("urban")
    found = town.ask("urban", "handover", person="urban-1")["items"]
    assert [row["id"] for row in found] == [case]
    town.ask("urban", "assign", case=case, handler=colleague)
    assert town.ask("urban", "handover", person="urban-1")["items"] == []


@pytest.mark.domain("The case: Categories")
def test_a_report_is_of_a_category_that_the_tenant_has_with_its_provisional_priority(town: Town) -> None:
    with pytest.raises(RemoteProblem) as refused:
        town.report(category="component.utility.moon")
    assert refused.value.wire["data"]["fields"][0]["field"] == "category"
    cover = town.report(category="component.utility.manhole-cover")["id"]
    assert town.ask("street", "get_case", case=cover)["priority"] == "P2"
    question = town.report(category="service.policy.question")["id"]
    assert town.ask("street", "get_case", case=question)["state"] == "VERIFYING"  # no place to look at


def test_a_merge_takes_the_child_in_and_an_unmerge_lets_it_go(town: Town) -> None:
    parent = town.report()["id"]
    child = town.report(town.who("resident", subject="r-2"))["id"]
    for case in (parent, child):
        town.ask("grid_worker", "verify", case=case, found=True, note="见到了")
        town.ask("street", "register", case=case, priority="P2" if case == child else "P3")
    assert town.ask("street", "merge", case=child, into=parent)["state"] == "MERGED"
    wait_for(lambda: town.ask("street", "get_case", case=parent)["children"])
    assert town.ask("street", "get_case", case=parent)["priority"] == "P2"
    assert town.ask("street", "unmerge", case=child)["state"] == "REGISTERED"
    wait_for(lambda: not town.ask("street", "get_case", case=parent)["children"])
    assert town.ask("street", "get_case", case=parent)["priority"] == "P3"


def test_an_import_goes_on_after_bad_rows_and_makes_nothing_twice(town: Town) -> None:
    rows = [
        {"line": 2, "number": "1", "category": LAMP, "path": GRID, "state": "REGISTERED", "text": "lamp"},
        {"line": 3, "number": "2", "category": "component.utility.nothing", "path": GRID, "state": "REGISTERED"},
        {"line": 4, "number": "3", "category": LAMP, "path": GRID, "state": "IN_PROGRESS"},
        {"line": 5, "number": "4", "category": LAMP, "path": GRID, "state": "CLOSED"},
        {"line": 6, "number": "5", "category": LAMP, "path": GRID, "state": "CLOSED", "lon": 106.8},
    ]
    first = town.ask("centre", "import_cases", source="nyc311", rows=rows)
    assert (first["made"], [each["line"] for each in first["rejected"]]) == (2, [3, 4, 6])
    assert [(each["line"], each["made"]) for each in first["cases"]] == [(2, True), (5, True)]
    again = town.ask("centre", "import_cases", source="nyc311", rows=rows)
    assert (again["known"], again["cases"]) == (2, [each | {"made": False} for each in first["cases"]])


def test_a_known_number_with_other_content_is_told_apart_from_the_same_row(town: Town) -> None:
    row = {"line": 2, "number": "1", "category": LAMP, "path": GRID, "state": "REGISTERED", "text": "lamp"}
    rows = [row, row | {"line": 3}, row | {"line": 4, "text": "Lamp"}, row | {"line": 5, "number": "2"}]
    first = town.ask("centre", "import_cases", source="other-content", rows=rows)
    assert [(each["line"], each["made"]) for each in first["cases"]] == [(2, True), (3, False), (5, True)]
    [refused] = first["rejected"]
    assert refused["line"] == 4
    assert all(first["cases"][0]["number"] in reason for reason in refused["reason"].values())
    assert town.ask("centre", "get_case", case=first["cases"][0]["id"])["text"] == "lamp"
    later = [row | {"line": 9, "text": "other"}, row | {"line": 8}]
    again = town.ask("centre", "import_cases", source="other-content", rows=later)
    assert ([each["line"] for each in again["cases"]], [each["line"] for each in again["rejected"]]) == ([8], [9])


def test_what_may_be_on_its_way_is_asked_for_once_for_all_rows_of_an_import(town: Town) -> None:
    rows = [
        {
            "line": line,
            "number": f"{line}",
            "category": LAMP,
            "path": GRID,
            "state": "ACCEPTED",
            "lead": f"nobody-{line}",
        }
        for line in range(2, 7)
    ]
    asked = {"source": "elsewhere", "rows": rows}
    assert town.refused("centre", "import_cases", **asked) == "not_known_yet"
    town.site.advance(timedelta(seconds=10))

    def answer() -> Any:
        try:
            return town.ask("centre", "import_cases", **asked)
        except RemoteProblem:
            return None

    # Sooner than a second unknown id, asked for only now, would be called wrong.
    assert len(wait_for(answer, seconds=4)["rejected"]) == 5


def test_a_case_of_long_ago_is_in_the_list_too(town: Town) -> None:
    row = {"line": 2, "number": "1", "category": LAMP, "path": GRID, "state": "CLOSED"}
    town.ask("centre", "import_cases", source="archive", rows=[row | {"reported_at": "1969-06-01T00:00:00+08:00"}])
    assert [each["state"] for each in town.ask("centre", "list_cases")["items"]] == ["CLOSED"]


def test_a_page_of_reports_begins_after_a_moment(town: Town) -> None:
    for elsewhere in ([None, "x"], ["2026-03-01T09:00:00+08:00"], "x", 7):
        assert town.refused("centre", "list_cases", after=elsewhere) == "invalid"


def test_a_centre_imports_into_its_own_area_alone_and_an_operator_everywhere(town: Town) -> None:
    rows = [{"line": 2, "number": "1", "category": LAMP, "path": GRID, "state": "REGISTERED"}]
    elsewhere = town.who("centre", area="/1503/150303/", unit="150303")
    refused = town.ask(elsewhere, "import_cases", source="other", rows=rows)
    assert (refused["made"], [each["line"] for each in refused["rejected"]]) == (0, [2])
    assert all("/1503/150303/" in told for told in refused["rejected"][0]["reason"].values())
    assert town.ask("operator", "import_cases", source="other", rows=rows)["made"] == 1


@pytest.mark.domain("The case: verify")
def test_blanks_are_neither_a_note_nor_the_text_of_a_report(town: Town) -> None:
    case = town.report()["id"]
    assert town.refused("grid_worker", "verify", case=case, found=True, note=" \u3000") == "case.nothing_shown"
    assert town.refused("grid_worker", "verify", case=case, found=True) == "case.nothing_shown"
    assert town.refused("neighbour", "report", category=LAMP, place={"path": GRID}, text=" ") == "invalid"


def test_operators_in_place_of_values_are_refused_with_the_field(town: Town) -> None:
    with pytest.raises(RemoteProblem) as refused:
        town.ask("street", "list_cases", category={"$ne": None})
    assert refused.value.wire["status"] == 422
    assert refused.value.wire["data"]["fields"][0]["field"] == "category"
