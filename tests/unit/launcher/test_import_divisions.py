from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.csv_table import NoTable, Table
from launcher.imports import divisions
from launcher.imports.divisions import COLUMNS, Result, Row, of_city
from launcher.imports.report import Outcome, Report
from launcher.problems import Stopped

HEAD = ",".join(COLUMNS.needed) + "\n"
DATA = Path(__file__).parents[3] / "data" / "divisions.csv"
FAULTS = Path(__file__).parents[2] / "data"


def read(content: bytes, result: Result) -> list[Row]:
    return divisions.read(Table.of(content, COLUMNS), result)


def test_rows_carry_the_line_of_the_file_and_our_tier() -> None:
    text = HEAD + "1503,15,prefecture,乌海市\n\n150302001,150302,township,凤凰岭街道\n"
    assert read(text.encode(), Result()) == [
        {"line": 2, "code": "1503", "parent": "15", "tier": "city", "name": "乌海市"},
        {"line": 4, "code": "150302001", "parent": "150302", "tier": "street", "name": "凤凰岭街道"},
    ]


def test_broken_rows_are_reported_and_the_rest_is_read() -> None:
    broken = [b'150301,1503,county,"open', b"150302,1503,county", b"150303,1503,county,\xff\xfe", b"x" * 1001 + b",,,"]
    content = HEAD.encode() + b"\n".join([*broken, b"1503,15,prefecture,ok"])
    report = Result()
    assert [row["line"] for row in read(content, report)] == [6]
    assert report.read == 5
    assert [(row.line, row.en, row.zh) for row in report.rejected] == [
        (2, "a quotation mark is not closed", "引号未闭合"),
        (3, "has 3 columns, not 4", "有 3 列，应为 4 列"),
        (4, "is not UTF-8; save the sheet as CSV UTF-8", "不是 UTF-8 编码，请另存为 CSV UTF-8"),
        (5, "code: has more than 1000 characters", "code：超过 1000 个字符"),
    ]


def test_a_file_without_the_columns_is_refused() -> None:
    for content in (b"", b"name,code\n1,2\n"):
        with pytest.raises(NoTable):
            read(content, Result())


def test_a_blank_in_the_head_does_not_matter() -> None:
    [row] = read((FAULTS / "divisions-header-with-blank.csv").read_bytes(), Result())
    assert (row["code"], row["name"]) == ("511802093", "x")


def test_a_name_is_taken_without_an_invisible_beginning_and_with_its_line_break() -> None:
    rows = read((FAULTS / "divisions-bom-in-name.csv").read_bytes(), Result())
    assert [(row["line"], row["name"]) for row in rows] == [(2, "多\n行"), (4, "bom")]


def test_a_byte_order_mark_is_not_part_of_the_first_column() -> None:
    assert len(read(b"\xef\xbb\xbf" + HEAD.encode() + b"1503,15,prefecture,a\n", Result())) == 1


@given(st.binary(max_size=200))
def test_whatever_follows_the_head_every_row_is_read_or_reported(content: bytes) -> None:
    report = Result()
    rows = read(HEAD.encode() + content, report)
    assert len(rows) + len(report.rejected) == report.read


def test_the_report_of_a_rejected_row_names_the_columns_of_the_file() -> None:
    class Api:
        def post(self, path: str, *, rows: list[Row]) -> Row:
            reason = {"en": "tier: it must be a tier; code: x", "zh-CN": "parent：须为上级"}
            return {"rows": [], "rejected": [{"line": 2, "reason": reason}]}

    api: Any = Api()
    result = Result()
    row = {"line": 2, "code": "x", "parent": "", "tier": "y", "name": "z"}
    divisions.send(api, [row], result, lambda done: None)
    [outcome] = result.rejected
    assert (outcome.en, outcome.zh) == ("level: it must be a tier; code: x", "parent_code：须为上级")


def test_rows_of_other_cities_are_skipped() -> None:
    rows = read(DATA.read_bytes(), Result())
    chosen = {row["code"] for row in of_city(rows, "1503")}
    assert len(chosen) == 113
    assert all(code.startswith("1503") for code in chosen)


def test_a_row_whose_parent_is_not_in_the_file_is_left_to_the_service() -> None:
    rows = read((HEAD + "150302009,150302,township,a\n9,9,county,loop\n").encode(), Result())
    assert len(of_city(rows, "1503")) == 2


def test_a_report_distinguishes_existing_from_new_divisions() -> None:
    results = ["imported"] * 3 + ["changed"] * 2 + ["known"] * 108 + ["skipped"] * 2089 + ["rejected"]
    told = str(Result(len(results), [Outcome(line, result) for line, result in enumerate(results, start=2)]))
    assert told == (
        "2203 rows: 3 divisions imported, 2 renamed, 108 already present, 2089 of other cities skipped, 1 rejected"
    )


def test_a_row_that_nothing_became_of_stops_the_import() -> None:
    one, other = Outcome(2, "imported"), Outcome(3, "skipped")
    Result(2, [one, other]).require_even()
    for result in (Result(3, [one, other]), Result(2, [one, other, other]), Result(3, [one, other, other])):
        with pytest.raises(Stopped):
            result.require_even()


def test_the_report_says_of_every_row_what_became_of_it(tmp_path: Path) -> None:
    class Api:
        def get(self, path: str) -> Row:
            return {"root": "1503"}

        def post(self, path: str, *, rows: list[Row]) -> Row:
            reason = {"en": "name: missing", "zh-CN": "name：缺少该项"}
            results = {2: "known", 3: "changed", 4: "made"}
            known = [{"line": row["line"], "result": results[row["line"]]} for row in rows if row["line"] in results]
            return {"rows": known, "rejected": [{"line": 6, "reason": reason}]}

    file = tmp_path / "divisions.csv"
    lines = ["1503,15,prefecture,a", "150302,1503,county,b", "150303,1503,county,c", "51,,province,d"]
    file.write_text(HEAD + "\n".join([*lines, "150304,1503,county,", "1,2"]), encoding="utf-8")
    api: Any = Api()
    result = divisions.import_file(api, file)
    report = Report(tmp_path / "report.csv")
    report.add(result.outcomes)
    with (tmp_path / "report.csv").open(encoding="utf-8", newline="") as written:
        told = [row[:3] for row in csv.reader(written)]
    assert told[1:] == [
        ["2", "known", "1503"],
        ["3", "changed", "150302"],
        ["4", "imported", "150303"],
        ["5", "skipped", "51"],
        ["6", "rejected", ""],
        ["7", "rejected", ""],
    ]
