"""What hangs on a record goes with it when records of one person are merged, and comes back when they are separated."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.integration.residents.town import Town
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("服务型台账")
CLASSES = ("life", "health", "company")
ENTRY = {"kind": "service", "name": "独居老人", "aim": "安排走访", "legal_basis": "本人同意", "source": "入户登记"}


def people_in_need(town: Town, count: int) -> list[str]:
    """Residents by id, each with a need of another class and an entry of a category."""
    household = town.household()
    people = sorted(town.person(household) for _ in range(count))
    for person, need in zip(people, CLASSES, strict=False):
        town.ask("worker", "record_need", resident=person, need=need)
        town.ask("worker", "record_category", resident=person, **ENTRY)
    return people


def owners(town: Town, collection: str) -> list[str]:
    """On whose record each lies that was recorded for one of the people, in the order of these."""
    rows = town.site.collections("residents")[collection].find({"tenant": town.tenant}).sort("recorded_for", 1)
    return [row["resident"] for row in rows]


def wait_for_owners(town: Town, *wanted: str) -> None:
    for collection in ("needs", "category_entries"):
        wait_for(lambda collection=collection: owners(town, collection) == [*wanted])


def needs_of(town: Town, resident: str) -> list[str]:
    return list(town.ask("community", "get_resident", resident=resident)["needs"])


def merge_at_once(town: Town, people: list[str]) -> None:
    """Each into the next and the last into the first: what commands at the same moment leave behind."""
    rows = town.site.collections("residents")["residents"]
    for one, into in pairwise([*people, people[0]]):
        merged: dict[str, Any] = {"state": "MERGED", "merged_from": "LIVING_HERE", "merged_into": into, "listed": []}
        assert rows.update_one({"_id": f"{town.tenant}:{one}"}, {"$set": merged}).modified_count


@pytest.mark.parametrize("count", [2, 3])
def test_of_records_merged_in_a_circle_the_one_that_stays_has_what_all_had(town: Town, count: int) -> None:
    people = people_in_need(town, count)
    wait_for(lambda: town.site.published("residents", tenant=town.tenant))
    merge_at_once(town, people)
    town.tell_again()
    wait_for(lambda: town.seen("worker") == people[:1])
    wait_for_owners(town, *people[:1] * count)
    wait_for(lambda: needs_of(town, people[0]) == sorted(CLASSES[:count]))


def test_a_record_that_is_separated_takes_back_what_came_through_it(town: Town) -> None:
    first, second, third = people_in_need(town, 3)
    town.ask("community", "merge_residents", resident=first, into=second)
    wait_for_owners(town, second, second, third)
    town.ask("community", "merge_residents", resident=second, into=third)
    wait_for_owners(town, third, third, third)
    town.ask("community", "unmerge_residents", resident=second)
    wait_for_owners(town, second, second, third)
    wait_for(lambda: (needs_of(town, second), needs_of(town, third)) == (["health", "life"], ["company"]))
    town.ask("community", "unmerge_residents", resident=first)
    wait_for_owners(town, first, second, third)
