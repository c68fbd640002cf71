"""The counter through the running service."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.integration.cases.town import COMMUNITY, COMMUNITY_CODE, STREET, Town


def opened(town: Town) -> dict[str, str]:
    services = [{"service": "sign-permit", "unit": "urban"}, {"service": "water-account", "unit": "water"}]
    visit = {"area": STREET, "services": services, "name": "王小明", "phone": "13900000001"}
    ticket: dict[str, str] = town.ask("counter", "open_ticket", **visit, key="ticket")
    return ticket


@pytest.mark.domain("我为群众一窗通办")
def test_one_ticket_goes_through_one_counter_and_its_receipt_finds_it(town: Town) -> None:
    ticket = opened(town)
    assert opened(town) == ticket
    town.ask("urban", "end_item", ticket=ticket["id"], item=1, done=True)
    assert town.refused("urban", "end_item", ticket=ticket["id"], item=2, done=True) == "case.not_yours"
    assert town.ask("counter", "end_item", ticket=ticket["id"], item=2, done=True)["state"] == "CLOSED"
    found = town.ask("counter", "find_ticket", receipt=ticket["receipt"])
    assert (found["id"], found["visits"], "name" in found) == (ticket["id"], 1, False)
    assert town.ask("counter", "find_ticket", receipt=ticket["receipt"].lower()) == found
    assert town.ask("counter", "get_ticket", ticket=ticket["id"])["name"] == "王小明"
    elsewhere = town.who("counter", subject="c2", area=STREET, unit="150302004")
    assert town.refused(elsewhere, "find_ticket", receipt=ticket["receipt"]) == "not_found"
    assert town.refused(elsewhere, "get_ticket", ticket=ticket["id"]) == "not_found"


@pytest.mark.domain("首问负责, AB岗, 最多跑一次")
def test_the_first_owner_stays_named_and_what_is_missing_is_told_once(town: Town) -> None:
    ticket = opened(town)["id"]
    colleague = town.who("counter", subject="counter-2", area=STREET, unit="150302003")
    town.ask(colleague, "tell_missing", ticket=ticket, item=1, missing=["photo"])
    again = {"ticket": ticket, "item": 1, "missing": ["lease"]}
    assert town.refused(colleague, "tell_missing", **again) == "ticket.asked_before"
    town.ask(colleague, "note_visit", ticket=ticket, brought=[1])
    read = town.ask("counter", "get_ticket", ticket=ticket)
    assert (read["owner"]["person"], read["answers"], read["visits"]) == ("counter-1", "counter-1", 2)
    assert read["items"][0]["missing"] == ["photo"]


def test_a_paper_that_is_missing_has_a_name(town: Town) -> None:
    ticket = opened(town)["id"]
    for blank in ("", "\u200b"):
        assert town.refused("counter", "tell_missing", ticket=ticket, item=1, missing=[blank]) == "invalid"


def test_what_a_visitor_is_told_is_sealed_and_lists_leave_it_out(town: Town) -> None:
    ticket = opened(town)
    town.ask("counter", "tell_missing", ticket=ticket["id"], item=1, missing=["王小明的身份证"])
    town.ask("counter", "end_item", ticket=ticket["id"], item=2, done=False, reason="王小明已迁出")
    first, second = town.ask("counter", "get_ticket", ticket=ticket["id"])["items"]
    assert (first["missing"], second["reason"]) == (["王小明的身份证"], "王小明已迁出")
    found, [listed] = (
        town.ask("counter", "find_ticket", receipt=ticket["receipt"]),
        town.ask("counter", "list_tickets")["items"],
    )
    assert "王小明" not in f"{found}{listed}"
    assert "王小明" not in str(list(town.site.collections("cases")["tickets"].find({"tenant": town.tenant})))


@pytest.mark.domain("首问负责, AB岗, 最多跑一次")
def test_the_b_post_answers_while_the_first_owner_is_away(town: Town) -> None:
    ticket = opened(town)["id"]
    assignments = town.site.collections("cases")["assignments"]
    away = {"start": town.site.now - timedelta(hours=1), "end": town.site.now + timedelta(hours=1)}
    posts = [("a", "counter-1", "", [away]), ("b", "counter-2", "a", [])]
    for key, subject, backed, absences in posts:
        assignments.insert_one(
            {"_id": f"{town.tenant}:{key}", "tenant": town.tenant, "sequence": 1, "subject": subject,
             "backup_of": backed, "absences": absences, "ended": False}
        )  # fmt: skip
    read = town.ask("counter", "get_ticket", ticket=ticket)
    assert (read["owner"]["person"], read["answers"]) == ("counter-1", "counter-2")


@pytest.mark.domain("社区会客厅 随时见随事见")
def test_a_walk_in_at_the_community_gets_a_receipt_that_leads_to_its_case(town: Town) -> None:
    case = town.report("community")["id"]
    services = [{"service": "walk-in", "unit": COMMUNITY_CODE}]
    visit = {"area": COMMUNITY, "services": services, "note": "路灯坏了"}
    ticket = town.ask("community", "open_ticket", **visit)
    town.ask("community", "name_ticket_case", ticket=ticket["id"], case=case)
    assert town.ask("community", "find_ticket", receipt=ticket["receipt"])["case"] == case


@pytest.mark.domain("我为群众一窗通办")
def test_a_ticket_names_units_that_there_are(town: Town) -> None:
    visit = {"area": STREET, "services": [{"service": "sign-permit", "unit": "no-such-unit"}]}
    assert town.refused("counter", "open_ticket", **visit) in ("invalid", "not_known_yet")
    assert town.stored("tickets") == 0
