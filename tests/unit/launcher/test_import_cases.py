"""Import of cases from CSV: a broken record does not affect the others, and an interrupted import resumes."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.types import Id
from chassis.validation import faults_of
from launcher.api import Refused
from launcher.imports import cases, sending
from launcher.imports.cases import import_file, source_of
from launcher.imports.progress import Counts
from launcher.problems import Stopped
from services.cases.api.imports import Import

HEAD = "number,category,path,state,text"
LONG = {"en": "too long", "zh-CN": "过长"}
DATA = Path(__file__).parents[2] / "data"


class Service:
    """Fake API: rejects `bad` numbers one by one; `invalid` ones make the whole request invalid."""

    url = "http://linli.example"
    language = "en"

    def __init__(self, bad: tuple[str, ...] = (), invalid: tuple[str, ...] = (), path: str = "/1503/") -> None:
        self.taken: list[str] = []
        self.rows: list[dict[str, Any]] = []
        self.sources: set[str] = set()
        self._tenant = {"path": path, "calendar": {"zone": "America/New_York" if path == "/nyc/" else "Asia/Shanghai"}}
        self.requests = 0
        self.before: Callable[[], None] = lambda: None
        self._bad, self._invalid = bad, invalid

    def fail_later(self) -> None:
        if self.requests:
            raise KeyboardInterrupt

    def in_language(self, language: str) -> Service:
        other = copy(self)
        other.language = language
        return other

    def get(self, path: str) -> Any:
        return self._tenant

    def post(self, path: str, **body: Any) -> Any:
        self.before()
        self.requests += 1
        rows = body["rows"]
        if any(row["number"] in self._invalid for row in rows):
            fields = [{"field": f"rows.0.{name}", "reason": LONG[self.language]} for name in ("text", "address")]
            raise Refused("POST", {"code": "invalid", "title": "?", "fields": fields})
        rejected = [
            {"line": row["line"], "reason": {"en": "bad", "zh-CN": "坏"}} for row in rows if row["number"] in self._bad
        ]
        self.sources.add(body["source"])
        self.rows += rows
        cases = []
        for row in rows:
            if row["number"] not in self._bad:
                cases.append({"line": row["line"], "id": f"C{row['number']}", "made": row["number"] not in self.taken})
                self.taken += [row["number"]] if cases[-1]["made"] else []
        made = sum(case["made"] for case in cases)
        return {"made": made, "known": len(cases) - made, "cases": cases, "rejected": rejected}


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Counts]:
    def imported(service: Service, content: str | bytes) -> Counts:
        file = tmp_path / "cases.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        api: Any = service
        return import_file(api, "wuhai", file, tmp_path / "report.csv", tmp_path / "imports")

    return imported


def rows(count: int) -> str:
    return "\n".join([HEAD, *(f"{number},service.care.care,/1503/,REGISTERED," for number in range(count))]) + "\n"


def report(tmp_path: Path, result: str = "rejected") -> list[list[str]]:
    """Line, reason in both languages and id, of the rows with this result."""
    with (tmp_path / "report.csv").open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file)
    assert head == ["line", "result", "id", "reason", "原因"]
    return [
        [line, en, zh] if result == "rejected" else [line, key] for line, told, key, en, zh in lines if told == result
    ]


def test_each_broken_row_is_reported_with_its_line_and_reason_and_the_rest_is_imported(
    run: Callable[..., Counts], tmp_path: Path
) -> None:
    good = "{},service.care.care,/1503/,REGISTERED,{}"
    lines = [
        HEAD.encode(),
        good.format("1", "one").encode(),
        b"2,too few",
        good.format("3", '"two').encode() + b'\nlines"',
        b"4,service.care.care,/1503/,REGISTERED,\xff",
        good.format("5", '"never closed').encode(),
        good.format("6", "six").encode(),
        good.format("7", "seven").encode(),
    ]
    service = Service(bad=("6",))
    done = run(service, b"\n".join(lines) + b"\n" * 30)
    assert service.taken == ["1", "3", "7"]
    assert (done.read, done.made, done.rejected) == (7, 3, 4)
    assert report(tmp_path, "imported") == [["2", "C1"], ["4", "C3"], ["9", "C7"]]
    assert report(tmp_path) == [
        ["3", "has 2 columns, not 5", "有 2 列，应为 5 列"],
        ["6", "is not UTF-8; save the sheet as CSV UTF-8", "不是 UTF-8 编码，请另存为 CSV UTF-8"],
        ["7", "a quotation mark is not closed", "引号未闭合"],
        ["8", "bad", "坏"],
    ]


def test_a_row_that_makes_a_request_invalid_is_found_and_the_others_are_imported(
    run: Callable[..., Counts], tmp_path: Path
) -> None:
    service = Service(invalid=("3", "8"))
    done = run(service, rows(10))
    assert sorted(service.taken) == [str(number) for number in range(10) if number not in (3, 8)]
    assert (done.made, done.rejected) == (8, 2)
    said = ["text: too long; address: too long", "text：过长；address：过长"]
    assert report(tmp_path) == [["5", *said], ["10", *said]]


@pytest.mark.parametrize("cell", ["east", "nan", "inf"])
def test_a_longitude_that_is_not_a_number_is_reported_with_its_column(
    run: Callable[..., Counts], tmp_path: Path, cell: str
) -> None:
    service = Service()
    run(service, f"{HEAD},lon\n1,service.care.care,/1503/,REGISTERED,,{cell}\n")
    assert service.taken == []
    assert report(tmp_path) == [["2", f"lon: {cell} is not a number", f"lon：{cell} 不是数字"]]


def test_a_row_with_several_faults_names_them_all(run: Callable[..., Counts], tmp_path: Path) -> None:
    service = Service()
    run(service, f"{HEAD},lon,lat,closed_at\n1,service.care.care,/1503/,OPEN,,east,nan,yesterday\n")
    [[_, en, zh]] = report(tmp_path)
    assert [each.partition(":")[0] for each in en.split("; ")] == ["lon", "lat", "state", "closed_at"]
    assert [each.partition("：")[0] for each in zh.split("；")] == ["lon", "lat", "state", "closed_at"]
    assert service.rows == []


def test_an_interrupted_import_resumes(run: Callable[..., Counts], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_BATCH", 3)
    service = Service()

    def interrupt() -> None:
        if service.requests == 2:
            raise KeyboardInterrupt

    service.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        run(service, rows(10))
    assert service.taken == ["0", "1", "2", "3", "4", "5"]
    service.before = lambda: None
    done = run(service, rows(10))
    assert service.requests == 4, "what was taken is not sent again"
    assert (done.made, done.known, service.taken) == (10, 0, [str(number) for number in range(10)])


def test_a_finished_import_can_be_repeated_without_effect(run: Callable[..., Counts]) -> None:
    service = Service()
    run(service, rows(4))
    again = run(service, rows(4))
    assert (again.made, again.known) == (0, 4)


@pytest.mark.parametrize("content", ["", "a,b,c\n1,2,3\n", "PNG\n"])
def test_a_file_with_other_columns_is_refused(run: Callable[..., Counts], content: str) -> None:
    with pytest.raises(Stopped, match="the first line lacks the columns"):
        run(Service(), content)


def test_what_was_there_already_is_reported_with_its_id(run: Callable[..., Counts], tmp_path: Path) -> None:
    service = Service()
    run(service, rows(1))
    assert str(run(service, rows(2))) == "2 rows: 1 imported, 1 already present, 0 rejected"
    assert (report(tmp_path, "known"), report(tmp_path, "imported")) == ([["2", "C0"]], [["3", "C1"]])


def test_a_resumed_report_names_each_row_once(
    run: Callable[..., Counts], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sending, "_BATCH", 3)
    service, saves = Service(), []

    def interrupt(self: Any) -> None:
        saves.append(self)
        if len(saves) == 2:  # the report is written, the progress is not
            raise KeyboardInterrupt
        saved(self)

    saved = cases.Progress.save
    monkeypatch.setattr(cases.Progress, "save", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(service, rows(10))
    monkeypatch.setattr(cases.Progress, "save", saved)
    done = run(service, rows(10))
    assert (done.read, done.made, done.known) == (10, 7, 3)
    lines = sorted(int(line) for result in ("imported", "known") for line, _ in report(tmp_path, result))
    assert lines == list(range(2, 12))


def test_an_import_whose_report_or_progress_is_gone_begins_anew(
    run: Callable[..., Counts], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sending, "_BATCH", 3)
    for damage in (
        lambda: (tmp_path / "report.csv").unlink(),
        lambda: [each.write_text("{") for each in (tmp_path / "imports").iterdir()],
    ):
        service = Service()
        monkeypatch.setattr(service, "before", service.fail_later)
        with pytest.raises(KeyboardInterrupt):
            run(service, rows(6))
        damage()
        monkeypatch.undo()
        done = run(service, rows(6))
        assert (done.read, done.made, done.known) == (6, 3, 3)
        assert len(report(tmp_path, "imported") + report(tmp_path, "known")) == 6
        monkeypatch.setattr(sending, "_BATCH", 3)


@pytest.mark.parametrize(("bad", "code"), [((), 0), (("1",), 3)])
def test_the_exit_code_says_whether_all_rows_are_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: tuple[str, ...], code: int
) -> None:
    file = tmp_path / "旧工单 (1).csv"
    file.write_text(rows(3))
    monkeypatch.setattr(cases, "as_operator_in", lambda *_: Service(bad=bad))
    monkeypatch.setattr(cases, "Installation", lambda: argparse.Namespace(folder=tmp_path))
    options = argparse.Namespace(file=file, tenant="wuhai", source="", report=None, url="")
    assert cases.run(options) == code
    assert (tmp_path / "旧工单 (1).csv.report.csv").exists()
    assert f"3 rows: {3 - len(bad)} imported, 0 already present, {len(bad)} rejected; see " in capsys.readouterr().out


def test_rows_that_the_answer_does_not_name_stop_the_import(run: Callable[..., Counts]) -> None:
    service = Service()
    answer = service.post
    service.post = lambda path, **body: {**answer(path, **body), "cases": []}  # type: ignore[method-assign]
    with pytest.raises(Stopped, match="rows were lost"):
        run(service, rows(2))


def test_a_report_that_cannot_be_written_stops_before_anything_is_sent(tmp_path: Path) -> None:
    file, service = tmp_path / "cases.csv", Service()
    file.write_text(rows(2))
    api: Any = service
    with pytest.raises(Stopped, match="pass --report"):
        import_file(api, "wuhai", file, tmp_path / "no" / "report.csv", tmp_path / "imports")
    assert not service.taken


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("cases", "cases"),
        ("311 Service Requests", "311-Service-Requests"),
        ("历史工单", "file-70f86a02"),
        ("历史工单 2", "2-3dcd0ba2"),
        ("a" * 41, "a" * 40 + "-" + "5a5ff62b"),
    ],
)
def test_any_name_of_a_file_is_a_source_and_different_ones_differ(name: str, source: str) -> None:
    made = source_of(name)
    assert made.partition("-")[0] == source.partition("-")[0]
    assert not faults_of(made, Id)
    assert len({source_of(each) for each in (name, name + "2", "2" + name, name + " b")}) == 4


# -- files that failed -------------------------------------------------------------------------------------


def imported(tmp_path: Path, name: str) -> tuple[Service, Counts]:
    service: Any = Service(path="/nyc/")
    return service, import_file(service, "nyc", DATA / name, tmp_path / "report.csv", tmp_path / "imports")


def test_quotation_marks_inside_cells_are_kept(tmp_path: Path) -> None:
    service, done = imported(tmp_path, "quote-in-cell.csv")
    assert [row.get("text") for row in service.rows] == ['5" pipe', "ok", '6" pipe', "tI4"]
    assert str(done) == "4 rows: 4 imported, 0 already present, 0 rejected"


def test_no_line_of_a_cell_becomes_a_case(tmp_path: Path) -> None:
    service, _ = imported(tmp_path, "line-in-cell-becomes-a-case.csv")
    assert service.taken == ["W1", "W2"]
    assert len(service.rows[0]["text"].splitlines()) == 24


def test_a_cell_of_26_lines_swallows_no_row(tmp_path: Path) -> None:
    assert imported(tmp_path, "cell-of-26-lines.csv")[0].taken == ["X1", "X2"]


def test_a_name_with_blanks_needs_no_change(tmp_path: Path) -> None:
    service, done = imported(tmp_path, "311 Service Requests.csv")
    assert (done.made, service.sources) == (2, {"311-Service-Requests"})


def test_the_portal_s_own_export_is_understood(tmp_path: Path) -> None:
    service, done = imported(tmp_path, "nyc-portal-export.csv")
    assert (done.made, done.rejected, service.sources) == (6, 0, {"nyc311"})
    assert service.rows[0]["reported_at"] == "2018-06-26T10:58:54-04:00"
    assert service.rows[0]["path"] == "/nyc/4/409/"
    assert service.rows[4]["closed_at"] == "2018-11-29T00:00:00-05:00"


def test_a_zone_in_the_file_holds_and_the_hour_that_comes_twice_is_told_apart(tmp_path: Path) -> None:
    service, done = imported(tmp_path, "nyc-zones-and-repeated-hour.csv")
    first, second, third = service.rows
    assert done.made == 3
    assert (first["reported_at"], first["closed_at"]) == ("2024-05-27T02:08:51+00:00", "2024-05-27T03:08:51+00:00")
    took = datetime.fromisoformat(second["closed_at"]) - datetime.fromisoformat(second["reported_at"])
    assert took == timedelta(minutes=20)
    assert datetime.fromisoformat(third["reported_at"]).astimezone(UTC).hour == 7


@pytest.mark.parametrize("name", ["year-0001-plus-8.csv", "year-0001-utc.csv"])
def test_the_empty_date_of_dotnet_is_sent_as_it_is_for_the_service_to_refuse(tmp_path: Path, name: str) -> None:
    service, _ = imported(tmp_path, name)
    faults = faults_of({"source": "x", "rows": service.rows}, Import)
    assert [field for field, _, _ in faults] == ["rows.1.reported_at"]
