"""Forms on phones, over HTTP through the running gateway: loaded, filled in without a connection, and sent."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from launcher.servers.broker import Broker
from launcher.servers.database import Database
from launcher.servers.secrets import Keys
from services.residents.api.submissions import MOST_BYTES
from tests.integration.residents.phone import BASE, Phone, platform
from tests.integration.residents.table_town import HOUSING, RENT, ROOMS, OneTable
from tests.integration.residents.town import CARE, GRID, GRID_CODE, NEW, SECOND, SECOND_CODE, Town
from tests.servers.site import Site
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("一表通")
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def phone_site(
    broker: Broker, database: Database, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with platform(Site(broker, database, keys, tmp_path_factory.mktemp("phones"))) as site:
        yield site


@pytest.fixture
def table(phone_site: Site) -> Iterator[OneTable]:
    town = Town(phone_site, f"phones-{next(_numbers)}").open()
    yield OneTable(town)
    town.close()


@pytest.fixture
def phone(table: OneTable) -> Iterator[Phone]:
    made = Phone(table.town)
    yield made
    made.close()


def submission(table: OneTable, state: str, count: int = 1) -> list[dict[str, Any]]:
    """Waits for as many submissions in the state."""

    def rows() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = table.ask("street", "list_submissions", state=state)["items"]
        return found

    wait_for(lambda: len(rows()) == count)
    return rows()


def test_a_phone_loads_the_forms_of_its_grid_with_those_who_live_there(table: OneTable, phone: Phone) -> None:
    tasks, home, there = table.given(HOUSING, ROOMS, RENT), table.dwelling(), table.dwelling(SECOND)
    table.answer(tasks, home, housing="rented", rent=98765, rooms=3)
    [form] = phone.forms()
    assert (form["formID"], form["name"]) == (tasks[GRID], "房屋采集表")
    loaded = phone.get(urlsplit(form["downloadUrl"]).path.removeprefix(BASE))
    assert form["hash"] == "md5:" + hashlib.md5(loaded.content, usedforsecurity=False).hexdigest()
    assert loaded.headers["content-type"] == "text/xml; charset=utf-8"
    assert loaded.headers["x-openrosa-version"] == "1.0"
    assert f'id="{tasks[GRID]}" version="{form["version"]}"' in loaded.text
    file = phone.manifest(tasks[GRID])
    assert (file["type"], file["filename"]) == ("entityList", f"subjects_{tasks[GRID]}.csv")
    rows = phone.subjects(tasks[GRID])
    assert there not in rows
    assert rows[home]["label"].endswith("单元101")
    expected = {"__version": "2", "value_housing": "rented", "value_rooms": "3", "kept_rent": "1"}
    assert {name: rows[home][name] for name in expected} == expected
    assert "98765" not in str(rows)
    assert "value_rent" not in rows[home]
    phone.get(f"/forms/{tasks[SECOND]}/manifest", 404)


def test_what_a_phone_sends_is_written_back_like_an_answer(table: OneTable, phone: Phone) -> None:
    tasks, home = table.given(HOUSING, ROOMS, RENT), table.dwelling()
    table.answer(tasks, home, housing="rented", rent=1200, rooms=3)
    announced = phone.http.head(f"{BASE}/submission")
    assert announced.status_code == 204
    assert int(announced.headers["x-openrosa-accept-content-length"]) > MOST_BYTES
    answer = phone.sent(phone.filled(tasks[GRID], home, housing="rented", rooms="4", rent=""))
    assert 'nature="submit_success"' in answer.text
    submission(table, "APPLIED")
    assert table.known(tasks, home) == {"housing": "rented", "rooms": 4, "rent": None}
    phone.sent(phone.filled(tasks[GRID], home, housing="rented", rooms="", rent="1300.5"))
    submission(table, "APPLIED", 2)
    assert table.known(tasks, home) == {"housing": "rented", "rent": None}
    opened = table.ask("worker", "open_prefilled", task=tasks[GRID], subject=home, **CARE)["questions"]
    assert {each["field"]: each["value"] for each in opened}["rent"] == 1300.5
    stored = str(list(table.town.site.collections("residents")["submissions"].find({"tenant": table.town.tenant})))
    told = [body for body in table.town.log() if b"1300.5" in body or (b'"rented"' in body and b"submission" in body)]
    assert "1300.5" not in stored
    assert told == []


def test_the_same_submission_is_one_however_often_it_comes_and_another_one_under_its_id_is_refused(
    table: OneTable, phone: Phone
) -> None:
    tasks, home = table.given(HOUSING), table.dwelling()
    instance = f"uuid:{uuid.uuid4()}"
    xml = phone.filled(tasks[GRID], home, instance=instance, housing="own")
    for _ in range(3):
        phone.sent(xml)
    split = phone.http.post(
        f"{BASE}/submission", data={"*isIncomplete*": "yes"}, files={"xml_submission_file": ("s.xml", xml)}
    )
    assert split.status_code == 201
    submission(table, "APPLIED")
    changed = phone.filled(tasks[GRID], home, instance=instance, housing="rented")
    assert 'nature="submit_error"' in phone.sent(changed, 409).text
    phone.sent(xml)
    assert table.town.stored("submissions") == 1
    assert table.known(tasks, home) == {"housing": "own"}
    wait_for(lambda: table.counted(table.form_of(tasks))[GRID] == 1)


def test_what_others_changed_meanwhile_waits_for_a_person_who_sees_both(table: OneTable, phone: Phone) -> None:
    tasks, home = table.given(HOUSING, ROOMS, RENT), table.dwelling()
    table.answer(tasks, home, housing="rented", rent=1000, rooms=3)
    offline = phone.filled(tasks[GRID], home, housing="own", rooms="5")
    table.answer(tasks, home, housing="rented", rooms=4)
    phone.sent(offline)
    [row] = submission(table, "CONTESTED")
    assert row["contested"] == ["rooms"]
    assert table.known(tasks, home) == {"housing": "rented", "rooms": 4, "rent": None}
    shown = table.ask("worker", "compare_submission", submission=row["id"])
    both = {each["field"]: (each["submitted"], each["held"]) for each in shown["fields"]}
    assert both == {"housing": ("own", "rented"), "rooms": (5, 4)}
    assert table.town.refused("second", "compare_submission", submission=row["id"]) == "not_found"
    old = {"submission": row["id"], "held_version": shown["held_version"] - 1}
    assert table.town.refused("worker", "decide_submission", **old) == "submission.held_changed"
    decision = {"submission": row["id"], "held_version": shown["held_version"], "keep": ["rooms"]}
    table.ask("worker", "decide_submission", **decision)
    submission(table, "APPLIED")
    assert table.known(tasks, home) == {"housing": "own", "rooms": 4, "rent": None}
    assert table.town.refused("worker", "decide_submission", **decision) == "submission.nothing_contested"


def test_a_value_that_nobody_changed_meanwhile_contradicts_nothing(table: OneTable, phone: Phone) -> None:
    tasks, home = table.given(HOUSING, ROOMS), table.dwelling()
    offline = phone.filled(tasks[GRID], home, housing="own", rooms="")
    table.answer(tasks, home, housing="own")
    phone.sent(offline)
    submission(table, "APPLIED")
    late = phone.filled(tasks[GRID], home, base=1, housing="rented", rooms="")
    phone.sent(late)
    [row] = submission(table, "CONTESTED")
    shown = table.ask("worker", "compare_submission", submission=row["id"])
    keep = {"submission": row["id"], "held_version": shown["held_version"], "keep": ["housing"]}
    assert table.ask("worker", "decide_submission", **keep)["state"] == "DROPPED"
    assert table.known(tasks, home) == {"housing": "own"}


def test_several_that_were_made_without_a_connection_are_written_back_in_their_order(
    table: OneTable, phone: Phone
) -> None:
    tasks, home = table.given(HOUSING, ROOMS), table.dwelling()
    branch = str(uuid.uuid4())
    first, second, third = (
        phone.filled(tasks[GRID], home, base=1 + n, trunk="1", branch=branch, housing="own", rooms=str(1 + n))
        for n in range(3)
    )
    phone.sent(third)
    phone.sent(second)
    submission(table, "HELD", 2)
    assert table.known(tasks, home) == {}
    phone.sent(first)
    submission(table, "APPLIED", 3)
    assert table.known(tasks, home) == {"housing": "own", "rooms": 3}
    assert phone.subjects(tasks[GRID])[home]["__version"] == "4"


def test_one_whose_former_never_comes_waits_five_days_and_then_for_a_person(table: OneTable, phone: Phone) -> None:
    tasks, home = table.given(HOUSING), table.dwelling()
    phone.sent(phone.filled(tasks[GRID], home, base=2, trunk="1", branch=str(uuid.uuid4()), housing="own"))
    submission(table, "HELD")
    table.town.site.advance(timedelta(days=5, minutes=1))
    [row] = submission(table, "CONTESTED")
    assert row["reason"] == "submission.base_missing"


@pytest.mark.parametrize(
    "texts",
    [
        {"housing": "squatted"}, {"housing": "own", "rooms": "99"}, {"housing": "own", "nothing": "1"}, {"rooms": "1"},
        {"housing": "own", "rooms": "1e400"}, {"housing": "own", "rooms": "9" * 5000}, {"housing": ""},
    ],
)  # fmt: skip
def test_an_answer_that_the_form_does_not_take_stays_on_the_phone(
    table: OneTable, phone: Phone, texts: dict[str, str]
) -> None:
    tasks, home = table.given(HOUSING, ROOMS), table.dwelling()
    refused = phone.sent(phone.filled(tasks[GRID], home, **texts), 400)
    assert 'nature="submit_error"' in refused.text
    assert table.town.stored("submissions") == 0


def test_what_is_no_submission_of_a_task_of_theirs_is_refused(table: OneTable, phone: Phone) -> None:
    tasks, home, there = table.given(HOUSING), table.dwelling(), table.dwelling(SECOND)
    good = phone.filled(tasks[GRID], home, housing="own")
    phone.sent(phone.filled(tasks[SECOND], there, base=1, housing="own"), 404)
    phone.sent(phone.filled(tasks[GRID], there, base=1, housing="own"), 400)
    phone.sent(phone.filled("NONE9", home, base=1, housing="own"), 404)
    entities = b'<!DOCTYPE d [<!ENTITY a "own">]>' + good.replace(b">own<", b">&a;<")
    bad = (b"", b"\xff\xfe", b"<data", b"<a>" * 3000, entities, good.replace(b"update", b"create"))
    for content in bad:
        phone.sent(content, 400)
    no_branch = phone.filled(tasks[GRID], home, base=1, trunk="1", housing="own")
    phone.sent(no_branch, 400)
    phone.sent(b"<data>" + b" " * MOST_BYTES + b"</data>", 413)
    assert phone.send(good, photo=("p.jpg", b"x" * 10, "image/jpeg")).status_code == 400
    assert phone.http.post(f"{BASE}/submission", content=good, headers={"Content-Type": "text/xml"}).status_code == 400
    assert table.town.stored("submissions") == 0
    table.ask("worker", "finish_task", task=tasks[GRID])
    phone.sent(good, 409)
    phone.get(f"/forms/{tasks[GRID]}", 409)
    assert phone.forms() == []


def test_a_phone_whose_password_is_wrong_or_has_ended_is_told_to_ask_for_one(table: OneTable, phone: Phone) -> None:
    tasks, home = table.given(HOUSING), table.dwelling()
    xml = phone.filled(tasks[GRID], home, housing="own")
    site, name = table.town.site, phone.made["username"]
    wrong = [None, (name, "wrong"), ("王", "x"), ("", ""), (name, ""), ("no-town.AAAAAAAAAAAAAAAA", "x")]
    for auth in wrong:
        for verb, path in (("GET", "/formList"), ("POST", "/submission"), ("HEAD", "/submission")):
            answer = httpx.request(verb, f"{site.url}{BASE}{path}", auth=auth)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Basic ")
    opened = httpx.get(f"{site.url}/v1/me", auth=(name, phone.made["password"]))
    assert opened.status_code == 401
    table.town.ask_org("tenant_admin", "end_assignment", assignment=phone.assignment)
    site.advance(timedelta(seconds=31))
    phone.sent(xml, 401)
    assert table.town.stored("submissions") == 0


def test_a_submission_follows_its_grid_and_what_is_in_its_way_is_said(table: OneTable, phone: Phone) -> None:
    tasks, home = table.given(HOUSING, ROOMS), table.dwelling()
    table.answer(tasks, home, housing="own")
    late = phone.filled(tasks[GRID], home, base=1, housing="rented")
    phone.sent(late)
    [row] = submission(table, "CONTESTED")
    table.town.merge_grids(GRID_CODE, SECOND_CODE)
    wait_for(lambda: table.ask("street", "list_submissions")["items"][0]["area"] == NEW)
    table.ask("street", "retire_form", template=table.form_of(tasks))
    shown = table.ask("new", "compare_submission", submission=row["id"])
    wait_for(lambda: table.ask("street", "list_tasks", state="OPEN")["items"] == [])
    table.ask("new", "decide_submission", submission=row["id"], held_version=shown["held_version"])
    [over] = submission(table, "CONTESTED")
    assert over["reason"] == "task.over"


def test_people_are_shown_masked_and_what_is_known_of_a_merged_record_counts(table: OneTable, phone: Phone) -> None:
    town = table.town
    family = town.household()
    one, two = town.person(family), town.person(family, name="李芳")
    table.define("school", kind="text", about="resident")
    table.define("card", kind="text", about="household")
    tasks = table.given({"field": "school"}, about="resident", title="学生")
    table.answer(tasks, two, school="一中")
    rows = phone.subjects(tasks[GRID])
    assert {rows[each]["label"].split()[-1] for each in (one, two)} == {"王**", "李*"}
    before = phone.filled(tasks[GRID], one, school="二中")
    table.ask("community", "merge_residents", resident=two, into=one)
    rows = phone.subjects(tasks[GRID])
    assert two not in rows
    assert (rows[one]["value_school"], rows[one]["__version"]) == ("一中", "2")
    phone.sent(before)
    [row] = submission(table, "CONTESTED")
    assert row["contested"] == ["school"]
    homes = phone.subjects(table.given({"field": "card"}, about="household", title="户")[GRID])
    assert set(homes) == {family}
    audit = town.site.collections("residents")["audit"]
    read = list(audit.find({"tenant": town.tenant, "action": "residents.resident.read"}))
    assert read
    assert all(family not in each["subjects"] for each in read)


def test_the_same_submission_sent_by_many_at_once_is_one(table: OneTable, phone: Phone) -> None:
    tasks, home = table.given(HOUSING), table.dwelling()
    xml = phone.filled(tasks[GRID], home, housing="own")
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(phone.send, [xml] * 16)} == {201}
    submission(table, "APPLIED")
    assert table.town.stored("submissions") == 1
    assert phone.subjects(tasks[GRID])[home]["__version"] == "2"


def test_a_submission_whose_event_comes_again_is_not_written_back_twice(table: OneTable, phone: Phone) -> None:
    tasks, home, town = table.given(HOUSING), table.dwelling(), table.town
    phone.sent(phone.filled(tasks[GRID], home, housing="own"))
    submission(table, "APPLIED")
    stored = town.site.collections("residents")["submissions"]
    stored.update_one({"tenant": town.tenant}, {"$set": {"state": "RECEIVED"}})  # as if nobody had noted it yet
    town.tell_again()
    phone.sent(phone.filled(tasks[GRID], home, housing="rented"))
    submission(table, "APPLIED")
    assert phone.subjects(tasks[GRID])[home]["__version"] == "3"


def test_whatever_body_comes_the_gateway_answers_it(phone: Phone) -> None:
    address, form = f"{BASE}/submission", {"Content-Type": "multipart/form-data; boundary=x"}

    def endless() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="a"\r\n\r\n'
        for _ in range(100):
            yield b" " * 10_000

    assert phone.http.post(address, content=endless(), headers=form).status_code == 413
    bodies = (b"", b"--x", b"--x--", b"\x00" * 100, b"--x\r\n" * 500)
    assert {phone.http.post(address, content=each, headers=form).status_code for each in bodies} == {400}
    assert phone.http.post(address, content=b"--", headers={"Content-Type": "multipart/form-data"}).status_code == 400
    fields = [("a", (None, "b"))] * 300
    assert phone.http.post(address, files=fields).status_code == 400
    assert phone.http.post(address, data={"xml_submission_file": "<data/>"}, files={"x": (None, "")}).status_code == 400
