"""Deliberations through the running service: a decision becomes a case, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.errors import RemoteProblem
from tests.integration.cases.town import COMMUNITY, COVER, HOME, LAMP, NEXT_COMMUNITY, Town
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("民情问需会, 四方共议")

FORUM = pytest.mark.domain("多网整合 (综治、城管、民政、应急), 楼栋精治、楼长共治")
FOLLOW_UP = {"category": LAMP, "area": COMMUNITY, "text": "增设路灯", **HOME}
FOUR = ["community", "owners", "property", "residents"]


def convening(town: Town, kind: str = "four_party", parties: list[str] = FOUR, **more: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "area": COMMUNITY,
        "topic": "院内照明",
        "at": town.site.now + timedelta(hours=1),
        "invitees": [{"kind": party} for party in parties],
        "series": "2026-Q4",
        **more,
    }


def held(town: Town, kind: str = "four_party", parties: list[str] = FOUR) -> str:
    deliberation = str(town.ask("community", "convene", **convening(town, kind, parties))["id"])
    about = {"deliberation": deliberation, "present": parties, "minutes": "一致同意"}
    assert town.refused("community", "hold_deliberation", **about) == "deliberation.not_yet"
    town.site.advance(timedelta(hours=1, seconds=5))
    town.ask("community", "hold_deliberation", **about)
    return deliberation


def decided(town: Town, deliberation: str) -> dict[str, Any]:
    decision = {"deliberation": deliberation, "decision": "增设路灯两盏", "follow_up": FOLLOW_UP}
    town.ask("community", "decide_deliberation", **decision)

    def followed() -> dict[str, Any]:
        read: dict[str, Any] = town.ask("street", "get_deliberation", deliberation=deliberation)
        return read if read["case"] else {}

    return wait_for(followed)


def test_a_decision_becomes_a_case_whose_answer_the_decider_owes(town: Town) -> None:
    read = decided(town, held(town))
    assert (read["topic"], read["minutes"], read["decision"]) == ("院内照明", "一致同意", "增设路灯两盏")
    case = town.ask("community", "get_case", case=read["case"])
    assert (case["kind"], case["category"], case["text"]) == ("resolution", LAMP, "增设路灯")
    assert case["first_owner"]["person"] == "community-1"
    assert town.ask("community", "list_cases", number=case["number"])["items"][0]["id"] == case["id"]
    assert town.stored("cases") == 1


def test_a_decision_names_a_category_and_a_place_that_there_are(town: Town) -> None:
    deliberation = held(town)
    codes = {}
    for part in ({"category": "no.such.thing"}, {"area": f"{COMMUNITY}150302003001999/"}):
        decision = {"deliberation": deliberation, "decision": "增设路灯", "follow_up": FOLLOW_UP | part}
        with pytest.raises(RemoteProblem) as refused:
            town.ask("community", "decide_deliberation", **decision)
        told = refused.value.to_wire()
        codes[told["code"]] = str(told["data"])
    assert "follow_up.category" in codes["invalid"]
    assert "150302003001999" in codes["not_known_yet"]
    assert town.ask("community", "get_deliberation", deliberation=deliberation)["state"] == "HELD"


def test_the_case_of_a_decision_gets_the_priority_of_its_category(town: Town) -> None:
    follow_up = FOLLOW_UP | {"category": COVER}
    deliberation = held(town)
    town.ask("community", "decide_deliberation", deliberation=deliberation, decision="修井盖", follow_up=follow_up)
    made = wait_for(lambda: town.ask("street", "get_deliberation", deliberation=deliberation)["case"])
    reported = town.report(category=COVER)["id"]
    priorities = {town.ask("street", "get_case", case=case)["priority"] for case in (made, reported)}
    assert priorities == {"P2"}


def test_nobody_reports_a_case_as_that_of_a_decision(town: Town) -> None:
    visitor = town.who("resident", subject="anonymous:1")
    for by in ("resident", visitor, "street"):
        report = {"category": LAMP, "place": {"path": COMMUNITY}, "text": "修", "resolution": "d-1"}
        assert town.refused(by, "report", **report) == "invalid"


@pytest.mark.domain("大工委/大党委")
def test_a_councils_resolution_becomes_a_case(town: Town) -> None:
    read = decided(town, held(town, "council", ["member_unit"]))
    assert read["kind"] == "council"
    assert town.stored("cases", source=read["id"]) == 1


def test_it_is_read_in_its_area_and_by_nobody_else(town: Town) -> None:
    deliberation = held(town)
    assert [one["id"] for one in town.ask("centre", "list_deliberations", series="2026-Q4")["items"]] == [deliberation]
    assert town.refused("resident", "get_deliberation", deliberation=deliberation) == "not_found"
    assert town.refused("urban", "get_deliberation", deliberation=deliberation) == "not_found"


@FORUM
def test_a_buildings_forum_votes_on_its_topic_and_the_agreed_rule_becomes_a_case(town: Town) -> None:
    forum = held(town, "building_forum", ["building_head", "residents"])
    agreed = {"deliberation": forum, "decision": "楼道不停放电动车", "follow_up": {**FOLLOW_UP, "text": "设停车点"}}
    assert town.refused("community", "decide_deliberation", **agreed) == "invalid"
    votes = {"in_favour": 21, "against": 3, "abstained": 2}
    town.ask("community", "decide_deliberation", **agreed, votes=votes)
    wait_for(lambda: town.ask("grid_worker", "get_deliberation", deliberation=forum)["case"])
    read = town.ask("grid_worker", "get_deliberation", deliberation=forum)
    assert (read["decision"], read["votes"]) == ("楼道不停放电动车", votes)
    assert town.ask("community", "get_case", case=read["case"])["text"] == "设停车点"


@FORUM
def test_no_case_follows_from_a_topic_that_was_voted_down(town: Town) -> None:
    forum = held(town, "building_forum", ["building_head", "residents"])
    decision = {"deliberation": forum, "decision": "不设门禁", "votes": {"in_favour": 5, "against": 5}}
    refused = town.refused("community", "decide_deliberation", **decision, follow_up=FOLLOW_UP)
    assert refused == "deliberation.voted_down"
    assert town.ask("community", "decide_deliberation", **decision)["state"] == "DECIDED"
    assert town.stored("cases") == 0


def test_the_case_that_a_topic_came_from_is_one_that_the_convener_sees(town: Town) -> None:
    case = town.report()["id"]
    elsewhere = town.report("street", place={"path": NEXT_COMMUNITY})["id"]
    for source in ("no-such-case", elsewhere):
        assert town.refused("community", "convene", **convening(town, source=source)) == "invalid"
    assert town.refused("resident", "convene", **convening(town, source="no-such-case")) == "wrong_role"
    made = town.ask("community", "convene", **convening(town, source=case))["id"]
    assert town.ask("community", "get_deliberation", deliberation=made)["source"] == case
