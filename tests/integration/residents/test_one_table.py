"""One table (一表通) over the running services: asked once, prefilled after that, sealed where it is sensitive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.integration.residents.table_town import CHECKED, HOUSING, ROOMS, OneTable
from tests.integration.residents.test_races import at_once
from tests.integration.residents.town import CARE, COMMUNITY, GRID, GRID_CODE, NEW, SECOND, SECOND_CODE, Town
from tests.servers.site import Running, Site
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("一表通")
MANY = 130


@pytest.fixture
def table(town: Town) -> OneTable:
    return OneTable(town)


@pytest.fixture
def own(site: Site) -> Iterator[tuple[OneTable, Running]]:
    """A town of its own, whose clock the test may set, and its process `residents`, which it may kill."""
    _, residents = site.start("org", "residents")
    town = Town(site, "table-town").open()
    yield OneTable(town), residents
    town.close()


def test_what_one_form_has_asked_the_next_one_knows(table: OneTable) -> None:
    first, home = table.given(HOUSING, ROOMS), table.dwelling()
    assert table.known(first, home) == {}
    answered = table.answer(first, home, housing="own", rooms=3)
    assert (answered["changed"], answered["confirmed"]) == (["housing", "rooms"], [])
    draft = table.draft(ROOMS, CHECKED, title="安全检查表")
    [overlap] = table.ask("street", "list_overlaps", template=draft)["items"]
    assert (overlap["title"], overlap["fields"]) == ("房屋采集表", ["rooms"])
    table.ask("street", "publish_form", template=draft)
    table.give(draft)
    second = table.tasks_of(draft)
    assert table.known(second, home) == {"rooms": 3}
    assert table.prefilled(second, home)["rooms"]["zh"] == "数据项rooms"
    assert table.answer(second, home, checked="2026-03-01")["confirmed"] == ["rooms"]
    assert table.answer(second, home, rooms=None)["changed"] == ["rooms"]
    assert table.known(first, home) == {"housing": "own"}


def test_each_grid_gets_a_task_that_its_workers_alone_see_and_answer(table: OneTable) -> None:
    tasks, there, town = table.given(), table.dwelling(SECOND), table.town
    assert table.ask("worker", "list_tasks")["items"][0]["id"] == tasks[GRID]
    assert town.refused("worker", "get_prefilled", task=tasks[SECOND], subject=there) == "not_found"
    answer = {"task": tasks[GRID], "values": {"housing": "own"}}
    assert town.refused("worker", "answer_task", **answer, subject=there) == "invalid"
    assert town.refused("street", "answer_task", **answer, subject=there) == "invalid"
    assert town.refused("centre", "answer_task", **answer, subject=there) == "wrong_role"
    gone = table.dwelling()
    table.ask("worker", "remove_dwelling", dwelling=gone)
    assert town.refused("worker", "answer_task", **answer, subject=gone) == "dwelling.gone"


@pytest.mark.domain("Privacy: sealed fields")
def test_a_sensitive_value_is_sealed_told_in_no_event_and_opened_for_a_purpose_alone(table: OneTable) -> None:
    tasks, home, town = table.given(), table.dwelling(), table.town
    table.answer(tasks, home, housing="rented", rent=98765.5)
    assert table.known(tasks, home) == {"housing": "rented", "rent": None}
    [stored] = town.site.collections("residents")["subject_values"].find({"tenant": town.tenant})
    assert "98765" not in str(stored)
    assert not [body for body in town.log() if b"98765" in body or (b'"rented"' in body and b"values" in body)]
    opening = {"task": tasks[GRID], "subject": home}
    shown = table.ask("worker", "open_prefilled", **opening, **CARE)["questions"]
    assert {each["field"]: each["value"] for each in shown}["rent"] == 98765.5
    audited = town.site.collections("residents")["audit"].find_one({"action": "residents.values.opened"})
    assert audited is not None
    assert (audited["subjects"], audited["purpose"]) == ([home], "care: 独居老人走访")
    wrong = {"purpose": "inspection", "reason": "核查"}
    assert town.refused("worker", "open_prefilled", **opening, **wrong) == "wrong_purpose"
    assert town.refused("centre", "open_prefilled", **opening, **CARE) == "wrong_role"


def test_what_holds_no_more_is_asked_again(own: tuple[OneTable, Running]) -> None:
    table, _ = own
    tasks, home = table.given({**CHECKED, "required": True}, ROOMS), table.dwelling()
    table.answer(tasks, home, checked="2026-03-01", rooms=2)
    table.town.site.advance(timedelta(days=20))
    table.answer(tasks, home)
    table.town.site.advance(timedelta(days=20))
    assert table.known(tasks, home) == {"checked": "2026-03-01", "rooms": 2}
    table.town.site.advance(timedelta(days=20))
    assert table.known(tasks, home) == {"rooms": 2}
    unanswered = {"task": tasks[GRID], "subject": home, "values": {}}
    assert table.town.refused("worker", "answer_task", **unanswered) == "invalid"


def test_progress_by_tier_agrees_with_the_tasks_and_what_was_known_is_saved(table: OneTable) -> None:
    template = table.form(HOUSING, ROOMS, minutes=60)
    table.give(template)
    tasks = table.tasks_of(template)
    homes = {GRID: [table.dwelling(), table.dwelling()], SECOND: [table.dwelling(SECOND)]}
    for grid, here in homes.items():
        for home in here:
            table.answer(tasks, home, grid, housing="own", rooms=3)
            table.answer(tasks, home, grid, rooms=4)  # a correction
    table.ask("second", "finish_task", task=tasks[SECOND])
    again = table.form(HOUSING, CHECKED, minutes=60)
    table.give(again)
    table.answer(table.tasks_of(again), homes[GRID][0], checked="2026-03-01")
    counted = {GRID: 2, SECOND: 1}
    wait_for(lambda: table.counted(template) | table.counted(template, "DONE") == counted)
    wait_for(lambda: sum(table.counted(again).values()) == 1)
    asked = {"template": template, "area": COMMUNITY}
    [first, second] = table.ask("street", "show_progress", **asked)["items"]
    assert first == {"area": GRID, "tasks": 1, "done": 0, "late": 0, "answered": 2}
    assert second == {"area": SECOND, "tasks": 1, "done": 1, "late": 0, "answered": 1}
    for area in ("/1503/150302/", "/1503/150302/150302003/"):
        [total] = table.ask("centre", "show_progress", **asked | {"area": area})["items"]
        assert {name: total[name] for name in ("tasks", "done", "answered")} == {"tasks": 2, "done": 1, "answered": 3}
        assert COMMUNITY.startswith(total["area"])
    saved = table.ask("street", "show_savings", area=COMMUNITY)
    assert saved.pop("counted").keys() == {"en", "zh-CN"}
    assert saved == {"answers": 4, "asked": 8, "known": 1, "forms": 0, "hours": 0.5}
    assert table.ask("street", "show_savings", area=SECOND)["hours"] == 0
    assert table.ask("street", "show_progress", **asked | {"area": GRID})["items"] == [first]
    assert table.ask("street", "show_progress", **asked | {"area": f"{COMMUNITY}1503/"})["items"] == []
    for method, form in (("show_progress", asked), ("show_savings", {})):
        assert table.town.refused("street", method, **form | {"area": "/1503/150303/"}) == "not_your_area"


def test_a_new_edition_withdraws_the_open_tasks_of_the_former_one(table: OneTable) -> None:
    first, home = table.form(HOUSING), table.dwelling()
    table.give(first)
    tasks = table.tasks_of(first)
    table.answer(tasks, home, housing="own")
    table.ask("second", "finish_task", task=tasks[SECOND])
    second, other = (table.draft(HOUSING, ROOMS, former=first) for _ in range(2))
    table.ask("street", "publish_form", template=second)
    wait_for(lambda: [row["area"] for row in table.rows(first, "WITHDRAWN")] == [GRID])
    assert [row["area"] for row in table.rows(first, "DONE")] == [SECOND]
    assert table.ask("street", "get_form", template=second)["edition"] == 2
    late = {"task": tasks[GRID], "subject": home, "values": {}}
    assert table.town.refused("worker", "answer_task", **late) == "task.over"
    assert table.town.refused("street", "give_form", template=first, area=GRID, due=later(table)) == "form.wrong_state"
    assert table.town.refused("street", "publish_form", template=other) == "form.former_replaced"
    table.give(second)
    assert table.known(table.tasks_of(second), home) == {"housing": "own"}


def test_tasks_that_are_given_while_their_form_retires_are_withdrawn(table: OneTable) -> None:
    template = table.form()
    give = {"template": template, "area": COMMUNITY, "due": later(table).isoformat()}
    given, retired = at_once(table.town, "street", ("give_form", give), ("retire_form", {"template": template}))
    assert "ok" in retired
    wait_for(lambda: "problem" in given or not table.rows(template))
    wait_for(lambda: table.town.site.published("residents", tenant=table.town.tenant))
    assert table.rows(template) == []


def test_a_task_is_late_when_it_is_open_after_it_was_due(own: tuple[OneTable, Running]) -> None:
    table, _ = own
    template = table.form()
    table.give(template, days=2)
    tasks = table.tasks_of(template)
    table.ask("second", "finish_task", task=tasks[SECOND])
    table.town.site.advance(timedelta(days=3))
    asked = {"template": template, "area": COMMUNITY}
    wait_for(lambda: [row["late"] for row in table.ask("street", "show_progress", **asked)["items"]] == [1, 0])
    table.answer(tasks, table.dwelling(), housing="own")
    assert sum(b"residents.task.late.v1" in body for body in table.town.log()) == 1


def test_a_form_is_given_once_though_the_service_is_killed_in_it(own: tuple[OneTable, Running]) -> None:
    table, residents = own
    template, homes = table.form(HOUSING), [table.dwelling() for _ in range(5)]
    due = later(table)
    give = {"template": template, "area": COMMUNITY, "due": due}
    given = table.ask("street", "give_form", **give, key="give")
    for _ in range(3):
        residents.kill()
        residents.restart()
    tasks = table.tasks_of(template)
    for home in homes:
        table.answer(tasks, home, housing="own")
    residents.kill()
    residents.restart()
    wait_for(lambda: table.counted(template) == {GRID: 5, SECOND: 0})
    assert table.ask("street", "give_form", **give, key="give") == given
    assert table.town.stored("form_tasks") == 2
    assert sum(b"residents.task.given.v1" in body for body in set(table.town.log())) == 2


def test_a_grid_has_one_open_task_of_a_form(table: OneTable) -> None:
    template = table.form()
    table.give(template, GRID)
    first = table.tasks_of(template, [GRID])
    refused = {"template": template, "area": GRID, "due": later(table)}
    problem = table.town.problem("street", "give_form", **refused)
    assert (problem["code"], problem["zh"][:4]) == ("form.already_given", "网格内的")
    table.give(template, COMMUNITY)
    both = table.tasks_of(template)
    assert both[GRID] == first[GRID]
    table.ask("worker", "finish_task", task=first[GRID])
    table.give(template, COMMUNITY)
    assert table.tasks_of(template) == both | {GRID: table.tasks_of(template)[GRID]}
    assert table.tasks_of(template)[GRID] != first[GRID]


def test_a_form_that_is_given_twice_at_once_leaves_one_open_task_in_a_grid(table: OneTable) -> None:
    template = table.form()
    give = {"template": template, "area": COMMUNITY, "due": later(table).isoformat()}
    at_once(table.town, "street", *[("give_form", give)] * 4)
    wait_for(lambda: table.town.site.published("residents", tenant=table.town.tenant))
    table.tasks_of(template)


def test_tasks_of_merged_grids_become_one_and_nothing_that_was_answered_is_lost(table: OneTable) -> None:
    template, town = table.form(HOUSING), table.town
    table.give(template)
    tasks = table.tasks_of(template)
    here, there, rest = table.dwelling(), table.dwelling(SECOND), table.dwelling()
    table.answer(tasks, here, housing="own")
    table.answer(tasks, there, SECOND, housing="own")
    town.merge_grids(GRID_CODE, SECOND_CODE)
    [task] = table.tasks_of(template, [NEW]).values()
    for each in (here, there, rest):
        wait_for(lambda each=each: town.row(each, "dwellings")["area"] == NEW)
    table.ask("new", "answer_task", task=task, subject=rest, values={"housing": "own"})
    asked = {"template": template, "area": COMMUNITY}
    whole = {"area": NEW, "tasks": 1, "done": 0, "late": 0, "answered": 3}
    wait_for(lambda: table.ask("street", "show_progress", **asked)["items"] == [whole])
    shown = table.ask("new", "get_prefilled", task=task, subject=there)["questions"]
    assert [question["value"] for question in shown] == ["own"]


def test_what_was_known_of_a_merged_record_is_known_of_the_one_that_stays_until_they_are_separated(
    table: OneTable,
) -> None:
    table.define("school", about="resident", kind="text")
    tasks, household = table.given({"field": "school"}, about="resident"), table.town.household()
    one, other = (table.town.person(household, name=name) for name in ("王小明", "王晓明"))
    table.answer(tasks, one, school="第一小学")
    assert table.known(tasks, other) == {}
    table.ask("community", "merge_residents", resident=one, into=other)
    assert table.known(tasks, other) == {"school": "第一小学"}
    merged = {"task": tasks[GRID], "subject": one, "values": {}}
    assert table.town.refused("worker", "answer_task", **merged) == "resident.not_living_here"
    table.ask("community", "unmerge_residents", resident=one)
    assert (table.known(tasks, other), table.known(tasks, one)) == ({}, {"school": "第一小学"})


def test_a_retired_field_is_asked_no_more_though_a_published_form_requires_it(table: OneTable) -> None:
    tasks, home, draft = table.given(HOUSING, ROOMS), table.dwelling(), table.draft(HOUSING)
    table.ask("tenant_admin", "retire_field", field="housing")
    assert list(table.prefilled(tasks, home)) == ["rooms"]
    assert table.answer(tasks, home, rooms=2)["changed"] == ["rooms"]
    assert table.town.refused("street", "publish_form", template=draft) == "invalid"


def test_two_answers_for_one_subject_at_once_are_both_written_and_counted_once(table: OneTable) -> None:
    template = table.form(ROOMS, CHECKED)
    table.give(template)
    tasks, home = table.tasks_of(template), table.dwelling()
    values = [{"rooms": 2}, {"checked": "2026-03-01"}, {"rooms": 3}, {"rooms": 4}]
    answer = {"task": tasks[GRID], "subject": home}
    replies = at_once(table.town, "worker", *[("answer_task", answer | {"values": each}) for each in values])
    assert all("ok" in reply for reply in replies)
    assert table.known(tasks, home)["checked"] == "2026-03-01"
    wait_for(lambda: table.town.site.published("residents", tenant=table.town.tenant))
    wait_for(lambda: table.counted(template)[GRID] == 1)


def test_a_repeated_answer_is_answered_again_though_the_task_is_over_by_then(table: OneTable) -> None:
    tasks, home = table.given(HOUSING), table.dwelling()
    first = table.answer(tasks, home, key="once", housing="own")
    table.ask("worker", "finish_task", task=tasks[GRID])
    assert table.answer(tasks, home, key="once", housing="own") == first
    wrong = {"task": tasks[GRID], "subject": home, "values": {"housing": "own"}}
    assert table.town.refused("worker", "answer_task", **wrong) == "task.over"


def test_the_count_is_exact_for_more_answers_than_a_task_keeps_notes_of(table: OneTable) -> None:
    template = table.form(HOUSING)
    table.give(template)
    tasks = table.tasks_of(template)
    for _ in range(MANY):
        table.answer(tasks, table.dwelling(), housing="own")
    wait_for(lambda: table.counted(template)[GRID] == MANY)
    assert len(table.town.row(tasks[GRID], "form_tasks")["handled"]) <= 100


def later(table: OneTable) -> datetime:
    return table.town.site.now + timedelta(days=7)
