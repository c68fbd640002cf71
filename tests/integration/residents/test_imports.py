"""Imports of another register: each row once, whatever happens meanwhile, and every refusal by its line."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from chassis.errors import RemoteProblem
from tests.integration.residents.town import COMMUNITY, GRID, SECOND, Town, number
from tests.servers.site import Running, Site
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("采集、动态更新")
ROWS = 60


def row(town: Town, line: int, **changes: Any) -> dict[str, Any]:
    """A person of a household of three."""
    household = (line - 1) // 3
    facts = {
        "line": line, "person": f"P{line}", "register_household": f"H{household}", "area": GRID,
        "building": town.building, "door": f"1单元{household}", "name": f"王甲{line}",
        "relation": "head" if line % 3 == 1 else "child",
    }  # fmt: skip
    return facts | changes


def rows(town: Town) -> list[dict[str, Any]]:
    return [row(town, line) for line in range(1, ROWS + 1)]


def imported(town: Town, *some: dict[str, Any], by: str = "community") -> dict[str, Any]:
    answer: dict[str, Any] = town.ask(by, "import_residents", source="census", rows=list(some))
    return answer


def answers_with(town: Town, code: str, *some: dict[str, Any]) -> bool:
    try:
        imported(town, *some)
    except RemoteProblem as problem:
        return bool(problem.to_wire()["code"] == code)
    return False


def reasons(answer: dict[str, Any]) -> dict[int, str]:
    return {each["line"]: each["reason"]["en"] for each in answer["rejected"]}


def test_a_row_makes_the_dwelling_the_household_and_the_resident_that_it_names(town: Town) -> None:
    answer = imported(town, *rows(town))
    assert (answer["made"], answer["known"], answer["rejected"]) == (ROWS, 0, [])
    homes = town.listed("worker", "list_dwellings")
    assert (len(homes), len(town.seen("worker"))) == (ROWS // 3, ROWS)
    first = answer["residents"][0]["id"]
    shown = town.ask("worker", "get_resident", resident=first)
    household = town.ask("worker", "get_household", household=shown["household"])
    assert (household["head"], len(household["members"]), household["dwelling"] in homes) == (first, 3, True)
    assert town.found("worker", "name", "王甲1") == [first]


def test_the_same_rows_again_make_nothing_also_after_somebody_moved(town: Town) -> None:
    first = imported(town, *rows(town)[:3])
    household = town.ask("worker", "get_resident", resident=first["residents"][0]["id"])["household"]
    town.ask("worker", "move_household", household=household, dwelling=town.dwelling())
    again = imported(town, *rows(town)[:3])
    assert (again["made"], again["known"], again["rejected"]) == (0, 3, [])
    assert [each["id"] for each in again["residents"]] == [each["id"] for each in first["residents"]]


def test_a_number_that_stands_for_somebody_else_is_told_apart(town: Town) -> None:
    imported(town, row(town, 1))
    answer = imported(town, row(town, 1, name="李乙"), row(town, 2))
    assert (answer["made"], list(reasons(answer))) == (1, [1])
    assert "with other content" in reasons(answer)[1]


def test_two_rows_that_put_one_household_into_two_dwellings_are_not_both_right(town: Town) -> None:
    answer = imported(town, row(town, 1), row(town, 2, door="9单元901"))
    assert (answer["made"], list(reasons(answer))) == (1, [2])
    assert "another dwelling" in reasons(answer)[2]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"identity_number": number()[:17] + ("1" if number()[17] != "1" else "2")}, "check character"),
        ({"identity_number": number(), "sex": "2"}, "identity number says otherwise"),
        ({"area": COMMUNITY + "150302003014999/"}, "does not exist"),
        ({"area": "/1503/150303/"}, "your own area"),
    ],
)
def test_a_row_that_cannot_be_is_refused_alone(town: Town, changes: dict[str, Any], said: str) -> None:
    some = row(town, 1), row(town, 2, building="", **changes)
    # Of a place that may be on its way, the whole page is asked for again.
    wait_for(lambda: not answers_with(town, "not_known_yet", *some))
    answer = imported(town, *some)
    assert (answer["made"] + answer["known"], list(reasons(answer))) == (1, [2])
    assert said in reasons(answer)[2]


def test_a_building_of_another_community_is_refused(town: Town) -> None:
    assert "stands elsewhere" in reasons(imported(town, row(town, 1, building=town.elsewhere)))[1]


def test_who_may_import_what(town: Town) -> None:
    for role, code in (("worker", "wrong_role"), ("centre", "wrong_role"), ("resident", "wrong_role")):
        assert town.refused(role, "import_residents", source="census", rows=[row(town, 1)]) == code
    assert imported(town, row(town, 1), by="operator")["made"] == 1
    assert imported(town, row(town, 2, area=SECOND, building=town.in_second, register_household="H9"), by="street")[
        "made"
    ]


def test_nothing_that_is_sealed_stands_in_the_database_or_in_events(town: Town) -> None:
    imported(town, row(town, 1, name="欧阳甲丙丁", phone="139 1234 5678", identity_number=number()))
    stored = town.site.collections("residents")
    text = repr([list(stored[each].find({"tenant": town.tenant})) for each in stored.list_collection_names()])
    for secret in ("欧阳甲丙丁", "1234", number(), "1单元0"):
        assert secret not in text


@pytest.fixture
def own(site: Site) -> Iterator[tuple[Town, Running]]:
    """A town of its own, and its process `residents`, which the test may kill."""
    _, residents = site.start("org", "residents")
    town = Town(site, "import-town").open()
    yield town, residents
    town.close()


def test_an_import_that_was_killed_anywhere_goes_on_without_a_double(own: tuple[Town, Running]) -> None:
    town, residents = own

    def send() -> None:
        with suppress(AssertionError, RemoteProblem):  # nobody answers any more
            imported(town, *rows(town))

    for made in (1, ROWS // 3, ROWS // 3 + 1):  # dwellings, and then households
        sender = threading.Thread(target=send)
        sender.start()
        wait_for(lambda made=made: town.stored("dwellings") + town.stored("households") >= made)
        residents.kill()
        sender.join()
        residents.restart()
    answer = imported(town, *rows(town))
    assert (answer["made"] + answer["known"], answer["rejected"]) == (ROWS, [])
    kept = [town.stored(each) for each in ("residents", "households", "dwellings")]
    assert kept == [ROWS, ROWS // 3, ROWS // 3]
