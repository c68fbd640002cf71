"""Validation errors name the field by its path, and the reason in both languages."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest

from chassis.errors import Invalid
from chassis.types import NOT_BLANK, Id, Lon, Path, Tenant
from chassis.validation import MOST_FAULTS, convert, fault_of, faults_of


class Colour(StrEnum):
    RED = "red"


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    number: int


class Form(msgspec.Struct, forbid_unknown_fields=True):
    inner: Inner
    items: list[Inner] = []
    names: dict[Annotated[str, msgspec.Meta(max_length=3)], int] = {}


def fault(value: Any, kind: Any, within: str = "") -> tuple[str, str, str]:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(value, kind)
    return fault_of(refused.value, within)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({}, "inner"),
        ({"inner": {}}, "inner.number"),
        ({"inner": {"number": "1"}}, "inner.number"),
        ({"inner": {"number": 1}, "more": 1}, "more"),
        ({"inner": {"number": 1}, "items": [{"number": 1, "more": 1}]}, "items.0.more"),
        ([], ""),
        ({"inner": {"number": 1}, "names": {"toolong": 1}}, "names"),
    ],
)
def test_the_path_leads_to_the_field(value: Any, field: str) -> None:
    assert fault(value, Form)[0] == field
    assert fault(value, Form, "settings")[0] == f"settings.{field}".rstrip(".")


@pytest.mark.parametrize(
    ("value", "kind", "chinese"),
    [
        ({}, Inner, "缺少该字段"),
        ({"number": 1, "more": 1}, Inner, "没有该字段"),
        ({"$ne": ""}, str, "须为文本"),
        (1, str | None, "须为文本"),
        (1, datetime, "须为 ISO 8601 时间"),
        ("ab", Annotated[str, msgspec.Meta(max_length=1)], "超过 1 个字符"),
        ([], Annotated[list[int], msgspec.Meta(min_length=1)], "少于 1 项"),
        ({"a": 1, "b": 2}, Annotated[dict[str, int], msgspec.Meta(max_length=1)], "超过 1 项"),
        ([1], tuple[int, int], "须为 2 项"),
        (9, Annotated[int, msgspec.Meta(le=5)], "不能大于 5"),
        (-0.5, Annotated[float, msgspec.Meta(ge=0)], "不能小于 0"),
        ("x", Annotated[str, msgspec.Meta(pattern=r"^\d+$")], r"格式须为 ^\d+$"),
        ("2026-11-22T09:00:00", Annotated[datetime, msgspec.Meta(tz=True)], "须带时区"),
        ("x", datetime, "须为 ISO 8601 时间"),
        ("x", date, "须为日期，如 2026-03-01"),
        ("blue", Colour, "不能是 'blue'"),
        ("blue", Literal["red"], "不能是 'blue'"),
        ("x", bytes, "无效"),
    ],
)
def test_the_reason_is_chinese_but_for_values(value: Any, kind: Any, chinese: str) -> None:
    _, en, zh = fault(value, kind)
    assert zh == chinese
    assert re.search("[a-z]{3}", en)


@pytest.mark.parametrize("blank", ["", " \t", "\u3000"])
def test_a_blank_text_is_told_without_its_pattern(blank: str) -> None:
    assert fault(blank, Annotated[str, msgspec.Meta(pattern=NOT_BLANK)]) == ("", "it must not be blank", "不得为空白")


class Choice(msgspec.Struct, forbid_unknown_fields=True):
    colour: Literal["red", "blue"] = "red"
    inner: Inner | None = None

    def __post_init__(self) -> None:
        if self.colour == "blue" and self.inner is None:
            raise Invalid(("inner", "blue needs it", "蓝色需要此项"))


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    choice: Choice
    name: Annotated[str, msgspec.Meta(max_length=2)]
    rows: Annotated[tuple[Inner, ...], msgspec.Meta(max_length=3)] = ()


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        (
            {"choice": {"colour": "green", "inner": {"number": "1", "more": 1}}, "name": "abc", "x": 1},
            {
                "choice.colour": "it must be 'red' or 'blue'",
                "choice.inner.number": "it must be a whole number",
                "choice.inner.more": "there is no such field",
                "name": "it is longer than 2 characters",
                "x": "there is no such field",
            },
        ),
        ({}, {"choice": "it is missing", "name": "it is missing"}),
        ({"choice": {"colour": "blue"}, "name": "a"}, {"choice.inner": "blue needs it"}),
        ({"choice": 7, "name": "a"}, {"choice": "it must be an object"}),
        (
            {"choice": {}, "name": "a", "rows": [{"number": 1}, {"number": "1"}, {}]},
            {"rows.1.number": "it must be a whole number", "rows.2.number": "it is missing"},
        ),
        ({"choice": {}, "name": "a", "rows": [{"number": 1}] * 4}, {"rows": "it has more than 3 items"}),
    ],
)
def test_every_wrong_field_is_told_at_once(value: Any, faults: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        convert(value, Outer)
    assert {name: en for name, en, _ in refused.value.faults} == faults


def test_a_line_end_behind_a_text_is_no_part_of_its_form() -> None:
    with pytest.raises(Invalid):
        convert("abc\n", Id)
    assert convert("abc", Id) == "abc"


class Bounded(msgspec.Struct, forbid_unknown_fields=True):
    items: Annotated[list[Inner], msgspec.Meta(max_length=2)] | None = None
    names: list[Annotated[str, msgspec.Meta(max_length=2)]] = []
    either: Inner | int | None = None


class _Items(list[Any]):
    """A list that cannot be read item by item."""

    def __iter__(self) -> Any:
        raise AssertionError("the items were read")


def test_the_items_of_a_list_that_is_too_long_are_not_read() -> None:
    assert faults_of({"items": [{}, {}]}, Bounded) == [
        ("items.0.number", "it is missing", "缺少该字段"),
        ("items.1.number", "it is missing", "缺少该字段"),
    ]
    assert faults_of({"items": _Items([{}, {}, {}])}, Bounded) == [("items", "it has more than 2 items", "超过 2 项")]


def test_the_bound_of_an_item_is_not_the_bound_of_its_list() -> None:
    names = [field for field, _, _ in faults_of({"names": ["a", "long", "b", "long"]}, Bounded)]
    assert names == ["names.1", "names.3"]


@pytest.mark.parametrize(
    "body", [{"names": [0] * 100_000}, dict.fromkeys(map(str, range(100_000)), 0)], ids=["items", "fields"]
)
def test_an_answer_names_a_limited_number_of_faults(body: Any) -> None:
    assert len(faults_of(body, Bounded)) == MOST_FAULTS


def test_the_fields_of_a_struct_are_looked_into_where_the_type_leaves_no_choice() -> None:
    assert faults_of({"either": {"number": "x", "more": 1}}, Bounded) == [
        ("either.number", "it must be a whole number", "须为整数"),
        ("either.more", "there is no such field", "没有该字段"),
    ]


def test_an_answer_repeats_only_the_beginning_of_an_unknown_name() -> None:
    assert faults_of({"x" * 100_000: 1}, Bounded) == [("x" * 100, "there is no such field", "没有该字段")]


@pytest.mark.parametrize(
    ("value", "kind", "english"),
    [
        (181.0, Lon, "it must be at most 180"),
        ("River Mouth", Tenant, "it must be 2 to 31 lower-case letters, digits and hyphens, with a letter first"),
        ("a b", Id, "it must consist of letters, digits and the characters _ . : -"),
        ("1503", Path, "it must be a path like /1503/150303/"),
    ],
)
def test_a_reason_is_words_and_whole_numbers(value: Any, kind: Any, english: str) -> None:
    assert [en for _, en, _ in faults_of(value, kind)] == [english]
