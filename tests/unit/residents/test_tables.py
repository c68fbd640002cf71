"""Wide tables: what a file may be, what of it is refused and why, and what a cell says."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import datetime
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import Invalid
from services.residents.api.dictionary import Choice
from services.residents.api.tables import MOST_ROWS, MappedColumn
from services.residents.tables.cells import BadCell, text_of, value_of
from services.residents.tables.reading import ReadTable, UnreadableTable, read_table
from tests.unit.residents.one_table import CHOICES, FIELDS, field, number
from tests.unit.residents.tables import COLUMNS, given_table, mapping

pytestmark = pytest.mark.domain("一表通")
HEADERS = ["房屋编号", "住房性质", "间数"]
DAY_OF_SHEET = datetime(2026, 3, 1)  # noqa: DTZ001 - a sheet knows no zones
ROWS = [HEADERS, ["D1", "自有", 2], ["D2", "租住", 3]]


def workbook(rows: list[list[Any]] = ROWS, merged: str = "", **options: Any) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, **options}) as book:
        sheet, day = book.add_worksheet("表"), book.add_format({"num_format": "yyyy-mm-dd"})
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(at, column, cell, *([day] if isinstance(cell, datetime) else []))
        if merged:
            sheet.merge_range(merged, "合并")
    return content.getvalue()


def csv(rows: list[list[Any]] = ROWS, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(",".join(str(cell) for cell in row) for row in rows).encode(encoding)


def said(table: ReadTable) -> list[tuple[int, list[str]]]:
    return [(row.line, [text_of(cell) for cell in row.cells.values()]) for row in table.rows]


def refused(content: bytes, headers: list[str] = HEADERS) -> str:
    with pytest.raises(UnreadableTable) as refusal:
        read_table(content, headers)
    ((_, en, zh),) = refusal.value.faults
    assert en
    assert zh
    return str(en)


@pytest.mark.parametrize("content", [workbook(), csv(), csv(encoding="gb18030"), csv(encoding="utf-8-sig")])
def test_a_workbook_and_a_csv_are_read_alike(content: bytes) -> None:
    assert said(read_table(content, HEADERS)) == [(2, ["D1", "自有", "2"]), (3, ["D2", "租住", "3"])]


def test_columns_that_are_not_mapped_are_not_read() -> None:
    assert said(read_table(workbook(), ["间数", "房屋编号"])) == [(2, ["2", "D1"]), (3, ["3", "D2"])]


def test_a_table_may_stand_anywhere_in_the_sheet_and_its_rows_keep_their_numbers() -> None:
    rows = [["", ""], ["", ""], *(["", *row] for row in ROWS), [""] * 4, ["", "D9", "自有", 1]]
    assert [line for line, _ in said(read_table(workbook(rows), HEADERS))] == [4, 5, 7]


@pytest.mark.parametrize("make", [workbook, csv])
def test_a_column_that_is_missing_or_there_twice_is_named(make: Any) -> None:
    assert "lacks the columns 间数" in refused(make([row[:2] for row in ROWS]))
    assert "twice: 间数" in refused(make([[*row, row[2]] for row in ROWS]))
    assert refused(make(ROWS[:1])) == "it has no rows below the headers"


def test_merged_cells_are_refused_by_row_and_in_the_headers_as_a_whole() -> None:
    table = read_table(workbook(merged="B2:B3"), HEADERS)
    assert [(row.line, bool(row.fault)) for row in table.rows] == [(2, True), (3, True)]
    assert [bool(row.fault) for row in read_table(workbook(merged="F2:G3"), HEADERS).rows] == [False, False]
    assert refused(workbook([["", "", ""], *ROWS], merged="A1:C1"))


def test_of_a_formula_the_saved_value_is_taken() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADERS)
        sheet.write_row(1, 0, ["D1", "自有"])
        sheet.write_formula(1, 2, "=1+1", None, 2)
    assert said(read_table(content.getvalue(), HEADERS)) == [(2, ["D1", "自有", "2"])]


def test_more_rows_than_are_taken_are_refused() -> None:
    assert "more than" in refused(csv([HEADERS, *([f"D{n}", "自有", 1] for n in range(MOST_ROWS + 1))]))


def ole(name: str) -> bytes:
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512) + name.encode("utf-16-le")


def test_an_encrypted_or_broken_workbook_is_told_apart() -> None:
    assert "password" in refused(ole("EncryptedPackage"))
    assert "sound workbook" in refused(ole("Workbook"))
    assert "sound workbook" in refused(workbook()[:2000])
    assert "sound workbook" in refused(b"\x89PNG\r\n\x00\x00")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as letter:
        letter.writestr("word/document.xml", "<w/>")
    assert "sound workbook" in refused(packed.getvalue())


def bomb(declared: int | None = None) -> bytes:
    """A sheet of 300 MB in 300 kB. `declared`: how long it says to be."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.infolist():
            content = old.read(each)
            if each.filename == "xl/worksheets/sheet1.xml":
                head, _, tail = content.partition(b"<row")
                content = (
                    head
                    + b"<row"
                    + tail.replace(b"</sheetData>", b"<row><c><v>1</v></c></row>" * 12_000_000 + b"</sheetData>")
                )
            new.writestr(each.filename, content)
    if declared is None:
        return packed.getvalue()
    return lying(packed.getvalue(), declared)


def lying(content: bytes, declared: int) -> bytes:
    """The same, with another length of the sheet in both places that say it."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        sheet = packed.getinfo("xl/worksheets/sheet1.xml")
    true, false = struct.pack("<L", sheet.file_size), struct.pack("<L", declared)
    return content.replace(true, false)


def test_a_zip_bomb_is_refused_also_one_that_lies_about_its_length() -> None:
    big = bomb()
    assert len(big) < 1_400_000
    assert "unpacks to more" in refused(big)
    assert refused(lying(big, 5000))


def test_a_cell_at_the_far_corner_of_the_sheet_ends_no_process() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.infolist():
            corner = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
            new.writestr(each.filename, old.read(each).replace(b"</sheetData>", corner))
    assert refused(packed.getvalue())


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 5000), st.binary(min_size=1, max_size=8))
def test_whatever_the_bytes_the_answer_is_a_table_or_a_refusal(at: int, noise: bytes) -> None:
    content = workbook()
    at %= len(content)
    try:
        read_table(content[:at] + noise + content[at + len(noise) :], HEADERS)
    except UnreadableTable:
        return


DAY = FIELDS["checked"]


@pytest.mark.parametrize(
    ("cell", "date1904", "day"),
    [
        ("2026-03-01", None, "2026-03-01"), ("2026/3/1", None, "2026-03-01"), ("2026年3月1日", None, "2026-03-01"),
        ("2026.3.1", True, "2026-03-01"), (46082, False, "2026-03-01"), (46082.0, False, "2026-03-01"),
        (44620, True, "2026-03-01"), (61, False, "1900-03-01"),
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_and_spreadsheets_write_it(cell: Any, date1904: bool | None, day: str) -> None:
    assert value_of(DAY, cell, date1904) == day


@pytest.mark.parametrize(
    ("cell", "date1904"),
    [("46082", None), ("46082", False), (46082, None), (60, False), (46082.5, False), (1e9, False),
     (-1, True), (True, False), ("3/4/2026", None),
     ("2026-02-30", None), ("明天", None)],
)  # fmt: skip
def test_a_day_that_is_not_certain_is_refused(cell: Any, date1904: bool | None) -> None:
    with pytest.raises(BadCell):
        value_of(DAY, cell, date1904)


@pytest.mark.parametrize("date_1904", [False, True])
def test_a_day_of_a_real_workbook_is_the_same_from_1900_and_from_1904(date_1904: bool) -> None:
    serial = 44620 if date_1904 else 46082
    content = workbook([["编号", "日期"], ["D1", DAY_OF_SHEET], ["D2", serial]], date_1904=date_1904)
    table = read_table(content, ["编号", "日期"])
    assert [value_of(DAY, row.cells["日期"], table.date1904) for row in table.rows] == ["2026-03-01"] * 2


SEVERAL = field("several", kind="choices", choices=CHOICES)


@pytest.mark.parametrize(
    ("of", "cell", "value"),
    [
        (FIELDS["housing"], "自有", "own"), (FIELDS["housing"], "OWNED", "own"), (FIELDS["housing"], "own", "own"),
        (SEVERAL, "自有；rented", ["own", "rented"]), (SEVERAL, "自有\n租住", ["own", "rented"]),
        (FIELDS["rooms"], "3", 3), (FIELDS["rooms"], 3.0, 3), (number("rent", "decimal"), "2.50", 2.5),
        (FIELDS["remark"], "=1+1", "=1+1"), (FIELDS["remark"], 15.0, "15"), (FIELDS["rooms"], " \u200b", None),
        (FIELDS["rooms"], None, None),
    ],
)  # fmt: skip
def test_a_cell_is_a_value_of_its_field(of: Any, cell: Any, value: Any) -> None:
    assert value_of(of, cell, None) == value


@pytest.mark.parametrize(
    ("of", "cell"),
    [
        (FIELDS["rooms"], "3.5"), (FIELDS["rooms"], "三"), (FIELDS["rooms"], True), (FIELDS["rooms"], "1e3"),
        (FIELDS["housing"], "借住"), (SEVERAL, "自有;自有"), (FIELDS["remark"], "x" * 501),
        (FIELDS["remark"], 990000195005010120), (FIELDS["remark"], "a\u202eb"),
        (number("rent", "decimal"), "1,000"), (number("rent", "decimal"), "nan"), (FIELDS["rooms"], "9" * 5000),
    ],
)  # fmt: skip
def test_a_cell_that_its_field_does_not_take_is_refused(of: Any, cell: Any) -> None:
    with pytest.raises(BadCell):
        value_of(of, cell, None)


def test_two_choices_of_one_name_are_told_apart_by_their_codes() -> None:
    same = tuple(Choice(code=code, zh="其他", en="Other") for code in ("a", "b"))
    with pytest.raises(BadCell):
        value_of(field(choices=same), "其他", None)
    assert value_of(field(choices=same), "b", None) == "b"


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"columns": (COLUMNS[0], COLUMNS[0])}, ["columns.1.header", "columns.1.field"]),
        (
            {"columns": (MappedColumn(header="房屋 编号", field="rooms"),), "key_header": "房屋_编号"},
            ["columns.0.header"],
        ),
        ({"columns": (MappedColumn(header="x", field="nothing"),)}, ["columns.0.field"]),
        ({"about": "resident"}, ["columns.0.field", "columns.1.field"]),
        ({"key_kind": "register"}, ["register", "key_kind"]),
        ({"register": "census"}, ["register"]),
        ({"key_kind": "identity_number"}, ["key_kind"]),
    ],
)
def test_a_mapping_that_cannot_be_read_by_is_refused(changes: dict[str, Any], at: list[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        mapping(**changes)
    assert [fault[0] for fault in refusal.value.faults] == at


def test_rows_are_counted_once_by_whichever_process_comes_first() -> None:
    given = given_table()
    given.note_page(0, 3, 0, 0)
    assert (given.read, given.written, given.known, given.rejected, given.state) == (3, 1, 1, 1, "DONE")


def test_the_first_sheet_that_people_see_is_read() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        hidden, shown = book.add_worksheet("底稿"), book.add_worksheet("表")
        hidden.write(0, 0, "其他")
        shown.activate()
        shown.set_first_sheet()
        hidden.hide()
        for at, row in enumerate(ROWS):
            shown.write_row(at, 0, row)
    assert len(read_table(content.getvalue(), HEADERS).rows) == 2


def test_a_large_file_of_a_department_is_read() -> None:
    rows = [
        [*HEADERS, *(f"其他{n}" for n in range(12))],
        *([f"D{n}", "自有", n % 9, *range(12)] for n in range(12_000)),
    ]
    content = workbook(rows)
    assert len(content) < 1_400_000
    assert len(read_table(content, HEADERS).rows) == 12_000
