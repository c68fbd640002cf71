"""Cells of a CSV row, and the report of rejected rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.imports.csv_files import BadRow, Rejected, add_to_report, cells_of


def test_cells_may_contain_commas_quotation_marks_and_line_breaks() -> None:
    assert cells_of(b'1,"a"", b","c\nd"\r\n') == ["1", 'a", b', "c\nd"]


@pytest.mark.parametrize("row", [b'1,"a', b"1,\xff", b'1,"a"b', b"1", b""])
def test_a_row_that_cannot_be_read_is_refused_in_both_languages(row: bytes) -> None:
    with pytest.raises(BadRow) as refusal:
        cells_of(row, ("number", "text"))
    assert refusal.value.en.isascii()
    assert not refusal.value.zh.isascii()


def test_a_report_has_line_and_reason_in_both_languages_and_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    add_to_report(path, [])
    assert not path.exists()
    add_to_report(
        path, [Rejected(7, "name: empty", "name：空值"), Rejected(3, "has 3 columns, not 4", "有 3 列，应为 4 列")]
    )
    add_to_report(path, [Rejected(9, "is not UTF-8", "不是 UTF-8 编码")])
    assert path.read_text(encoding="utf-8").splitlines() == [
        "line,reason,原因",
        '3,"has 3 columns, not 4",有 3 列，应为 4 列',
        "7,name: empty,name：空值",
        "9,is not UTF-8,不是 UTF-8 编码",
    ]
