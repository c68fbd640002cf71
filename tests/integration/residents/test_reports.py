"""Reports: files of ledgers, made at once or on a schedule, kept for some days, read by whoever reads the ledger."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.integration.residents.table_town import HOUSING, ROOMS, OneTable
from tests.integration.residents.town import COMMUNITY, GRID, SECOND, STREET, Town
from tests.servers.site import Running, Site
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("一表通")
COLUMNS = [{"field": "housing", "of": "choice", "choice": "own"}, {"field": "rooms", "of": "sum"}]


@pytest.fixture
def table(town: Town) -> OneTable:
    return OneTable(town)


def define(table: OneTable, by: str = "street", **changes: Any) -> str:
    facts = {"title": "=住房台账", "area": STREET, "tier": "grid", "columns": COLUMNS, "format": "csv"}
    return str(table.ask(by, "define_report", **facts | changes)["id"])


def state_of(table: OneTable, file: str) -> str:
    return str(table.ask("street", "get_report_file", file=file)["state"])


def ask(table: OneTable, report: str, by: str = "street") -> str:
    file = str(table.ask(by, "ask_report", report=report)["id"])
    wait_for(lambda: state_of(table, file) == "MADE")
    return file


def read(table: OneTable, file: str, by: str = "street") -> bytes:
    return base64.b64decode(table.ask(by, "read_report_file", file=file)["content"])


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def answered(table: OneTable, homes: int) -> None:
    tasks = table.given(HOUSING, ROOMS)
    for _ in range(homes):
        table.answer(tasks, table.dwelling(), housing="own", rooms=2)
    table.answer(tasks, table.dwelling(SECOND), SECOND, housing="own", rooms=3)


def test_a_report_is_made_as_csv_and_as_a_workbook(table: OneTable) -> None:
    answered(table, 2)
    rows = rows_of(read(table, ask(table, define(table, leaving=False))))
    assert rows[0] == ["'=住房台账"]
    assert rows[2] == ["区域", "数据项housing：自有", "数据项rooms合计"]
    assert [row[1:] for row in rows[3:]] == [["2", "4"], ["1", "3"], ["3", "7"]]
    book = read(table, ask(table, define(table, leaving=False, format="xlsx")))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert [row[1:] for row in sheet[3:]] == [[2, 4], [1, 3], [3, 7]]


@pytest.mark.domain("Privacy: events carry ids")
def test_small_counts_stay_in_the_city(table: OneTable) -> None:
    answered(table, 10)
    rows = rows_of(read(table, ask(table, define(table))))
    # The ten are hidden too: the total less the ten would be the one.
    assert [row[1:] for row in rows[3:6]] == [["*", "*"], ["*", "*"], ["11", "23"]]


@pytest.mark.domain("Privacy: sealed fields")
def test_what_lies_in_the_store_is_sealed(table: OneTable) -> None:
    answered(table, 1)
    file = ask(table, define(table, leaving=False))
    store = table.town.site.blobs
    (kept,) = store["photos.files"].find({"filename": f"{table.town.tenant}/{file}"})
    chunks = b"".join(each["data"] for each in store["photos.chunks"].find({"files_id": kept["_id"]}))
    assert chunks.startswith(b"v1.")
    assert "住房".encode() not in chunks


def test_only_who_may_read_the_ledger_of_the_area_gets_the_file(table: OneTable) -> None:
    answered(table, 1)
    report = define(table, area=COMMUNITY)
    file = ask(table, report)
    refused = table.town.refused
    for method, args in (
        ("get_report", {"report": report}), ("ask_report", {"report": report}), ("get_report_file", {"file": file}),
        ("list_report_files", {"report": report}), ("read_report_file", {"file": file}),
    ):  # fmt: skip
        for by in ("worker", "next", "far", "supervisor", "resident", "tenant_admin"):
            assert refused(by, method, **args) == "not_found", (by, method)
    assert read(table, file, "community") == read(table, file, "centre")
    assert (
        table.ask("next", "list_reports")["items"] == table.ask("next", "list_reports", area=COMMUNITY)["items"] == []
    )
    assert refused("worker", "define_report", title="t", area=GRID, tier="micro_grid", columns=COLUMNS) == "wrong_role"
    assert refused("next", "define_report", title="t", area=COMMUNITY, tier="grid", columns=COLUMNS) == "not_your_area"


def test_a_retired_report_makes_no_more_files(table: OneTable) -> None:
    report = define(table)
    table.ask("street", "retire_report", report=report)
    assert table.town.refused("street", "ask_report", report=report) == "report.retired"
    assert table.town.refused("street", "retire_report", report=report) == "report.retired"


@pytest.fixture
def own(own_site: Site) -> Iterator[OneTable]:
    town = Town(own_site, "reports-town").open()
    yield OneTable(town)
    town.close()


def files_of(table: OneTable, report: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.ask("street", "list_report_files", report=report)["items"]
    return found


def test_a_schedule_makes_one_file_for_a_week_that_was_missed_and_deletes_it_in_time(own: OneTable) -> None:
    report = define(own, schedule="daily", keep_days=2)
    own.town.site.advance(timedelta(days=7))
    wait_for(lambda: [each["state"] for each in files_of(own, report)] == ["MADE"])
    (file,) = files_of(own, report)
    assert file["asked_by"] == ""
    own.ask("street", "retire_report", report=report)
    own.town.site.advance(timedelta(days=3))
    wait_for(lambda: state_of(own, file["id"]) == "EXPIRED")
    assert own.town.refused("street", "read_report_file", file=file["id"]) == "report.no_file"
    store = own.town.site.blobs["photos.files"]
    wait_for(lambda: store.count_documents({"filename": f"{own.town.tenant}/{file['id']}"}) == 0, 60)


@pytest.fixture
def alone(site: Site) -> Iterator[tuple[OneTable, Running]]:
    _, residents = site.start("org", "residents")
    town = Town(site, "killed-town").open()
    yield OneTable(town), residents
    town.close()


def test_a_file_that_was_asked_for_is_made_although_the_service_was_killed(alone: tuple[OneTable, Running]) -> None:
    table, residents = alone
    report = define(table)
    files = [str(table.ask("street", "ask_report", report=report)["id"]) for _ in range(5)]
    residents.kill()
    residents.restart()
    wait_for(lambda: {state_of(table, file) for file in files} == {"MADE"})
    assert all(read(table, file) for file in files)
