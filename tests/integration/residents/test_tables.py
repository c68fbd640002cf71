"""Imports of wide tables: each row once, whatever happens meanwhile, and every refusal by its line."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
import xlsxwriter

from tests.integration.residents.table_town import HOUSING, RENT, ROOMS, OneTable
from tests.integration.residents.town import COMMUNITY, GRID, SECOND, STREET, Town, number
from tests.servers.site import Running, Site
from tests.servers.waiting import wait_for

pytestmark = [pytest.mark.domain("一表通"), pytest.mark.domain("采集、动态更新")]
HEADERS = ["房屋编号", "住房性质", "间数", "租金"]
COLUMNS = [
    {"header": header, "field": field} for header, field in zip(HEADERS[1:], ("housing", "rooms", "rent"), strict=True)
]
MAPPING = {"title": "住建局房屋表", "about": "dwelling", "key_header": HEADERS[0], "columns": COLUMNS}


@pytest.fixture
def table(town: Town) -> OneTable:
    return OneTable(town)


def map_columns(table: OneTable, **changes: Any) -> str:
    return str(table.ask("street", "map_columns", **MAPPING | changes)["id"])


def csv(*rows: list[Any], headers: list[str] = HEADERS) -> str:
    text = "\n".join(",".join(str(cell) for cell in row) for row in [headers, *rows])
    return base64.b64encode(text.encode("gb18030")).decode()


def workbook(*rows: list[Any], headers: list[str] = HEADERS) -> str:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([headers, *rows]):
            sheet.write_row(at, 0, row)
    return base64.b64encode(content.getvalue()).decode()


def send(table: OneTable, mapping: str, file: str, by: str = "street", area: str = STREET, **more: Any) -> str:
    return str(table.ask(by, "import_table", mapping=mapping, area=area, file=file, **more)["id"])


def told(table: OneTable, given: str) -> dict[str, Any]:
    found: dict[str, Any] = table.ask("street", "get_table_import", table=given)
    return found


def counted(table: OneTable, given: str) -> tuple[int, int, int]:
    """Made, known and rejected, once every row is done: together they are the rows."""
    wait_for(lambda: told(table, given)["state"] == "DONE")
    found = told(table, given)
    assert found["made"] + found["known"] + found["rejected"] == found["rows"] == found["read"]
    return found["made"], found["known"], found["rejected"]


def reasons(table: OneTable, given: str) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    after: Any = None
    while True:
        more = {"after": after} if after else {}
        page = table.ask("street", "list_rejected_rows", table=given, limit=2, **more)
        found |= {row["line"]: row["reason"] for row in page["items"]}
        if (after := page.get("next")) is None:
            return found


def held(table: OneTable, subject: str, about: str = "dwelling") -> dict[str, Any]:
    row = table.town.row(f"{about}.{subject}", "subject_values")
    return {value["field"]: value for value in row["held"]}


@pytest.mark.parametrize("make", [csv, workbook])
def test_the_rows_of_a_file_write_values_with_their_source(table: OneTable, make: Any) -> None:
    homes, mapping = [table.dwelling(), table.dwelling(SECOND)], map_columns(table)
    given = send(table, mapping, make([homes[0], "自有", 2, ""], [homes[1], "租住", 3, 900]))
    assert counted(table, given) == (2, 0, 0)
    assert {code: value["text"] for code, value in held(table, homes[0]).items()} == {"housing": '"own"', "rooms": "2"}
    rooms = held(table, homes[1])["rooms"]
    assert (rooms["form"], rooms["row"], rooms["by"]) == (mapping, f"{given}:3", "street-1")
    wait_for(lambda: ledger(table) == {GRID: 1, SECOND: 1})
    # A form asks for nothing that the file has said.
    tasks = table.given(HOUSING, ROOMS)
    assert table.known(tasks, homes[0]) == {"housing": "own", "rooms": 2}


def ledger(table: OneTable) -> dict[str, int]:
    items = table.ask("street", "show_ledger", field="housing", area=COMMUNITY)["items"]
    return {line["area"]: line["subjects"] for line in items}


@pytest.mark.domain("Privacy: sealed fields")
def test_neither_the_file_nor_a_sensitive_value_lies_open_anywhere(table: OneTable) -> None:
    home = table.dwelling()
    given = send(table, map_columns(table), workbook([home, "租住", 3, 98765.25]))
    assert counted(table, given) == (1, 0, 0)
    stored = table.town.site.collections("residents")
    text = repr([list(stored[each].find({"tenant": table.town.tenant})) for each in stored.list_collection_names()])
    store = table.town.site.blobs
    text += repr(list(store["photos.chunks"].find()))
    assert "98765" not in text
    assert base64.b64encode(b"98765").decode()[:6] not in text
    wait_for(lambda: not list(store["photos.files"].find({"filename": f"{table.town.tenant}/{given}"})), 90)


def test_the_same_file_again_is_known_and_another_one_of_the_kind_brings_what_changed(table: OneTable) -> None:
    home, mapping = table.dwelling(), map_columns(table)
    file = csv([home, "自有", 2, 5])
    assert counted(table, send(table, mapping, file)) == (1, 0, 0)
    assert counted(table, send(table, mapping, file)) == (0, 1, 0)
    assert counted(table, send(table, mapping, csv([home, "自有", 3, 5]))) == (1, 0, 0)
    assert held(table, home)["rooms"]["text"] == "3"
    (was,) = table.town.row(f"dwelling.{home}", "subject_values")["earlier"]
    assert (was["field"], was["text"]) == ("rooms", "2")


def test_a_request_that_is_sent_twice_is_one_import(table: OneTable) -> None:
    mapping, file = map_columns(table), csv([table.dwelling(), "自有", 2, ""])
    assert send(table, mapping, file, key="once") == send(table, mapping, file, key="once")
    assert len(table.town.listed("street", "list_table_imports")) == 1


def test_each_row_that_cannot_be_is_rejected_alone_with_its_line_and_its_reason(table: OneTable) -> None:
    good, said, gone = table.dwelling(), table.dwelling(), table.dwelling()
    far = table.town.dwelling("street", area=SECOND)
    table.answer(table.given(ROOMS), said, rooms=7)
    table.ask("worker", "remove_dwelling", dwelling=gone)
    rows = [
        [good, "自有", 2, ""], ["NOBODY", "自有", 2, ""], [far, "自有", 2, ""], [good, "借住", "两间", ""],
        [good, "", "", ""], [said, "自有", 8, ""], [good, "自有", 9, ""], [gone, "自有", 1, ""], ["", "自有", 1, ""],
        [good, "自有", 2, ""],
    ]  # fmt: skip
    given = send(table, map_columns(table), csv(*rows), "community", COMMUNITY)
    assert counted(table, given) == (2, 1, 7)
    found = reasons(table, given)
    assert list(found) == [3, 5, 6, 7, 8, 9, 10]
    assert found[3] == found[10]
    assert "住房性质" in found[5]["en"]
    assert "间数" in found[5]["zh-CN"]
    assert "no value" in found[6]["en"]
    assert "A form says otherwise" in found[7]["en"]
    assert "Line 2" in found[8]["en"]
    # Of the row that contradicts the form, nothing was written.
    assert held(table, said).keys() == {"rooms"}


def test_who_lies_outside_the_area_is_as_unknown_as_nobody(table: OneTable) -> None:
    other = table.town.dwelling("street", area=SECOND)
    given = send(table, map_columns(table), csv([other, "自有", 2, ""], ["NOBODY", "自有", 2, ""]), area=GRID)
    assert counted(table, given) == (0, 0, 2)
    found = reasons(table, given)
    assert found[2] == found[3]


def test_residents_are_found_by_their_identity_number_and_by_another_register(table: OneTable) -> None:
    town = table.town
    table.define("hobby", about="resident", kind="text")
    columns = [{"header": "爱好", "field": "hobby"}]
    row = {
        "line": 2, "person": "P1", "register_household": "H1", "area": GRID, "building": town.building, "door": "1",
        "name": "王甲", "identity_number": number(),
    }  # fmt: skip
    known = town.ask("community", "import_residents", source="census", rows=[row])["residents"][0]["id"]
    by_number = map_columns(table, about="resident", key_header="身份证号", key_kind="identity_number", columns=columns)
    assert town.found("worker", "identity_number", number()) == [known]
    headers = ["身份证号", "爱好"]
    given = send(table, by_number, workbook([number(), "下棋"], [number(14), "下棋"], headers=headers))
    assert counted(table, given) == (1, 0, 1)
    numbers = map_columns(
        table, about="resident", key_header="编号", key_kind="register", register="census", columns=columns
    )
    given = send(table, numbers, csv(["P1", "下棋"], ["P2", "下棋"], headers=["编号", "爱好"]))
    assert counted(table, given) == (0, 1, 1)
    assert held(table, known, "resident")["hobby"]["text"] == '"下棋"'
    # A spreadsheet that kept the number as a number has lost its last digits.
    given = send(table, by_number, workbook([float(number()[:17] + "0"), "下棋"], headers=headers))
    assert counted(table, given) == (0, 0, 1)
    assert "format the column as text" in reasons(table, given)[2]["en"]


def test_a_file_that_is_no_such_table_is_refused_as_a_whole(table: OneTable) -> None:
    mapping, refused = map_columns(table), table.town.refused
    send_bad = {"by": "street", "method": "import_table", "mapping": mapping, "area": STREET}
    by, method = send_bad.pop("by"), send_bad.pop("method")
    for file in (csv(), csv(headers=HEADERS[:2]), base64.b64encode(b"PK\x03\x04" + bytes(99)).decode()):
        assert refused(by, method, file=file, **send_bad) == "table.unreadable"
    assert refused(by, method, file=base64.b64encode(bytes(1_400_001)).decode(), **send_bad) == "invalid"
    assert table.town.listed("street", "list_table_imports") == []
    table.ask("tenant_admin", "retire_field", field="rooms")
    assert refused(by, method, file=csv(["D1", "自有", 2, ""]), **send_bad) == "field.retired"
    table.ask("street", "retire_mapping", mapping=mapping)
    assert refused(by, method, file=csv(["D1", "自有", 2, ""]), **send_bad) == "mapping.retired"


def test_who_may_map_and_import(table: OneTable) -> None:
    mapping, file, refused = map_columns(table), csv(["D1", "自有", 2, ""]), table.town.refused
    for by in ("worker", "centre", "resident", "tenant_admin", "operator"):
        assert refused(by, "map_columns", **MAPPING) == "wrong_role"
        assert refused(by, "import_table", mapping=mapping, area=COMMUNITY, file=file) == "wrong_role"
    assert refused("next", "import_table", mapping=mapping, area=COMMUNITY, file=file) == "not_your_area"
    given = send(table, mapping, file)
    for by in ("next", "worker", "community", "far", "resident"):
        assert refused(by, "get_table_import", table=given) == "not_found"
        assert refused(by, "list_rejected_rows", table=given) == "not_found"


@pytest.fixture
def alone(site: Site) -> Iterator[tuple[OneTable, Running]]:
    _, residents = site.start("org", "residents")
    town = Town(site, "tables-town").open()
    yield OneTable(town), residents
    town.close()


def test_an_import_that_was_killed_anywhere_goes_on_without_a_double(alone: tuple[OneTable, Running]) -> None:
    table, residents = alone
    homes, mapping = [table.dwelling() for _ in range(40)], map_columns(table)
    rows = [[home, "自有", at % 9 + 1, ""] for at, home in enumerate(homes)]
    rows += [["NOBODY", "自有", 1, ""] for _ in range(400)]
    given = send(table, mapping, workbook(*rows))
    for written in (1, 20, 40):
        wait_for(lambda written=written: table.town.stored("subject_values") >= written)
        residents.kill()
        residents.restart()
    assert counted(table, given) == (40, 0, 400)
    assert table.town.stored("subject_values") == 40
    assert len(reasons(table, given)) == 400
    for home in homes:
        stored = table.town.row(f"dwelling.{home}", "subject_values")
        assert (len(stored["held"]), stored["earlier"]) == (2, [])


def test_a_sensitive_field_is_compared_although_it_is_sealed(table: OneTable) -> None:
    home, mapping = table.dwelling(), map_columns(table)
    tasks = table.given(HOUSING, RENT)
    table.answer(tasks, home, housing="rented", rent=900)
    given = send(table, mapping, csv([home, "", "", 900], [home, "", "", 901]))
    assert counted(table, given) == (0, 1, 1)
    assert "901" not in repr(reasons(table, given))


def test_what_somebody_has_confirmed_is_theirs_and_no_later_file_replaces_it(table: OneTable) -> None:
    home, mapping = table.dwelling(), map_columns(table)
    assert counted(table, send(table, mapping, csv([home, "自有", 2, ""]))) == (1, 0, 0)
    table.answer(table.given(HOUSING, ROOMS), home)
    given = send(table, mapping, csv([home, "自有", 3, ""]))
    assert counted(table, given) == (0, 0, 1)
    assert "A form says otherwise" in reasons(table, given)[2]["en"]
    assert held(table, home)["rooms"]["text"] == "2"
