"""Categories of residents through the running services: in force at once, reviewed, and gone after their time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.integration.residents.categories_town import GRID, NEXT_GRID, CategoriesTown
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("资源型/服务型/管理型")
RETENTION = pytest.mark.domain("Privacy: retention")
READING = {"purpose": "care", "reason": "上门走访"}


def in_force(at: CategoriesTown, by: str = "grid_worker", **filters: object) -> list[str]:
    return [each["id"] for each in at.ask(by, "list_entries_in_force", **filters)["items"]]


def test_an_entry_is_read_listed_reviewed_and_ended_by_whoever_keeps_residents_there(at: CategoriesTown) -> None:
    person = at.people[0]
    service, resource = at.recorded(person), at.recorded(person, kind="resource", name="退休医生")
    [first] = [
        each for each in at.ask("community", "list_categories", resident=person)["items"] if each["id"] == service
    ]
    assert (first["name"], first["kind"], first["state"], first["area"]) == ("独居老人", "service", "IN_FORCE", GRID)
    assert "note" not in first
    assert at.ask("grid_worker", "open_category", entry=service, **READING)["note"] == "子女在外地"
    assert ("residents.resident.opened", [person], "care: 上门走访") in at.audited("residents.resident.opened")
    assert set(in_force(at)) == {service, resource}
    assert in_force(at, "street", kind="resource", area=GRID) == [resource]
    assert in_force(at, "street", area=NEXT_GRID) == in_force(at, "community", area="/1504/") == []
    ended = at.ask("grid_worker", "end_category", entry=resource, why="已搬走")
    assert (ended["state"], in_force(at)) == ("ENDED", [service])
    assert at.refused("grid_worker", "end_category", entry=resource) == "category.wrong_state"


def test_nothing_of_it_is_stored_or_told_in_the_clear(at: CategoriesTown) -> None:
    person = at.people[0]
    at.recorded(person)
    assert not [each for each in ("独居", "子女") if each in str(at.rows("category_entries"))]
    [event] = at.events("residents.category.changed.v1")
    assert person not in str(event)


def test_to_others_an_entry_is_not_there(at: CategoriesTown) -> None:
    entry = at.recorded(at.people[0])
    for by in ("centre", "supervisor", "hotline", "resident", "tenant_admin", "department"):
        assert at.refused(by, "get_category", entry=entry) == "not_found"
        assert at.refused(by, "end_category", entry=entry) == "not_found"
        assert at.refused(by, "list_entries_in_force") == "wrong_role"


def test_no_kind_but_the_two_can_be_recorded_so(at: CategoriesTown) -> None:
    with pytest.raises(Exception, match="invalid"):
        at.recorded(at.people[0], kind="managed")


def test_it_is_to_review_from_its_day_and_lasts_as_long_as_the_retention_after_it(at: CategoriesTown) -> None:
    until, review = (at.site.now + timedelta(days=days) for days in (90, 60))
    entry = at.recorded(at.people[0], valid_until=until.isoformat(), review_at=review.isoformat())
    assert in_force(at, to_review=True) == []
    at.site.advance(timedelta(days=61))
    assert in_force(at, to_review=True) == in_force(at, "community", to_review=True) == [entry]
    at.ask("community", "review_category", entry=entry)
    assert in_force(at, to_review=True) == []
    shown = at.ask("community", "get_category", entry=entry)
    assert datetime.fromisoformat(shown["valid_until"]) > at.site.now + timedelta(days=364)


def test_it_expires_at_its_end_and_is_still_shown(at: CategoriesTown) -> None:
    until = at.site.now + timedelta(days=3)
    entry = at.recorded(at.people[0], valid_until=until.isoformat())
    at.site.advance(timedelta(days=3))
    wait_for(lambda: at.ask("grid_worker", "get_category", entry=entry)["state"] == "EXPIRED")
    assert in_force(at) == []


@RETENTION
def test_a_year_after_the_last_review_nothing_is_left_of_it(at: CategoriesTown) -> None:
    person = at.people[0]
    entry = at.recorded(person)
    at.site.advance(timedelta(days=300))
    at.ask("grid_worker", "review_category", entry=entry)
    at.site.advance(timedelta(days=300))
    assert in_force(at) == [entry]
    at.site.advance(timedelta(days=67))
    wait_for(lambda: not at.rows("category_entries"))
    assert [each["data"]["state"] for each in at.events("residents.category.changed.v1")] == [
        "IN_FORCE", "IN_FORCE", "EXPIRED",
    ]  # fmt: skip
    assert at.ask("grid_worker", "list_categories", resident=person)["items"] == []
    assert at.refused("grid_worker", "get_category", entry=entry) == "not_found"


@RETENTION
def test_a_shorter_retention_holds_for_what_is_kept_already(at: CategoriesTown) -> None:
    at.recorded(at.people[0])
    at.site.advance(timedelta(days=62))
    at.set(retention={"resident_category_months": 2})
    wait_for(lambda: not at.rows("category_entries"))


def test_entries_go_with_the_person_to_another_grid_and_to_the_record_that_stays(at: CategoriesTown) -> None:
    first, second, _ = at.people
    entry = at.recorded(first)
    at.ask("street", "move_in", resident=first, household=at.household_at("2单元201", NEXT_GRID))
    wait_for(lambda: in_force(at, "street", area=NEXT_GRID) == [entry])
    at.ask("street", "merge_residents", resident=first, into=second)
    wait_for(lambda: in_force(at, "street", area=GRID) == [entry])
    assert [each["id"] for each in at.ask("street", "list_categories", resident=second)["items"]] == [entry]
    at.ask("street", "unmerge_residents", resident=first)
    wait_for(lambda: in_force(at, "street", area=NEXT_GRID) == [entry])
    at.ask("street", "move_out", resident=first)
    wait_for(lambda: at.ask("street", "get_category", entry=entry)["state"] == "ENDED")
