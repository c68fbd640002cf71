"""Our forms in an engine that others wrote: loaded, prefilled, checked in both languages, filled in, and sent."""

from __future__ import annotations

import csv
import io
import uuid

import pytest

from tests.integration.residents.phone import Phone
from tests.integration.residents.table_town import CHECKED, HOUSING, RENT, ROOMS, OneTable
from tests.integration.residents.town import GRID
from tests.phones.conftest import Engine
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("一表通")
REMARK = {"field": "remark", "section": "其他"}
WORDS = 'a "quoted",\nline <&>'
HEATING = {"field": "heating", "section": "其他"}


@pytest.fixture
def loaded(table: OneTable, phone: Phone) -> tuple[dict[str, str], str, str, str]:
    """The tasks, a dwelling of which something is known, the form and the list."""
    tasks, home = table.given(HOUSING, ROOMS, RENT, CHECKED, REMARK, HEATING), table.dwelling()
    table.answer(tasks, home, housing="own", rooms=3, heating=["coal", "sun"], remark=WORDS)
    [form] = [each for each in phone.forms() if each["formID"] == tasks[GRID]]
    assert form["version"]
    subjects = phone.get(f"/forms/{tasks[GRID]}/subjects.csv").text
    return tasks, home, phone.get(f"/forms/{tasks[GRID]}").text, subjects


def test_a_form_is_loaded_prefilled_checked_filled_in_and_written_back(
    engine: Engine, table: OneTable, phone: Phone, loaded: tuple[dict[str, str], str, str, str]
) -> None:
    tasks, home, form, subjects = loaded
    filled = engine.fill(
        form, subjects, ("Subject", home), ("rooms", 21), ("rooms", 4), ("housing", "rented"), ("rent", 1250.5),
        ("checked", "2026-03-01"),
    )  # fmt: skip
    chosen, too_many, good, rented, paid, _ = filled["seen"]
    assert home in dict(filled["offered"])
    assert chosen["asked"]["housing"] == ["own"]
    assert chosen["asked"]["rooms"] == 3
    assert chosen["asked"]["heating"] == ["coal", "sun"]
    assert chosen["asked"]["remark"] == WORDS
    assert "rent" not in chosen["asked"]
    assert too_many["zh"] == [["rooms", "须不小于 1，不大于 20"]]
    assert too_many["en"] == [["rooms", "It must be at least 1, at most 20"]]
    assert good["zh"] == good["en"] == []
    assert (rented["zh"], rented["en"]) == ([["rent", "此项必填"]], [["rent", "An answer is required"]])
    assert paid["zh"] == []
    assert filled["status"] == "ready"
    assert 'baseVersion="2"' in filled["xml"]
    phone.sent(filled["xml"].encode())
    rent = {"rent": None}  # known, and sealed
    wanted = {"housing": "rented", "rooms": 4, "checked": "2026-03-01", "heating": ["coal", "sun"]} | rent
    wait_for(lambda: table.known(tasks, home) == wanted | {"remark": WORDS})


def test_a_list_of_a_phone_that_was_offline_before_gives_trunk_and_branch(
    engine: Engine, table: OneTable, phone: Phone, loaded: tuple[dict[str, str], str, str, str]
) -> None:
    """The columns are those that ODK Collect keeps beside the list."""
    tasks, home, form, subjects = loaded
    branch = str(uuid.uuid4())
    rows = list(csv.DictReader(io.StringIO(subjects)))
    offline = io.StringIO()
    own = {"__version": "3", "__trunkVersion": "2", "__branchId": branch}
    table_of = csv.DictWriter(offline, [*rows[0], "__trunkVersion", "__branchId"])
    table_of.writeheader()
    table_of.writerows(row | own for row in rows)
    second = engine.fill(form, offline.getvalue(), ("Subject", home), ("rooms", 6))["xml"]
    for attribute in ('baseVersion="3"', 'trunkVersion="2"', f'branchId="{branch}"'):
        assert attribute in second
    first = engine.fill(form, subjects, ("Subject", home), ("rooms", 5))["xml"]
    assert 'trunkVersion=""' in first
    phone.sent(second.encode())
    first = first.replace('trunkVersion=""', 'trunkVersion="2"').replace('branchId=""', f'branchId="{branch}"')
    phone.sent(first.encode())
    wait_for(lambda: table.known(tasks, home)["rooms"] == 6)


def test_an_invalid_form_is_refused_here_too(
    engine: Engine, phone: Phone, loaded: tuple[dict[str, str], str, str, str]
) -> None:
    """Engines make something to send of a form that is not valid, and leave it to the server."""
    _, home, form, subjects = loaded
    filled = engine.fill(form, subjects, ("Subject", home), ("rooms", 99))
    assert filled["status"] == "pending"
    phone.sent(filled["xml"].encode(), 400)
