"""Deliberations through the running service: a decision becomes a case, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.cases.town import COMMUNITY, HOME, LAMP, Town
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("民情问需会, 四方共议")

FOUR = ["community", "owners", "property", "residents"]


def held(town: Town, kind: str = "four_party", parties: list[str] = FOUR) -> str:
    convening = {
        "kind": kind,
        "area": COMMUNITY,
        "topic": "院内照明",
        "at": town.site.now + timedelta(hours=1),
        "invitees": [{"kind": party} for party in parties],
        "series": "2026-Q4",
    }
    deliberation = str(town.ask("community", "convene", **convening)["id"])
    about = {"deliberation": deliberation, "present": parties, "minutes": "一致同意"}
    assert town.refused("community", "hold_deliberation", **about) == "deliberation.not_yet"
    town.site.advance(timedelta(hours=1, seconds=5))
    town.ask("community", "hold_deliberation", **about)
    return deliberation


def decided(town: Town, deliberation: str) -> dict[str, Any]:
    follow_up = {"category": LAMP, "area": COMMUNITY, "text": "增设路灯", **HOME}
    town.ask(
        "community", "decide_deliberation", deliberation=deliberation, decision="增设路灯两盏", follow_up=follow_up
    )

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
    assert town.stored("cases") == 1


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
