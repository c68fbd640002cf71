"""CSV reader: each row is read or refused by itself, whatever stands in the others."""

from __future__ import annotations

import csv
import io
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.csv_table import MOST_BYTES, BadRow, Columns, NoTable, Table
from chassis.types import BLANKS as _BLANKS

COLUMNS = Columns(("number", "text"))


def read(content: str | bytes, *kinds: Columns) -> dict[int, Any]:
    """What is read of each row, by its first line: the cells, or why it cannot be read."""
    table = Table.of(content if isinstance(content, bytes) else content.encode(), *(kinds or (COLUMNS,)))
    return {line: row.en if isinstance(row, BadRow) else list(row.values()) for line, row in table.rows()}


def test_a_quotation_mark_inside_a_cell_is_a_character_like_others() -> None:
    assert read('number,text\n1,5" pipe\n2,ok\n3,6" pipe\n4,"a ""b"" c"\n') == {
        2: ["1", '5" pipe'], 3: ["2", "ok"], 4: ["3", '6" pipe'], 5: ["4", 'a "b" c'],
    }  # fmt: skip


@pytest.mark.parametrize("lines", [1, 24, 27, 500])
def test_a_cell_may_have_many_lines_and_none_of_them_becomes_a_row(lines: int) -> None:
    text = "\n".join(["SMUGGLED,row"] * lines)
    assert read(f'number,text\n1,"{text}"\n2,ok\n') == {2: ["1", text], 2 + lines: ["2", "ok"]}


def test_a_row_that_ends_badly_is_refused_alone() -> None:
    assert read('number,text\n1,"a"b\n2,ok\n3,"never closed\n4,ok\n5,ok\n6,"x" \n7,ok') == {
        2: "a cell goes on behind its closing quotation mark",
        3: ["2", "ok"],
        4: "a cell goes on behind its closing quotation mark",
        5: ["4", "ok"],
        6: ["5", "ok"],
        7: "a cell goes on behind its closing quotation mark",
        8: ["7", "ok"],
    }


def test_lines_of_a_text_that_is_cut_off_are_refused_with_it() -> None:
    text = "\n".join(f"line {number}" for number in range(20))
    assert read(f'number,text\n1,ok\n2,"{text}\nSMUGGLED,row\nthe end') == {
        2: ["1", "ok"], 3: "a quotation mark is not closed (lines 3 to 24)",
    }  # fmt: skip


def test_an_unclosed_mark_reads_no_further_than_a_row_may_be_long() -> None:
    rows = [f"{number},{'x' * 90}" for number in range(3000)]
    content = "\n".join(["number,text", '0,"open', *rows])
    told = read(content)
    assert told.pop(2) == "a quotation mark is not closed"
    assert len(told) == len(rows)


def test_a_row_that_is_too_long_is_refused_alone() -> None:
    assert read(f"number,text\n1,{'字' * MOST_BYTES}\n2,ok") == {2: "is longer than 64 kB", 3: ["2", "ok"]}


def test_a_row_with_other_columns_is_refused_and_a_blank_one_is_none() -> None:
    assert read("\n\nnumber,text\n1\n\n,\n \u200b,\ufeff\n2,a,b\n3,c\n") == {
        4: "has 1 columns, not 2", 8: "has 3 columns, not 2", 9: ["3", "c"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "head", ["Number,TEXT", '"number","text"', " number , text ", "text,Number", "Number;Text", "number\ttext"]
)
def test_names_of_columns_may_be_quoted_and_written_otherwise(head: str) -> None:
    delimiter = next(each for each in ",;\t" if each in head)
    table = Table.of(f"{head}\n1{delimiter}2\n".encode(), COLUMNS)
    [(_, row)] = table.rows()
    assert isinstance(row, dict)
    assert row.keys() == {"number", "text"}
    assert table.delimiter == delimiter


def test_a_blank_in_a_name_is_an_underscore() -> None:
    assert read("Unique Key\n7\n", Columns(("unique_key",))) == {2: ["7"]}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "number, text"),
        ("number,txt\n1,2", "lacks the columns text"),
        ("PNG\n", "number, text"),
        ("number,text,Text\n", "twice: text"),
        ("number,Number ,text\n", "twice: number"),
        ('"number,text\n1,2\n', "number, text"),
    ],
)
def test_a_column_that_is_missing_or_doubled_is_named(content: str, named: str) -> None:
    with pytest.raises(NoTable, match=named) as refused:
        Table.of(content.encode(), COLUMNS)
    assert not refused.value.zh.isascii()


def test_of_two_kinds_the_one_is_meant_of_which_least_is_missing() -> None:
    first, second = Columns(("a", "b", "c")), Columns(("x", "y"))
    assert Table.of(b"x,y,a\n", first, second).columns is second
    with pytest.raises(NoTable, match="lacks the columns c"):
        Table.of(b"a,b,x\n", first, second)


@pytest.mark.parametrize(
    ("encoding", "taken"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gbk", "gb18030"), ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)
def test_the_encodings_of_spreadsheets_are_told_apart(encoding: str, taken: str) -> None:
    table = Table.of("number,text\n1,路灯不亮\n2,井盖丢失\n".encode(encoding), COLUMNS)
    assert [list(row.values()) for _, row in table.rows() if isinstance(row, dict)] == [
        ["1", "路灯不亮"],
        ["2", "井盖丢失"],
    ]
    assert table.encoding == taken


def test_broken_bytes_refuse_their_row_and_do_not_change_the_encoding() -> None:
    lines = [b"number,text\n", "1,路灯\n".encode(), b"2,\xff\xfe\n", "3,井盖\n".encode(), b"4,\xc2\xb7\xb5\xc6\n"]
    assert read(b"".join(lines)) == {
        2: ["1", "路灯"],
        3: "is not UTF-8; save the sheet as CSV UTF-8",
        4: ["3", "井盖"],
        5: "is not UTF-8; save the sheet as CSV UTF-8",
    }


def test_line_ends_of_all_systems_count_as_one_and_others_as_none() -> None:
    assert read("number,text\r\n1,a\r2,b\n3,c\u2028d\x0be\x85f\n4,g") == {
        2: ["1", "a"], 3: ["2", "b"], 4: ["3", "c\u2028d\x0be\x85f"], 5: ["4", "g"],
    }  # fmt: skip


@given(st.lists(st.tuples(st.text(), st.text()), max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_what_a_writer_writes_is_read_again(rows: list[tuple[str, str]], end: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([COLUMNS.needed, *rows])
    content = text.getvalue().encode(errors="replace")
    stripped = [[cell.encode(errors="replace").decode().strip(_BLANKS) for cell in row] for row in rows]
    assert list(read(content).values()) == [row for row in stripped if any(row)]


@given(st.binary(max_size=300) | st.text('"\n,;a\r \ufeff', max_size=200).map(str.encode))
def test_whatever_the_bytes_reading_ends_and_every_line_belongs_to_one_row(content: bytes) -> None:
    table = Table.of(b"number,text\n" + content, COLUMNS)
    lines = [line for line, _ in table.rows()]
    assert lines == sorted(set(lines))


def test_many_open_marks_are_read_in_time() -> None:
    started = time.process_time()
    rows = read("number,text\n" + '1,"a\n' * 20_000)
    assert len(rows) == 20_000
    assert time.process_time() - started < 20
