"""Import of cases from CSV: a broken record does not affect the others, and an interrupted import resumes."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.api import Refused
from launcher.imports import cases as import_cases
from launcher.imports.cases import import_file, read
from launcher.imports.csv_files import BadRow, cells_of
from launcher.problems import Stopped

HEAD = "number,category,path,state,text"
LONG = {"en": "too long", "zh-CN": "过长"}
TENANT = {"path": "/1503/", "calendar": {"zone": "Asia/Shanghai"}}


class Service:
    """Fake API: rejects `bad` numbers one by one; `invalid` ones make the whole request invalid."""

    url = "http://linli.example"
    language = "en"

    def __init__(self, bad: tuple[str, ...] = (), invalid: tuple[str, ...] = ()) -> None:
        self.taken: list[str] = []
        self.requests = 0
        self.before: Callable[[], None] = lambda: None
        self._bad, self._invalid = bad, invalid

    def in_language(self, language: str) -> Service:
        other = copy(self)
        other.language = language
        return other

    def get(self, path: str) -> Any:
        return TENANT

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
        new = [row["number"] for row in rows if row["number"] not in (*self._bad, *self.taken)]
        self.taken += new
        return {"made": len(new), "known": len(rows) - len(new) - len(rejected), "rejected": rejected}


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., import_cases.Progress]:
    def imported(service: Service, content: str | bytes) -> import_cases.Progress:
        file = tmp_path / "cases.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        api: Any = service
        return import_file(api, "wuhai", file, tmp_path / "report.csv", tmp_path / "imports")

    return imported


def rows(count: int) -> str:
    return "\n".join([HEAD, *(f"{number},service.care.care,/1503/,REGISTERED," for number in range(count))]) + "\n"


def report(tmp_path: Path) -> list[list[str]]:
    with (tmp_path / "report.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_each_broken_row_is_reported_with_its_line_and_reason_and_the_rest_is_imported(
    run: Callable[..., import_cases.Progress], tmp_path: Path
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
    assert (done.made, done.rejected) == (3, 4)
    assert report(tmp_path) == [
        ["line", "reason", "原因"],
        ["3", "has 2 columns, not 5", "有 2 列，应为 5 列"],
        ["6", "is not UTF-8; save the sheet as CSV UTF-8", "不是 UTF-8 编码，请另存为 CSV UTF-8"],
        ["7", "a quotation mark is not closed", "引号未闭合"],
        ["8", "bad", "坏"],
    ]


def test_a_row_that_makes_a_request_invalid_is_found_and_the_others_are_imported(
    run: Callable[..., import_cases.Progress], tmp_path: Path
) -> None:
    service = Service(invalid=("3", "8"))
    done = run(service, rows(10))
    assert sorted(service.taken) == [str(number) for number in range(10) if number not in (3, 8)]
    assert (done.made, done.rejected) == (8, 2)
    said = ["text: too long; address: too long", "text：过长；address：过长"]
    assert report(tmp_path)[1:] == [["5", *said], ["10", *said]]


@pytest.mark.parametrize("cell", ["east", "nan", "inf"])
def test_a_longitude_that_is_not_a_number_is_reported_with_its_column(
    run: Callable[..., import_cases.Progress], tmp_path: Path, cell: str
) -> None:
    service = Service()
    run(service, f"{HEAD},lon\n1,service.care.care,/1503/,REGISTERED,,{cell}\n")
    assert service.taken == []
    assert report(tmp_path)[1:] == [["2", f"lon: {cell} is not a number", f"lon：{cell} 不是数字"]]


def test_an_interrupted_import_resumes(
    run: Callable[..., import_cases.Progress], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_cases, "_BATCH", 3)
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


def test_a_finished_import_can_be_repeated_without_effect(run: Callable[..., import_cases.Progress]) -> None:
    service = Service()
    run(service, rows(4))
    again = run(service, rows(4))
    assert (again.made, again.known) == (0, 4)


@pytest.mark.parametrize("content", ["", "a,b,c\n1,2,3\n", "PNG\n"])
def test_a_file_with_other_columns_is_refused(run: Callable[..., import_cases.Progress], content: str) -> None:
    with pytest.raises(Stopped, match="the first line must name"):
        run(Service(), content)


@given(st.binary(max_size=300))
def test_whatever_the_bytes_every_record_has_a_line_and_reading_ends(content: bytes) -> None:
    lines = []
    for line, text in read(content):
        lines.append(line)
        with contextlib.suppress(BadRow):
            assert cells_of(text)
    assert lines == sorted(set(lines))
