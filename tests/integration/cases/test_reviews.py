"""Reviews, accountability and appeals through the running service."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.cases.town import COVER, GRID, NEXT_COMMUNITY, Town
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("满意度评价→考核→问责")


def opened_review(town: Town) -> str:
    case = town.awaiting_rating()
    town.ask("resident", "rate", case=case, solved=True, satisfied=2)
    [review] = wait_for(lambda: town.ask("centre", "list_proceedings", kind="review")["items"])
    assert (review["case"], review["unit"], review["state"]) == (case, "urban", "OPEN")
    return str(review["id"])


def step(town: Town, by: Any, method: str, review: str, **args: Any) -> Any:
    return town.ask(by, method, kind="review", proceeding=review, **args)


def test_a_two_opens_one_review_and_the_case_closes_all_the_same(town: Town) -> None:
    review = opened_review(town)
    case = step(town, "centre", "get_proceeding", review)["case"]
    assert town.ask("centre", "get_case", case=case)["state"] == "CLOSED"


@pytest.mark.domain("The case: Merge")
def test_a_low_rating_of_a_merged_case_opens_a_review_where_the_case_that_took_it_in_lies(town: Town) -> None:
    parent = town.registered()
    child = town.registered("neighbour", place={"path": NEXT_COMMUNITY})
    town.ask("street", "merge", case=child, into=parent)
    wait_for(lambda: town.ask("street", "get_case", case=parent)["children"])
    town.awaiting_rating(parent)
    wait_for(lambda: "rate" in town.ask("neighbour", "get_case", case=child)["may"])
    town.ask("neighbour", "rate", case=child, solved=True, satisfied=1)
    [review] = wait_for(lambda: town.ask("centre", "list_proceedings", kind="review")["items"])
    assert (review["case"], review["unit"], review["area"]) == (parent, "urban", GRID)


def test_the_department_is_heard_the_centre_concludes_and_an_appeal_strikes_the_case(town: Town) -> None:
    review = opened_review(town)
    refused = {"kind": "review", "proceeding": review}
    assert town.refused("centre", "conclude_proceeding", **refused, founded=True, finding="属实") == (
        "review.department_not_heard"
    )
    assert town.refused("water", "hear_department", **refused, statement="与我无关") == "not_found"
    step(town, "urban", "hear_department", review, statement="当天已派人修理")
    step(town, "centre", "conclude_proceeding", review, founded=True, finding="处置迟缓")
    step(town, "urban", "appeal_proceeding", review, grounds="缺少配件,非本单位原因")
    ruling = {"granted": True, "ruling": "理由成立"}
    assert town.refused("centre", "rule_on_appeal", **refused, **ruling) == "case.own_work"
    ruled = step(town, town.who("centre", subject="centre-2"), "rule_on_appeal", review, **ruling)
    assert ruled["state"] == "STRUCK"
    told = step(town, "urban", "get_proceeding", review)
    assert (told["statement"], told["finding"], told["ruling"]) == ("当天已派人修理", "处置迟缓", "理由成立")
    wait_for(lambda: town.stored("case_facts", struck=True))


def test_what_was_said_is_sealed_in_the_database(town: Town) -> None:
    review = opened_review(town)
    step(town, "urban", "hear_department", review, statement="当天已派人修理")
    [row] = town.site.collections("cases")["reviews"].find({"tenant": town.tenant})
    assert row["statement"].startswith("v1.")
    assert "修理" not in str(row)


def test_a_founded_review_and_a_breached_deadline_are_grounds_for_accountability(town: Town) -> None:
    review = opened_review(town)
    assert town.refused("centre", "hold_accountable", review=review) == "accountability.no_grounds"
    step(town, "urban", "hear_department", review, statement="说明")
    step(town, "centre", "conclude_proceeding", review, founded=True, finding="属实")
    record = town.ask("centre", "hold_accountable", review=review, key="once")
    assert town.ask("centre", "hold_accountable", review=review, key="once") == record
    assert town.refused("centre", "hold_accountable", review=review) == "accountability.exists"
    case = step(town, "centre", "get_proceeding", review)["case"]
    assert town.refused("centre", "hold_accountable", case=case) == "accountability.no_grounds"
    late = town.registered(category=COVER)
    wait_for(lambda: town.stored("case_facts", registered=True) == 2)
    town.site.advance(timedelta(days=8))
    breach = town.ask("centre", "hold_accountable", case=late)
    assert breach["state"] == "OPEN"
    assert town.refused("centre", "hold_accountable", case=late) == "accountability.exists"


def test_a_repeated_request_gets_its_first_answer_though_an_appeal_has_taken_its_ground_away(town: Town) -> None:
    review = opened_review(town)
    step(town, "urban", "hear_department", review, statement="说明")
    step(town, "centre", "conclude_proceeding", review, founded=True, finding="属实")
    record = town.ask("centre", "hold_accountable", review=review, key="first")
    step(town, "urban", "appeal_proceeding", review, grounds="缺少配件")
    step(town, town.who("centre", subject="centre-2"), "rule_on_appeal", review, granted=True, ruling="理由成立")
    assert town.ask("centre", "hold_accountable", review=review, key="first") == record
    assert town.refused("centre", "hold_accountable", review=review) == "accountability.no_grounds"
    assert town.stored("accountabilities") == 1


def test_a_period_of_low_satisfaction_is_a_ground_for_accountability(town: Town) -> None:
    opened_review(town)
    wait_for(lambda: town.stored("case_facts", satisfied=2) and not town.stored("case_facts", stale=True))
    today = (town.site.now + timedelta(hours=8)).date()
    period = {"since": today, "until": today}
    record = town.ask("centre", "hold_accountable", unit="urban", **period)
    assert record["state"] == "OPEN"
    for since in (today, today - timedelta(days=3)):
        ground = {"unit": "urban", "since": since, "until": today}
        assert town.refused("centre", "hold_accountable", **ground) == "accountability.exists"
    for unit in ("water", "nobody"):
        assert town.refused("centre", "hold_accountable", unit=unit, **period) == "accountability.no_grounds"


def test_the_street_reads_no_reviews_and_another_department_sees_none(town: Town) -> None:
    review = opened_review(town)
    for by in ("street", "water", "resident"):
        assert town.refused(by, "get_proceeding", kind="review", proceeding=review) == "not_found"
    assert town.ask("water", "list_proceedings", kind="review")["items"] == []
    assert [one["id"] for one in town.ask("urban", "list_proceedings", kind="review")["items"]] == [review]
    by_state = {"OPEN": [review], "HEARD": []}
    for state, there in by_state.items():
        found = town.ask("urban", "list_proceedings", kind="review", state=state)["items"]
        assert [one["id"] for one in found] == there
