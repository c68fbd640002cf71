"""Case numbers through running services: unique across replicas and days, found and followed by whoever may."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pymongo.errors import DuplicateKeyError

from services.cases.numbering.allocation import BLOCK
from tests.integration.cases.town import GRID, LAMP, Town
from tests.servers.site import Running

CITY_TIME = ZoneInfo("Asia/Shanghai")
ROW = {"line": 2, "number": "1", "category": LAMP, "path": GRID, "state": "CLOSED"}
AT_ONCE = 6


@pytest.fixture
def second(town: Town) -> Iterator[Running]:
    """A second replica of the service."""
    [running] = town.site.start("cases")
    yield running
    running.stop()


def today(town: Town) -> date:
    return town.site.now.astimezone(CITY_TIME).date()


def reports(town: Town, name: str, count: int) -> list[str]:
    """The numbers of reports that several people send at once."""

    def send(person: int) -> list[str]:
        client = Town(town.site, town.tenant)
        try:
            people = [client.who("resident", subject=f"{name}-{person}-{n}") for n in range(count // AT_ONCE)]
            return [client.report(by)["number"] for by in people]
        finally:
            client.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [number for numbers in pool.map(send, range(AT_ONCE)) for number in numbers]


def blocks(town: Town) -> int:
    """How many blocks are taken of this city's numbers."""
    rows = town.site.collections("cases")["day_numbers"].find({"tenant": town.tenant})
    return sum(row["taken"] for row in rows) // BLOCK


def found(town: Town, by: Any, number: str) -> list[str]:
    return [row["id"] for row in town.ask(by, "list_cases", number=number)["items"]]


@pytest.mark.domain("The case: number (工单号)")
def test_two_replicas_never_give_a_number_twice_even_if_one_is_killed(town: Town, second: Running) -> None:
    before = reports(town, "before", BLOCK + 10)
    second.kill()
    second.restart()
    numbers = before + reports(town, "after", BLOCK + 10)
    assert len(numbers) == len(set(numbers)) == 2 * BLOCK + 20
    stored = town.site.collections("cases")["cases"].distinct("number", {"tenant": town.tenant})
    assert set(stored) == set(numbers)
    assert blocks(town) >= 3


@pytest.mark.usefixtures("second")
def test_a_number_has_the_date_in_the_city_on_both_sides_of_midnight(town: Town) -> None:
    now = town.site.now.astimezone(CITY_TIME)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    town.site.advance(midnight - timedelta(minutes=30) - now)
    before, day = reports(town, "before", 12), today(town)
    town.site.advance(timedelta(hours=1))
    after = reports(town, "after", 12)
    assert {number[:8] for number in before} == {f"{day:%Y%m%d}"}
    assert {number[:8] for number in after} == {f"{day + timedelta(days=1):%Y%m%d}"}
    assert len({*before, *after}) == 24


def test_a_repeated_report_answers_the_first_number(town: Town) -> None:
    first, second = (town.report(key="same") for _ in range(2))
    assert first["number"] == second["number"]
    assert town.ask("resident", "get_case", case=first["id"])["number"] == first["number"]


def test_a_report_of_the_same_matter_answers_the_number_of_the_open_case(town: Town) -> None:
    assert town.report()["number"] == town.report()["number"]


def test_the_database_refuses_a_second_case_with_the_number(town: Town) -> None:
    number = town.report()["number"]
    copy = {"_id": f"{town.tenant}:copy", "tenant": town.tenant, "number": number}
    cases = town.site.collections("cases")["cases"]
    with pytest.raises(DuplicateKeyError):
        cases.insert_one(copy)
    cases.insert_one(copy | {"_id": "elsewhere:copy", "tenant": "elsewhere"})
    cases.delete_one({"_id": "elsewhere:copy"})


def test_who_sees_the_case_finds_it_by_its_number(town: Town) -> None:
    made = town.report()
    for by in ("hotline", "street", "centre", "resident"):
        assert found(town, by, made["number"]) == [made["id"]], by
    [row] = town.ask("hotline", "list_cases", number=made["number"])["items"]
    listed = next(each for each in town.ask("hotline", "list_cases")["items"] if each["id"] == made["id"])
    assert row == listed


def test_to_all_others_its_number_is_like_one_that_does_not_exist(town: Town) -> None:
    number = town.report(confidentiality="confidential", about="urban")["number"]
    unknown = f"{number[:8]}-999999"
    for by in ("neighbour", "urban", "water", "counter", "inspector"):
        assert town.ask(by, "list_cases", number=number) == town.ask(by, "list_cases", number=unknown), by
    assert town.refused("tenant_admin", "list_cases", number=number) == "case.sees_none"


@pytest.mark.parametrize("number", ["20261129", "20261129-42", "x", "20261129-0042-1", "２０２６１１２９-0042"])
def test_what_is_no_number_is_told_so(town: Town, number: str) -> None:
    assert town.refused("hotline", "list_cases", number=number) == "invalid"
    assert town.refused("neighbour", "follow", number=number, code="x") == "invalid"


def test_a_number_takes_no_other_filter(town: Town) -> None:
    assert town.refused("hotline", "list_cases", number="20261129-0042", state="CLOSED") == "invalid"


@pytest.mark.domain("The case: Reporters")
def test_number_and_code_open_the_case_and_neither_does_alone(town: Town) -> None:
    made, other = town.report(confidentiality="anonymous"), town.report("neighbour")
    visitor = town.who("resident", subject="anonymous:v-1", roles=frozenset())
    followed = town.ask(visitor, "follow", number=made["number"], code=made["code"])
    assert followed == town.ask(visitor, "follow", case=made["id"], code=made["code"])
    assert (followed["id"], followed["number"]) == (made["id"], made["number"])
    unknown = f"{made['number'][:8]}-999999"
    for number, code in ((made["number"], other["code"]), (made["number"], "wrong"), (unknown, made["code"])):
        assert town.refused(visitor, "follow", number=number, code=code) == "not_found"
    for receipt in ({}, {"number": made["number"], "case": made["id"]}):
        assert town.refused(visitor, "follow", code=made["code"], **receipt) == "invalid"


def test_a_case_from_before_there_were_numbers_has_none_and_goes_on(town: Town) -> None:
    old, older = town.report()["id"], town.report("neighbour")["id"]
    keys = {"_id": {"$in": [f"{town.tenant}:{old}", f"{town.tenant}:{older}"]}}
    town.site.collections("cases")["cases"].update_many(keys, {"$unset": {"number": ""}})
    assert town.ask("street", "verify", case=old, found=True, note="见到了")["number"] == ""
    assert [row.get("number", "") for row in town.ask("street", "list_cases")["items"]] == ["", ""]
    assert town.ask("street", "get_case", case=older)["number"] == ""


def test_an_imported_case_has_the_number_of_the_day_of_its_import(town: Town) -> None:
    row = ROW | {"reported_at": "2018-06-26T10:00:00-04:00"}
    [made] = town.ask("centre", "import_cases", source="old", rows=[row])["cases"]
    assert made["number"].startswith(f"{today(town):%Y%m%d}-")
    assert found(town, "centre", made["number"]) == [made["id"]]


def test_an_import_that_is_repeated_uses_up_no_numbers(town: Town) -> None:
    rows = [ROW | {"line": line, "number": str(line)} for line in range(2, BLOCK + 12)]
    first = town.ask("centre", "import_cases", source="old", rows=rows)
    taken = blocks(town)
    again = [town.ask("centre", "import_cases", source="old", rows=rows)["cases"] for _ in range(3)]
    assert again == [[each | {"made": False} for each in first["cases"]]] * 3
    assert blocks(town) == taken


def test_a_merged_case_tells_its_party_the_number_of_the_other(town: Town) -> None:
    parent, child = town.registered(), town.registered("neighbour")
    town.ask("street", "merge", case=child, into=parent)
    number = town.ask("street", "get_case", case=parent)["number"]
    assert town.ask("neighbour", "get_case", case=child)["parent"]["number"] == number


def test_the_hotline_reads_a_caller_the_numbers_of_their_cases(town: Town) -> None:
    made = town.report("hotline", reporter={"phone": "13947312345"})
    [row] = town.ask("hotline", "list_callers_cases", phone="13947312345")["items"]
    assert row["number"] == made["number"]
