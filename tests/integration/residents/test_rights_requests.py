"""Requests of people about their own data, through the running services: asked, decided in time, and followed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from chassis.envelope import decode
from chassis.errors import RemoteProblem
from services.residents.api.rights_requests import ListedRightsRequest, OpenedRightsRequest
from tests.integration.residents.categories_town import CategoriesTown
from tests.integration.residents.test_own_record import helper, join, opened, page_of, represented
from tests.integration.residents.town import NEXT_COMMUNITY, SECOND, Town, number
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("Privacy: rights of the resident")
OLD, NEW = "13900000001", "13900000002"


def person(town: Town, **more: Any) -> str:
    made = town.person(town.household(), phone=OLD, **more)
    join(town, made)
    return made


def ask(town: Any, resident: str, by: Any = "resident", field: str = "phone", value: str = NEW, **more: Any) -> str:
    return str(town.ask(by, "request_correction", resident=resident, field=field, value=value, **more)["id"])


def listed(town: Any, by: Any = "counter", **form: Any) -> list[str]:
    rows = town.ask(by, "list_rights_requests", **form)["items"]
    msgspec.convert(rows, list[ListedRightsRequest], strict=False)
    return [row["id"] for row in rows]


def shown(town: Any, resident: str) -> dict[str, Any]:
    [request] = opened(town, resident)["requests"]
    return request


def test_a_correction_shows_both_values_until_it_is_decided(town: Town) -> None:
    resident = person(town)
    request = ask(town, resident, note="新号码")
    seen = town.ask("community", "open_rights_request", request=request)
    msgspec.convert(seen, OpenedRightsRequest, strict=False)
    assert (seen["held"], seen["wanted"], seen["note"], seen["name"]) == (OLD, NEW, "新号码", "王小明")
    assert (shown(town, resident)["held"], shown(town, resident)["wanted"]) == (OLD, NEW)
    assert town.ask("counter", "accept_rights_request", request=request)["state"] == "ACCEPTED"
    wait_for(lambda: town.opened(resident)["phone"] == NEW)
    [*_, changed] = [each for each in opened(town, resident)["records"][0]["history"] if each["field"] == "phone"]
    assert (changed["was"], changed["became"], changed["source"], changed["by"]) == (
        OLD,
        NEW,
        "correction",
        "counter-1",
    )
    assert town.found("worker", "phone", NEW) == [resident]
    wait_for(lambda: town.row(request, "rights_requests")["applied"])
    assert (shown(town, resident)["held"], shown(town, resident)["wanted"]) == ("", "")
    assert not [each for each in (OLD, NEW, "新号码") if each in str(town.row(request, "rights_requests"))]


def test_a_refusal_says_why_in_a_code_and_in_words(town: Town) -> None:
    resident = person(town)
    request = ask(town, resident)
    no = {"reason": "not_proved", "note": "请携带通信运营商证明再次申请"}
    assert town.refused("counter", "refuse_rights_request", request=request, reason="not_proved", note=" ") == "invalid"
    assert town.refused("counter", "refuse_rights_request", request=request, **no | {"reason": "x"}) == "invalid"
    town.ask("counter", "refuse_rights_request", request=request, **no)
    told = shown(town, resident)
    assert (told["state"], told["reason"], told["answer"]) == ("REFUSED", "not_proved", no["note"])
    assert "未能证明所主张的内容；请携带" in page_of(town, resident)
    assert town.opened(resident)["phone"] == OLD
    assert town.refused("counter", "accept_rights_request", request=request) == "rights_request.decided"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("identity_number", "110101195005010011"), ("identity_number", "x"), ("birthday", "1950-02-30"),
        ("birthday", "2199-01-01"), ("birthday", "1951-01-01"), ("sex", "7"), ("name", " "), ("name", "\u200b"),
        ("phone", "abc"), ("phone", "1" * 40), ("sex", "2"), ("name", "a\u202eb"), ("birthday", ""),
    ],
)  # fmt: skip
def test_what_the_profile_cannot_be_is_refused_at_once(town: Town, field: str, value: str) -> None:
    resident = person(town, identity_number=number())
    problem = town.problem("resident", "request_correction", resident=resident, field=field, value=value)
    assert (problem["code"], [each["field"] for each in problem["data"]["fields"]]) == ("invalid", ["value"])


def test_one_field_has_one_open_request_which_the_person_may_withdraw(town: Town) -> None:
    resident = person(town)
    request = ask(town, resident)
    assert town.refused("resident", "request_correction", resident=resident, field="phone", value=OLD) == (
        "rights_request.asked_already"
    )
    assert town.refused("counter", "withdraw_rights_request", request=request) == "not_found"
    assert town.ask("resident", "withdraw_rights_request", request=request)["state"] == "WITHDRAWN"
    assert ask(town, resident, value="") != request


def test_who_accepts_an_emptied_phone_number_empties_it_once(town: Town) -> None:
    resident = person(town)
    town.ask("counter", "accept_rights_request", request=ask(town, resident, value=""))
    wait_for(lambda: town.opened(resident)["phone"] == "")
    town.ask("worker", "correct_resident", resident=resident, phone=NEW)
    town.tell_again()
    town.ask("counter", "accept_rights_request", request=ask(town, resident, field="sex", value="2"))
    wait_for(lambda: town.opened(resident)["sex"] == "2")
    assert town.opened(resident)["phone"] == NEW


def test_those_of_the_area_answer_and_nobody_in_their_own_matter(town: Town) -> None:
    resident = person(town)
    request = ask(town, resident)
    elsewhere = town.who("counter", area=NEXT_COMMUNITY)
    unknown = town.problem(elsewhere, "accept_rights_request", request="NONE")
    for by in (elsewhere, "next", "worker", "centre", "resident"):
        assert town.problem(by, "accept_rights_request", request=request) == unknown
        assert town.refused(by, "open_rights_request", request=request) == "not_found"
    assert (listed(town), listed(town, "street"), listed(town, elsewhere)) == ([request], [request], [])
    assert town.refused("worker", "list_rights_requests") == "wrong_role"
    himself = town.who("community", subject="resident-1")
    assert town.refused(himself, "accept_rights_request", request=request) == "join.own_matter"
    represented(town, resident, user="community-1")
    town.ask("resident", "withdraw_rights_request", request=request)
    asked = ask(town, resident, town.who("resident", subject="community-1"))
    assert town.refused("community", "accept_rights_request", request=asked) == "join.own_matter"


def test_a_representative_asks_and_is_named(town: Town) -> None:
    resident = person(town)
    represented(town, resident)
    request = ask(town, resident, helper(town))
    assert town.ask("community", "open_rights_request", request=request)["represented_by"] == "赵新梅"
    assert shown(town, resident)["represented_by"] == "赵新梅"
    assert "代理人赵新梅提出" in page_of(town, resident)


def test_it_follows_the_person_to_another_grid_and_to_the_record_that_stays(town: Town) -> None:
    resident = person(town)
    request = ask(town, resident)
    there = town.household("second", town.dwelling("second", area=SECOND))
    town.ask("street", "move_in", resident=resident, household=there)
    town.wait_for_area(SECOND, resident)
    wait_for(lambda: town.row(request, "rights_requests")["area"] == SECOND)
    stays = town.person(there, "second")
    town.ask("street", "merge_residents", resident=resident, into=stays)
    wait_for(lambda: town.row(request, "rights_requests")["resident"] == stays)
    town.ask("counter", "accept_rights_request", request=request)
    wait_for(lambda: town.opened(stays, "second")["phone"] == NEW)


def test_accepted_and_withdrawn_at_once_is_one_of_both_and_the_profile_agrees(town: Town) -> None:
    resident = person(town)
    request = ask(town, resident)

    def decide(by: str, method: str) -> str:
        with closing(Town(town.site, town.tenant)) as other:
            try:
                return str(other.ask(by, method, request=request)["state"])
            except RemoteProblem as problem:
                return str(problem.to_wire()["code"])

    both = [("counter", "accept_rights_request"), ("resident", "withdraw_rights_request")]
    with ThreadPoolExecutor(2) as pool:
        said = {*pool.map(lambda one: decide(*one), both)}
    assert "rights_request.decided" in said
    if "ACCEPTED" in said:
        wait_for(lambda: town.opened(resident)["phone"] == NEW)
    else:
        assert town.opened(resident)["phone"] == OLD


def test_what_contradicts_the_profile_by_now_is_not_accepted(town: Town) -> None:
    resident = person(town)
    request = ask(town, resident, field="birthday", value="1951-01-01")
    town.ask("worker", "correct_resident", resident=resident, identity_number=number())
    assert town.refused("counter", "accept_rights_request", request=request) == "invalid"
    assert listed(town) == [request]


def test_the_deadline_is_that_of_the_settings_in_working_days_and_overdue_ones_are_listed(at: CategoriesTown) -> None:
    at.set(rights_requests={"answer_within": "2wd"}, calendar={"holidays": "none"})
    join(at, at.people[0])
    request = ask(at, at.people[0])
    assert (listed(at), listed(at, overdue=True)) == ([request], [])
    at.site.advance(timedelta(days=5))
    assert listed(at, overdue=True) == [request]
    assert shown(at, at.people[0])["overdue"]
    at.ask("counter", "refuse_rights_request", request=request, reason="other", note="另行告知")
    assert (listed(at), listed(at, overdue=True), listed(at, state="REFUSED")) == ([], [], [request])


def test_its_events_carry_ids_alone(town: Town) -> None:
    resident = person(town)
    town.ask("counter", "accept_rights_request", request=ask(town, resident, note="新号码"))
    wait_for(lambda: town.opened(resident)["phone"] == NEW)
    told = [each.data_fields() for each in map(decode, town.log()) if "rights_request" in each.type]
    assert [each["state"] for each in told] == ["OPEN", "ACCEPTED"]
    assert {name for each in told for name in each} == {"id", "resident", "area", "kind", "state", "due"}
    assert not [each for each in (OLD, NEW, "新号码", "王小明", "resident-1") if each.encode() in b"".join(town.log())]
