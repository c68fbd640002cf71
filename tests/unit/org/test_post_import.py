from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chassis.csv_table import BadRow
from chassis.types import BLANKS
from services.org.posts.bulk_import import ALIASES, MOST_ROWS, Unreadable, read_rows

HEAD = ",".join(ALIASES)
# The content of a cell, after a CSV reader has normalised line ends.
cells = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=12)


def written(table: list[list[str]]) -> bytes:
    output = io.StringIO(newline="")
    csv.writer(output).writerows([list(ALIASES), *table])
    return output.getvalue().encode("utf-8-sig")


@given(st.lists(st.lists(cells, min_size=5, max_size=5), max_size=8))
def test_a_csv_file_is_read_cell_by_cell(table: list[list[str]]) -> None:
    read = [list(row.values()) for _, row in read_rows(written(table)) if not isinstance(row, BadRow)]
    stripped = [[cell.strip(BLANKS) for cell in row] for row in table]
    assert read == [row for row in stripped if any(row)]


@given(st.binary(max_size=200))
@example(b"\xff\xfe\x00")
@example(f"{HEAD}\n\x00,".encode())
@example(f'{HEAD}\n"open'.encode())
def test_any_bytes_are_read_as_rows_or_refused(file: bytes) -> None:
    try:
        list(read_rows(file))
    except Unreadable:
        return


def test_columns_may_be_in_any_order_and_in_english_and_duties_are_optional() -> None:
    [(line, row)] = read_rows(b"title,area,extra,unit,kind\nA,/1503/,x,1503,tenant_admin\n")
    assert line == 2
    assert row == {"kind": "tenant_admin", "title": "A", "unit": "1503", "area": "/1503/", "extra": "x"}


def test_a_row_with_fewer_or_more_cells_is_refused_alone() -> None:
    read = [row for _, row in read_rows(f"{HEAD}\n网格员\n网格员,A,U,/1/,x,surplus\n网格员,A,U,/1/,x\n".encode())]
    assert [isinstance(row, BadRow) for row in read] == [True, True, False]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_missing_column_is_named_in_the_language_of_the_reader(encoding: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_rows("岗位类别,岗位名称,单位\n".encode(encoding))
    [(field, en, zh)] = refused.value.faults
    assert (field, "columns area;" in en, "缺少列：区域；" in zh) == ("file", True, True)


def test_a_table_beyond_the_limit_is_refused_as_a_whole() -> None:
    with pytest.raises(Unreadable):
        list(read_rows((HEAD + "\n" + "a,b,c,d,e\n" * (MOST_ROWS + 1)).encode()))


def test_a_row_over_several_lines_is_reported_at_its_first() -> None:
    lines = [line for line, _ in read_rows(f'{HEAD}\n网格员,"第一\n网格",U,/1/,x\n网格员,B,U,/1/,x\n'.encode())]
    assert lines == [2, 4]
