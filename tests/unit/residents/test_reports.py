"""Reports: what may be one, when its schedule is due, and what its file says."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from chassis.errors import Invalid
from chassis.types import BLANKS
from services.residents.api.reports import ReportColumn
from services.residents.reports.model import EXPIRED, NoReportFile, Report, ReportFile, ReportRetired
from services.residents.reports.schedule import next_moment
from services.residents.reports.tables import HIDDEN, table_of
from services.residents.reports.writing import file_of, harmless
from tests.unit.residents import samples as s
from tests.unit.residents.one_table import FIELDS
from tests.unit.residents.reports import ZONE, report
from vocabulary.access import NotYourArea, WrongRole

pytestmark = pytest.mark.domain("一表通")


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"columns": (ReportColumn(field="nothing"),)}, "columns.0.field"),
        ({"columns": (ReportColumn(field="rent"),)}, "columns.0.field"),
        ({"columns": (ReportColumn(field="rooms", of="choice", choice="own"),)}, "columns.0.choice"),
        ({"columns": (ReportColumn(field="housing", of="choice"),)}, "columns.0.choice"),
        ({"columns": (ReportColumn(field="housing", choice="own"),)}, "columns.0.choice"),
        ({"columns": (ReportColumn(field="housing", of="choice", choice="lent"),)}, "columns.0.choice"),
        ({"columns": (ReportColumn(field="housing", of="sum"),)}, "columns.0.of"),
        ({"columns": (ReportColumn(field="rooms", of="least"),)}, "columns.0.of"),
        ({"tier": "street"}, "tier"),
    ],
)
def test_a_report_of_what_no_ledger_has_is_refused(changes: dict[str, Any], at: str) -> None:
    with pytest.raises(Invalid) as refusal:
        report(**changes)
    assert [fault[0] for fault in refusal.value.faults] == [at]


def test_the_least_of_a_number_may_stand_in_a_report_that_stays() -> None:
    assert report(columns=(ReportColumn(field="rooms", of="least"),), leaving=False)


def test_who_may_define_a_report() -> None:
    for by, refusal in ((s.WORKER, WrongRole), (s.COMMUNITY_STAFF, NotYourArea), (s.SOMEBODY, WrongRole)):
        with pytest.raises(refusal):
            report(by)


@pytest.mark.parametrize(
    ("schedule", "now", "due"),
    [
        ("daily", "2026-03-01T21:59:59", "2026-03-01T22:00:00"),
        ("daily", "2026-03-01T22:00:00", "2026-03-02T22:00:00"),
        ("weekly", "2026-03-02T00:00:00", "2026-03-08T22:00:00"),
        ("monthly", "2026-01-31T22:00:00", "2026-02-28T22:00:00"),
    ],
)
def test_a_schedule_is_due_at_six_in_the_city(schedule: str, now: str, due: str) -> None:
    moment = next_moment(schedule, datetime.fromisoformat(now).replace(tzinfo=UTC), ZONE)
    assert moment == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_after_a_week_in_which_all_was_down_a_daily_report_is_asked_for_once() -> None:
    one = report(schedule="daily")
    later = s.NOW + timedelta(days=7)
    for _ in range(3):
        one.fire(later, ZONE)
    assert len(one.pending) == 1
    assert one.next_due_at
    assert later < one.next_due_at <= later + timedelta(days=1)


def test_a_retired_report_makes_no_files() -> None:
    one = report(schedule="daily")
    one.retire(s.STREET_STAFF)
    assert one.due_at() is None
    with pytest.raises(ReportRetired):
        ReportFile.ask("F1", one, s.NOW)


def test_a_file_is_read_from_when_it_is_made_until_its_time_is_over() -> None:
    file = ReportFile.ask("F1", report(), s.NOW, "s-1")
    with pytest.raises(NoReportFile):
        file.require_made()
    file.finish(s.NOW, s.NOW + timedelta(days=30))
    file.require_made()
    file.expire(s.NOW + timedelta(days=30))
    assert (file.state, file.due_at()) == (EXPIRED, None)
    with pytest.raises(NoReportFile):
        file.require_made()


def line(subjects: int, own: int) -> dict[str, Any]:
    return {"subjects": subjects, "counts": Counter(own=own, rented=subjects - own)}


def table(one: Report, **grids: dict[str, Any]) -> list[Any]:
    sums = {f"{s.COMMUNITY}{grid}/": row for grid, row in grids.items()}
    rooms = {path: {"subjects": 20, "counts": Counter(), "sum": 40, "least": 1, "most": 4} for path in sums}
    return table_of(one, FIELDS, {"housing": sums, "rooms": rooms}, lambda path: "", s.NOW.astimezone(ZONE))


def test_a_table_has_a_line_for_each_place_and_the_total() -> None:
    rows = table(report(leaving=False), g1=line(20, 5), g2=line(30, 10))
    assert rows[:3] == [
        ["住房台账"], [s.STREET, "2026-03-02 10:00"], ["区域", "住房性质", "住房性质：自有", "住房性质合计"],
    ]  # fmt: skip
    assert [row[1:] for row in rows[3:]] == [[20, 5, 40], [30, 10, 40], [50, 15, 80]]


def test_a_table_that_leaves_hides_small_counts_and_a_place_without_any() -> None:
    rows = table(report(language="en"), g1=line(20, 5), g2=line(30, 10))
    assert [row[1:] for row in rows[3:6]] == [[20, HIDDEN, 40], [30, HIDDEN, 40], [50, 15, 80]]
    assert rows[6][0].startswith("* Fewer than 10")


DANGEROUS = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1+1", " =1", "\u200b=1"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_text_of_a_file_is_a_formula(kind: str) -> None:
    content = file_of([DANGEROUS, [-5, 2.5, None]], kind)
    if kind == "csv":
        assert content.startswith(codecs.BOM_UTF8)
        rows: Any = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert rows[1][:2] == ["-5", "2.5"]
    else:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        assert rows[1][:2] == [-5, 2.5]
    assert all(cell.startswith("'") for cell in rows[0])


@given(st.text())
def test_whatever_the_text_no_spreadsheet_takes_it_for_a_formula(text: str) -> None:
    safe = harmless(text)
    assert safe.removeprefix("'") in (text, text.removeprefix("'"))
    assert safe.lstrip(BLANKS)[:1] not in tuple("=+-@＝＋－＠") or not safe
