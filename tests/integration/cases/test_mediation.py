"""Mediation through the running service: only those in it read it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.cases.town import COMMUNITY, Town

pytestmark = pytest.mark.domain("3+X四方共议, 矛盾化解")


def opened(town: Town) -> str:
    people = [
        ("resident-1", "party", ""),
        ("neighbour-1", "party", ""),
        ("lin", "mediator", "community"),
        ("zhao", "invited", "owners"),
    ]
    opening = {
        "area": COMMUNITY,
        "category": "dispute.neighbour.neighbour",
        "topic": "楼上漏水",
        "participants": [
            {"person": person, "capacity": capacity, "body": body, "name": f"{person}某"}
            for person, capacity, body in people
        ],
        "standing": ["community", "owners"],
    }
    return str(town.ask("community", "open_mediation", **opening, key="open")["id"])


def test_a_dispute_is_mediated_signed_and_kept_and_read_by_those_in_it_alone(town: Town) -> None:
    mediation = opened(town)
    assert opened(town) == mediation
    lin = town.who("community", subject="lin", area=COMMUNITY, unit="150302003014")

    def act(by: Any, method: str, **args: Any) -> Any:
        return town.ask(by, method, mediation=mediation, **args)

    act(lin, "hold_mediation_session", present=["resident-1", "neighbour-1", "lin", "zhao"], minutes="双方陈述")
    act(lin, "propose_agreement", agreement="三日内修好", fulfil_by=town.site.now + timedelta(days=3))
    act("resident", "sign_agreement")
    assert act("neighbour", "sign_agreement")["state"] == "AGREED"
    act("resident", "confirm_fulfilled")
    assert act("neighbour", "confirm_fulfilled")["state"] == "FULFILLED"
    read = act("neighbour", "get_mediation")
    assert (read["topic"], read["agreement"], read["sessions"][0]["minutes"]) == ("楼上漏水", "三日内修好", "双方陈述")
    assert read["participants"][0]["name"] == "resident-1某"
    outside = ["centre", "street", "supervisor", "hotline", town.who("community", subject="other")]
    for by in outside:
        assert town.refused(by, "get_mediation", mediation=mediation) == "not_found"
        assert town.refused(by, "give_up_mediation", mediation=mediation) == "not_found"
        if by != "supervisor":
            assert town.ask(by, "list_mediations")["items"] == []
    assert town.refused("supervisor", "list_mediations") == "wrong_role"
    assert [one["id"] for one in town.ask("resident", "list_mediations")["items"]] == [mediation]


def test_no_word_and_no_name_is_stored_in_the_clear(town: Town) -> None:
    opened(town)
    [row] = town.site.collections("cases")["mediations"].find({"tenant": town.tenant})
    assert "漏水" not in str(row)
    assert "resident-1某" not in str(row)


def test_a_body_with_unknown_parts_or_operators_is_refused(town: Town) -> None:
    assert town.refused("resident", "get_mediation", mediation={"$ne": ""}) == "invalid"
    assert town.refused("community", "open_mediation", area=COMMUNITY, colour="red") == "invalid"
