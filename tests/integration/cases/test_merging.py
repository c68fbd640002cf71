"""A merge is two writes, one for each case: what happens when the second is refused."""

from __future__ import annotations

import pytest

from chassis.errors import RemoteProblem
from tests.integration.cases.town import COMMUNITY, GRID, NEXT_COMMUNITY, Town
from tests.servers.waiting import wait_for


@pytest.mark.domain("The case: Merge")
def test_a_child_that_its_parent_cannot_take_in_comes_back(town: Town) -> None:
    parent = town.report()["id"]
    child = town.report(town.who("resident", subject="r-2"))["id"]
    for case in (parent, child):
        town.ask("grid_worker", "verify", case=case, found=True, note="见到了")
        town.ask("street", "register", case=case)
    due = town.ask("street", "get_case", case=child)["due"]
    taken = [{"case": f"C{number}", "sequence": 1, "priority": "P3", "released": True} for number in range(100)]
    town.site.collections("cases")["cases"].update_one(
        {"_id": f"{town.tenant}:{parent}"}, {"$set": {"children": taken}, "$inc": {"version": 1}}
    )
    assert town.ask("street", "merge", case=child, into=parent)["state"] == "MERGED"
    wait_for(lambda: town.ask("street", "get_case", case=child)["state"] == "REGISTERED")
    assert town.ask("street", "get_case", case=child)["due"] == due
    assert town.ask("street", "get_case", case=parent)["children"] == []


MERGE = "The case: Merge"
NEXT_DOOR = {"path": NEXT_COMMUNITY, "address": "和平路 2 号"}


def a_merged_pair(town: Town, **report: object) -> tuple[str, str]:
    """A parent of `resident` that a department works on, and a child of `neighbour` merged into it."""
    parent = town.registered()
    child = town.registered("neighbour", **{"place": NEXT_DOOR, "text": "我家门口也不亮", **report})
    town.ask("street", "dispatch", case=parent, lead="urban")
    town.ask("urban", "accept", case=parent, handler="urban-1")
    town.ask("urban", "start", case=parent)
    assert town.ask("street", "merge", case=child, into=parent)["merged_into"] == parent
    wait_for(lambda: town.ask("street", "get_case", case=parent)["children"])
    return parent, child


@pytest.mark.domain(MERGE)
def test_an_urge_on_a_merged_case_reaches_its_parent_and_the_answer_comes_back(town: Town) -> None:
    parent, child = a_merged_pair(town)
    urged = town.ask("neighbour", "urge", case=child)
    assert (urged["id"], urged["merged_into"], urged["said"]) == (child, parent, 1)
    [urge] = wait_for(lambda: town.ask("urban", "get_case", case=parent)["urges"])
    assert (urge["of"], urge["person"], urge.get("answered_at")) == (child, "", None)
    assert town.refused("neighbour", "urge", case=child) == "case.urged_today"
    town.ask("urban", "answer_urge", case=parent, number=urge["number"], note="明天修")
    [answered] = wait_for(
        lambda: [one for one in town.ask("neighbour", "get_case", case=child)["urges"] if one.get("answered_at")]
    )
    assert answered["note"] == "明天修"


@pytest.mark.domain(MERGE)
def test_an_urge_of_a_case_that_leaves_its_parent_goes_with_it(town: Town) -> None:
    parent, child = a_merged_pair(town)
    town.ask("neighbour", "urge", case=child)
    wait_for(lambda: town.ask("urban", "get_case", case=parent)["urges"])
    town.ask("street", "unmerge", case=child)
    wait_for(lambda: town.ask("urban", "get_case", case=parent)["urges"][0]["released"])
    assert town.refused("urban", "answer_urge", case=parent, number=1, note="x") == "not_found"
    assert [urge.get("answered_at") for urge in town.ask("street", "get_case", case=child)["urges"]] == [None]


@pytest.mark.domain(MERGE)
def test_the_same_persons_same_report_of_a_merged_matter_urges_its_parent(town: Town) -> None:
    parent, child = a_merged_pair(town)
    again = town.report("neighbour", place=NEXT_DOOR, text="又不亮了")
    assert (again["id"], again["merged_into"], again["urged"]) == (child, parent, True)
    [urge] = wait_for(lambda: town.ask("urban", "get_case", case=parent)["urges"])
    assert urge["of"] == child
    [merged] = town.ask("urban", "get_case", case=parent)["merged_cases"]
    assert [one["note"] for one in merged["supplements"]] == ["又不亮了"]


@pytest.mark.domain(MERGE)
def test_the_lead_of_the_parent_reads_what_the_merged_case_says_and_whom_to_contact(town: Town) -> None:
    parent, child = a_merged_pair(town)
    town.ask("urban", "contact", case=parent, note="已联系两位")
    [merged] = town.ask("urban", "get_case", case=parent)["merged_cases"]
    assert (merged["case"], merged["text"]) == (child, "我家门口也不亮")
    assert [party["person"] for party in merged["parties"]] == ["neighbour-1"]
    assert "merged_cases" not in town.ask("resident", "get_case", case=parent)
    assert town.ask("supervisor", "get_case", case=parent)["merged_cases"] == []


@pytest.mark.domain(MERGE)
def test_the_lead_of_the_parent_does_not_learn_who_reported_a_merged_case_in_confidence(town: Town) -> None:
    parent, child = town.registered(), town.report("neighbour", confidentiality="confidential", text="保密")["id"]
    town.ask("street", "verify", case=child, found=True, note="见到了")
    town.ask("hotline", "screen", case=child, text="路灯")
    town.ask("street", "merge", case=child, into=parent)
    wait_for(lambda: town.ask("street", "get_case", case=parent)["children"])
    town.ask("neighbour", "urge", case=child)
    wait_for(lambda: town.ask("street", "get_case", case=parent)["urges"])
    seen = str(town.ask("street", "get_case", case=parent))
    assert "neighbour-1" not in seen
    assert "保密" not in seen


@pytest.mark.domain(MERGE)
def test_the_party_of_a_merged_case_follows_its_parent(town: Town) -> None:
    parent = town.registered()
    made = town.report("neighbour", place=NEXT_DOOR)
    child = made["id"]
    town.ask("street", "verify", case=child, found=True, note="见到了")
    town.ask("street", "merge", case=child, into=parent)
    wait_for(lambda: town.ask("street", "get_case", case=parent)["children"])
    town.ask("street", "dispatch", case=parent, lead="urban")
    signed_in = town.ask("neighbour", "get_case", case=child)
    by_code = town.ask("neighbour", "follow", case=child, code=made["code"])
    for seen in (signed_in, by_code):
        assert seen["merged_into"] == parent
        assert (seen["parent"]["state"], seen["parent"]["lead"]) == ("DISPATCHED", "urban")
        assert "urge" in seen["may"]
    assert town.refused("neighbour", "get_case", case=parent) == "not_found"


@pytest.mark.domain(MERGE)
def test_comments_on_a_merged_case_are_read_at_its_parent_and_answered_to_its_party(town: Town) -> None:
    parent, child = a_merged_pair(town)
    town.ask("neighbour", "comment", case=child, text="我这边还不亮")
    town.ask("resident", "comment", case=parent, text="我的情况")
    town.ask("urban", "comment", case=parent, text="明天修", visibility="parties")
    town.ask("urban", "comment", case=parent, text="缺配件")
    read = {
        who: {one["text"] for one in town.ask(who, "list_comments", case=case)["items"]}
        for who, case in (("urban", parent), ("resident", parent), ("neighbour", child))
    }
    assert read["urban"] == {"我这边还不亮", "我的情况", "明天修", "缺配件"}
    assert read["resident"] == {"我的情况", "明天修"}
    assert read["neighbour"] == {"我这边还不亮", "明天修"}
    town.ask("street", "unmerge", case=child)
    wait_for(lambda: not town.ask("street", "get_case", case=parent)["children"])
    assert "我这边还不亮" not in {one["text"] for one in town.ask("urban", "list_comments", case=parent)["items"]}


@pytest.mark.domain(MERGE)
def test_calls_and_tickets_that_name_a_merged_case_point_to_its_parent(town: Town) -> None:
    parent, child = a_merged_pair(town, place={"path": GRID, "address": "新华大街 2 号"})
    reported = town.report("hotline", place=NEXT_DOOR, reporter={"phone": "13900000001"})["id"]
    town.ask("street", "verify", case=reported, found=True, note="见到了")
    town.ask("street", "merge", case=reported, into=parent)
    wait_for(lambda: len(town.ask("street", "get_case", case=parent)["children"]) == 2)
    [found] = town.ask("hotline", "list_callers_cases", phone="13900000001")["items"]
    assert (found["id"], found["merged_into"], found["state"]) == (reported, parent, "IN_PROGRESS")
    town.ask("hotline", "promise_callback", phone="13900000001", case=reported)
    [callback] = town.ask("hotline", "list_callbacks")["items"]
    assert (callback["case"], callback["merged_into"]) == (reported, parent)
    ticket = town.ask("community", "open_ticket", area=COMMUNITY, services=[{"service": "lamp", "unit": "urban"}])
    town.ask("community", "name_ticket_case", ticket=ticket["id"], case=child)
    shown = town.ask("community", "get_ticket", ticket=ticket["id"])
    assert (shown["case"], shown["merged_into"]) == (child, parent)


@pytest.mark.domain(MERGE)
def test_who_withdraws_a_merged_case_leaves_its_parent_which_goes_on(town: Town) -> None:
    parent, child = a_merged_pair(town)
    town.ask("neighbour", "urge", case=child)
    wait_for(lambda: town.ask("urban", "get_case", case=parent)["urges"])
    assert "withdraw" in town.ask("neighbour", "get_case", case=child)["may"]
    left = town.ask("neighbour", "withdraw", case=child, reason="gone")
    assert (left["state"], left["merged_into"]) == ("WITHDRAWN", "")
    wait_for(lambda: not town.ask("urban", "get_case", case=parent)["children"])
    shown = town.ask("urban", "get_case", case=parent)
    assert (shown["state"], shown["urges"][0]["released"]) == ("IN_PROGRESS", True)
    assert town.ask("neighbour", "get_case", case=child)["ending"]["reason"] == "gone"


@pytest.mark.domain(MERGE)
def test_who_is_not_content_reopens_the_parent_through_the_merged_case(town: Town) -> None:
    parent, child = a_merged_pair(town)
    with pytest.raises(RemoteProblem) as refusal:
        town.ask("neighbour", "object", case=child)
    told, number = refusal.value.to_wire(), town.ask("street", "get_case", case=parent)["number"]
    assert (told["code"], told["data"]["into"]) == ("case.merged", parent)
    assert told["zh"] == f"本案已并入案件 {number}，由该案继续办理，不能在本案执行“异议”。"
    assert town.refused("neighbour", "reopen", case=child, reason="dark") == "case.wrong_state"
    town.ask("urban", "contact", case=parent, note="已联系两位")
    town.ask("urban", "resolve", case=parent, outcome="solved", note="已换灯")
    town.ask("street", "inspect", case=parent, passed=True, how="visit", note="亮了")
    wait_for(lambda: "rate" in town.ask("neighbour", "get_case", case=child)["may"])
    for who, case in (("resident", parent), ("neighbour", child)):
        town.ask(who, "rate", case=case, solved=True)
    wait_for(lambda: town.ask("street", "get_case", case=parent)["state"] == "CLOSED")
    assert "reopen" in town.ask("neighbour", "get_case", case=child)["may"]
    asked = town.ask("neighbour", "reopen", case=child, reason="dark", note="又不亮了")
    assert (asked["state"], asked["merged_into"]) == ("MERGED", parent)
    wait_for(lambda: town.ask("street", "get_case", case=parent)["state"] == "REOPENED")
    assert town.refused("neighbour", "reopen", case=child, reason="dark") == "case.wrong_state"
    [merged] = town.ask("street", "get_case", case=parent)["merged_cases"]
    assert [one["note"] for one in merged["supplements"]] == ["又不亮了"]
