"""Rules of forms as XLSForm: what goes out comes back the same, and what has no counterpart is named, all of it."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from chassis.errors import Invalid
from services.residents.api.dictionary import Choice
from services.residents.api.forms import OnlyIf, Question
from services.residents.dictionary.model import Field
from services.residents.forms.model import FormTemplate
from services.residents.xforms import xlsx
from services.residents.xforms.importing import read_form
from services.residents.xforms.workbook import Workbook, phone, workbook
from services.residents.xforms.xform import columns_of, xform
from tests.unit.residents import one_table as o

pytestmark = pytest.mark.domain("一表通")
ZH, EN = "label::中文 (zh)", "label::English (en)"
SECTIONS = (
    Question(field="housing", section="住房", required=True),
    Question(field="rooms", section="住房", least=1, most=20.5),
    Question(field="rent", section="租赁", only_if=OnlyIf(field="housing", among=("rented", "own"))),
    Question(field="remark"),
)


def book_of(*questions: Question) -> Workbook:
    return workbook(o.published("F1", *questions), o.FIELDS)


def survey(*rows: dict[str, str], choices: tuple[dict[str, str], ...] = ()) -> Workbook:
    return {"survey": list(rows), "choices": list(choices), "settings": []}


def read(book: Workbook, known: dict[str, Field] = o.FIELDS) -> Any:
    return read_form(book, "dwelling", 10, known.values())


def faults(book: Workbook, known: dict[str, Field] = o.FIELDS) -> list[str]:
    with pytest.raises(Invalid) as refused:
        read(book, known)
    return [field for field, _, _ in refused.value.faults]


def packed(**parts: bytes) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return output.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    """A good file of which one part is another one."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx.written(book_of()))) as good, zipfile.ZipFile(output, "w") as changed:
        for each in good.namelist():
            changed.writestr(each, content if each == name else good.read(each))
    return output.getvalue()


def test_a_form_comes_back_from_its_file_as_it_was() -> None:
    found = read(xlsx.read(xlsx.written(book_of(*SECTIONS))))
    assert (found.title, found.about, found.questions) == ("房屋采集表", "dwelling", SECTIONS)


def test_a_form_has_its_sections_limits_conditions_and_words_in_both_languages() -> None:
    rows = {row.get("name", ""): row for row in book_of(*SECTIONS)["survey"] if row["type"] != "end_group"}
    assert rows["Section0"][ZH] == "住房"
    assert (rows["housing"][ZH], rows["housing"][EN], rows["housing"]["required"]) == (
        "住房性质", "Kind of housing", "yes",
    )  # fmt: skip
    assert rows["rooms"]["constraint"] == ". >= 1 and . <= 20.5"
    assert "20.5" in rows["rooms"]["constraint_message::中文 (zh)"]
    assert rows["rent"]["relevant"] == "selected(${housing}, 'rented') or selected(${housing}, 'own')"
    assert [(row["name"], row[EN]) for row in book_of()["choices"]] == [("own", "Owned"), ("rented", "Rented")]


def test_a_phone_is_never_sent_a_sensitive_value_and_may_leave_a_known_one_out() -> None:
    rows = {row["name"]: row for row in phone(o.published(), o.FIELDS, "T1", "1")["survey"]}
    assert "calculation" not in rows["rent"]
    assert "save_to" not in rows["rent"]
    assert rows["rent"]["required"].endswith("/kept_rent) = 0")
    assert rows["rooms"]["calculation"] == "instance('subjects_T1')/root/item[name = ${Subject}]/value_rooms"


def test_what_is_not_offered_any_more_is_not_asked() -> None:
    gone = o.field(choices=(Choice(code="own", zh="自有", en="Owned", retired=True),))
    fields = o.FIELDS | {"housing": gone}
    rows = workbook(o.published(), fields)["survey"]
    assert {"housing", "rent"}.isdisjoint(row["name"] for row in rows)
    on_phone = phone(o.published(), fields, "T1", "1")
    [rent] = [row for row in on_phone["survey"] if row["name"] == "rent"]
    assert "value_housing, 'rented')" in rent["relevant"]
    assert "value_housing" in xform(on_phone)


@settings(deadline=None, max_examples=30)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=80).filter(str.strip))
def test_whatever_words_a_field_has_they_are_words_in_the_form(words: str) -> None:
    fields = o.FIELDS | {"housing": o.field(zh=words, en=words, choices=(Choice(code="a", zh=words, en=words),))}
    form = FormTemplate.draft(o.s.STREET_STAFF, "F1", o.new_template(Question(field="housing")), fields, o.s.NOW)
    form.title = words
    built = xform(phone(form, fields, "T1", "1"))
    assert "<output" not in built
    fromstring(built)


@pytest.mark.parametrize(
    "words", ["${rooms}", "=1+1", "<output value='/data'/>", "a ${Subject} b", "&amp;", "-x", "a\ufffeb"]
)
def test_words_that_look_like_more_stay_words(words: str) -> None:
    fields = o.FIELDS | {"housing": o.field(zh=words)}
    book = workbook(o.published("F1", Question(field="housing")), fields)
    assert "<output" not in xform(book)
    sheet = load_workbook(io.BytesIO(xlsx.written(book)))["survey"]
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    shown = words.replace("${", "＄{").replace("\ufffe", "")
    assert any(shown in str(cell.value) for cell in sheet[3])
    assert shown in fromstring(xform(book)).itertext()


def test_a_question_finds_its_field_by_code_or_by_a_name_that_one_field_alone_has() -> None:
    named = {"rooms": o.number(zh="房间数"), "floor": o.number("floor", zh="楼层"), "top": o.number("top", zh="楼层")}
    row = {"type": "integer", "name": "q1", ZH: "房间数"}
    assert [each.field for each in read(survey(row), named).questions] == ["rooms"]
    assert faults(survey(row | {ZH: "楼层"}), named) == ["survey.2"]
    assert faults(survey(row | {"type": "text"}), named) == ["survey.2"]


def test_everything_that_has_no_counterpart_is_named_at_once() -> None:
    assert faults(
        survey(
            {"type": "integer", "name": "rooms", "constraint": ". mod 2 = 0"},
            {"type": "geopoint", "name": "where"},
            {"type": "text", "name": "remark", "relevant": "${rooms} > 3"},
            {"type": "text", "name": "unknown"},
        )
    ) == ["survey.2", "survey.3", "survey.4", "survey.5"]


def test_a_choice_that_the_field_does_not_have_is_no_match() -> None:
    row = {"type": "select_one h", "name": "housing"}
    choices = ({"list_name": "h", "name": "own"}, {"list_name": "h", "name": "squatted"})
    assert faults(survey(row, choices=choices)) == ["survey.2"]
    assert [each.field for each in read(survey(row, choices=choices[:1])).questions] == ["housing"]


def test_a_form_with_more_questions_than_one_may_have_is_refused() -> None:
    many = {f"field_{n}": o.number(f"field_{n}") for n in range(201)}
    rows = ({"type": "integer", "name": code} for code in many)
    assert faults(survey(*rows), many) == ["questions"]


def test_a_form_without_questions_is_none() -> None:
    assert faults(survey({"type": "note", "name": "n", ZH: "说明"})) == ["survey"]


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml'


@pytest.mark.parametrize(
    "content",
    [
        b"", b"PK\x03\x04", b"not a file", packed(a=b"\0" * 11_000_000), packed(**{"xl/workbook.xml": b"<broken"}),
        with_part("xl/workbook.xml", ENTITIES + b'/2006/main">&a;</worksheet>'),
        with_part("xl/worksheets/sheet1.xml", ENTITIES + b'/2006/main"><sheetData/></worksheet>'),
    ],
)  # fmt: skip
def test_a_file_that_is_none_or_a_trap_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        xlsx.read(content)
    assert refused.value.faults[0][0] == "file"


#: Once: a file knows when it was written.
WRITTEN = xlsx.written(book_of())


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_no_bytes_in_a_file_raise_anything_else(data: st.DataObject) -> None:
    whole = bytearray(WRITTEN)
    at = data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=20))
    for place in at:
        whole[place] = data.draw(st.integers(0, 255))
    try:
        found = xlsx.read(bytes(whole))
    except Invalid:
        return
    assert set(found) == {"survey", "choices", "settings"}
    try:
        read(found)
    except Invalid:
        return


def test_columns_stand_in_the_order_of_the_rows() -> None:
    assert columns_of([{"a": "1"}, {"b": "2", "a": "3"}]) == ["a", "b"]
