"""What two commands leave behind that could not see each other: a household, its dwelling and its members agree again.

Most tests write what the slower command would have written; its event then sets it right.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.residents.town import GRID, SECOND, Town
from tests.servers.site import Running, Site
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("人、房、事融合")
IN_GRID = {"area": GRID, "codes": GRID.strip("/").split("/")}


def overwrite(town: Town, collection: str, key: str, **fields: Any) -> None:
    rows = town.site.collections("residents")[collection]
    assert rows.update_one({"_id": f"{town.tenant}:{key}"}, {"$set": fields}).modified_count


def test_a_resident_who_came_while_the_household_moved_lives_where_it_lives(town: Town) -> None:
    household = town.household("street", town.dwelling("street", area=SECOND))
    resident = town.person(household, "street")
    wait_for(lambda: town.site.published("residents", tenant=town.tenant))
    overwrite(town, "residents", resident, **IN_GRID, listed=IN_GRID["codes"], dwelling="another")
    assert town.seen("worker") == [resident]
    town.ask("street", "correct_resident", resident=resident, phone="13900000001")
    wait_for(lambda: town.seen("worker") == [] and town.seen("second") == [resident])
    assert town.found("second", "surname", "王") == [resident]


def test_a_household_that_was_dissolved_while_somebody_moved_in_is_there_again(town: Town) -> None:
    household = town.household()
    resident = town.person(household)
    wait_for(lambda: town.site.published("residents", tenant=town.tenant))
    overwrite(town, "households", household, state="DISSOLVED")
    town.ask("worker", "correct_resident", resident=resident, phone="13900000001")
    wait_for(lambda: town.ask("worker", "get_household", household=household)["state"] == "ACTIVE")


def test_a_dwelling_that_was_removed_while_a_household_moved_in_is_there_again(town: Town) -> None:
    dwelling, household = town.dwelling(), town.household()
    overwrite(town, "dwellings", dwelling, state="GONE")
    overwrite(town, "households", household, dwelling=dwelling)
    town.tell_again()
    wait_for(lambda: town.ask("worker", "get_dwelling", dwelling=dwelling)["state"] == "IN_USE")


def test_a_household_that_moved_in_while_the_grid_of_the_dwelling_changed_lies_where_it_lies(town: Town) -> None:
    household = town.household("street", town.dwelling("street", area=SECOND))
    overwrite(town, "households", household, **IN_GRID)
    town.tell_again()
    wait_for(lambda: town.row(household, "households")["area"] == SECOND)


def at_once(town: Town, by: str, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """Sends the calls in one message, which the service runs at once."""
    town.asked.principal = town.who(by)
    return town.asked.many([town.asked.call(method, f"at-once-{n}", **args) for n, (method, args) in enumerate(calls)])


def test_whoever_is_recorded_while_the_household_moves_to_and_fro_lives_where_it_ends(town: Town) -> None:
    homes = [town.dwelling("street", area=area) for area in (GRID, SECOND)]
    household = town.household("street", homes[0])
    people = [("record_resident", {"household": household, "name": f"王{letter}"}) for letter in "甲乙丙丁戊己庚辛"]
    moves = [("move_household", {"household": household, "dwelling": homes[n % 2]}) for n in range(1, 9)]
    mixed = [call for pair in zip(people, moves, strict=True) for call in pair]
    replies = at_once(town, "street", *mixed)
    recorded = sorted(reply["ok"]["id"] for reply in replies[::2])
    where = town.row(household, "households")["area"]
    by = "second" if where == SECOND else "worker"
    wait_for(lambda: town.found(by, "surname", "王") == recorded)
    wait_for(lambda: town.seen(by) == recorded)


def test_whoever_moves_in_while_the_household_is_dissolved_has_a_household(town: Town) -> None:
    household = town.household()
    replies = at_once(
        town,
        "worker",
        ("record_resident", {"household": household, "name": "王小明"}),
        ("dissolve_household", {"household": household}),
        ("record_resident", {"household": household, "name": "李小红"}),
    )
    recorded = [reply["ok"]["id"] for reply in replies[::2] if "ok" in reply]

    def state() -> str:
        return str(town.ask("worker", "get_household", household=household)["state"])

    wait_for(lambda: state() == ("ACTIVE" if recorded else "DISSOLVED"))
    assert town.seen("worker") == sorted(recorded)


@pytest.fixture
def own(site: Site) -> Iterator[tuple[Town, Running]]:
    """A town of its own, and its process `residents`, which the test may kill."""
    _, residents = site.start("org", "residents")
    town = Town(site, "kill-town").open()
    yield town, residents
    town.close()


def test_a_split_moves_each_member_once_though_the_service_is_killed_in_it(own: tuple[Town, Running]) -> None:
    town, residents = own
    household = town.household()
    people = [town.person(household, name=f"王{letter}") for letter in "甲乙丙丁戊己庚辛壬癸"]
    split = {"household": household, "residents": people, "dwelling": town.dwelling("street", area=SECOND)}
    new = town.ask("street", "split_household", **split, key="split")["id"]
    for _ in range(3):
        residents.kill()
        residents.restart()
    wait_for(lambda: town.stored("residents", household=new) == len(people))
    for resident in people:
        history = town.ask("second", "read_history", resident=resident, purpose="care", reason="核对")["items"]
        assert [each["became"] for each in history if each["field"] == "household"] == [new]
    assert town.ask("street", "split_household", **split, key="split")["id"] == new
    assert town.stored("households") == 2
