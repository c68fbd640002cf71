"""The hotline through the running service."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.integration.cases.town import COMMUNITY, HOME, LAMP, Town
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("96118 热线")

PHONE = "13900000001"


def test_a_call_becomes_a_case_and_the_callers_open_cases_are_found_by_the_number(town: Town) -> None:
    form = {
        "category": LAMP,
        "place": {"path": COMMUNITY, **HOME},
        "text": "路灯不亮",
        "reporter": {"name": "王小明", "phone": PHONE},
    }
    case = town.ask("hotline", "report", **form)["id"]
    taken = {"outcome": "case", "phone": "+86 139-0000 0001", "case": case}
    first = town.ask("hotline", "take_call", **taken, key="call")
    assert town.ask("hotline", "take_call", **taken, key="call") == first
    found = town.ask("hotline", "list_callers_cases", phone="139 0000 0001")["items"]
    assert [one["id"] for one in found] == [case]
    assert town.ask("hotline", "list_callers_cases", phone="13900000002")["items"] == []
    assert town.refused("street", "list_callers_cases", phone=PHONE) == "wrong_role"
    assert PHONE not in str(list(town.site.collections("cases")["calls"].find({"tenant": town.tenant})))


def test_a_callback_shows_the_number_to_the_hotline_and_ends_when_they_are_reached(town: Town) -> None:
    callback = town.ask("hotline", "promise_callback", phone=PHONE)["id"]
    [waiting] = town.ask("hotline", "list_callbacks")["items"]
    assert (waiting["id"], waiting["phone"]) == (callback, PHONE)
    assert town.refused("centre", "list_callbacks") == "wrong_role"
    town.ask("hotline", "note_callback", callback=callback, reached=True)
    assert town.ask("hotline", "list_callbacks")["items"] == []
    assert town.refused("hotline", "note_callback", callback=callback, reached=True) == "callback.ended"


def test_the_night_roster_says_who_answers_and_shows_its_gaps(town: Town) -> None:
    today = (town.site.now + timedelta(hours=8)).date()
    shift = {
        "starts": town.site.now - timedelta(minutes=1),
        "ends": town.site.now + timedelta(minutes=1),
        "person": "hotline-1",
    }
    week = town.ask("hotline", "plan_roster", week=today, shifts=[shift])
    assert len(week["gaps"]) >= 1
    assert [one["person"] for one in town.ask("hotline", "who_is_on_duty")["items"]] == ["hotline-1"]
    changed = town.ask("hotline", "plan_roster", week=today, shifts=[])
    assert changed["version"] == 2
    assert len(town.ask("centre", "get_roster", week=today)["gaps"]) == 1
    assert town.ask("hotline", "who_is_on_duty")["items"] == []


def test_an_article_is_found_by_the_callers_words_once_it_is_published(town: Town) -> None:
    article = town.ask("hotline", "draft_article", title="路灯不亮怎么办", answer="请拨打市政维修电话。")["id"]
    assert town.ask("hotline", "search_articles", words="路灯坏了")["items"] == []
    town.ask("hotline", "publish_article", article=article)
    [found] = town.ask("hotline", "search_articles", words="路灯坏了")["items"]
    assert (found["id"], found["title"]) == (article, "路灯不亮怎么办")
    town.ask("hotline", "retire_article", article=article)
    assert town.ask("hotline", "search_articles", words="路灯坏了")["items"] == []


def test_the_hotline_gets_a_hint_of_duplicates_while_typing(town: Town) -> None:
    case = town.report(text="三号楼门前的路灯坏了三天没人修")["id"]
    wait_for(lambda: town.stored("case_facts", cell={"$ne": ""}))
    asked = {"category": LAMP, **HOME, "text": "三号楼门前路灯坏了"}
    [hint] = town.ask("hotline", "suggest_duplicates", **asked)["items"]
    assert (hint["case"], "text" in hint["reasons"]) == (case, True)
    assert town.ask("hotline", "suggest_duplicates", **{**asked, "lon": 106.9})["items"] == []
    assert town.refused("resident", "suggest_duplicates", **asked) == "wrong_role"
    [facts] = town.site.collections("cases")["case_facts"].find({"tenant": town.tenant})
    assert "路灯" not in str(facts)
