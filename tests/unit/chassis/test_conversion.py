"""What is wrong with a value is told by the field's path and in both languages."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest

from chassis.validation import NOT_BLANK, fault_of


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
        ({"inner": {"number": 1}, "items": [{"number": 1, "more": 1}]}, "items[0].more"),
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
        ({"$ne": ""}, str, "应为文本,实为对象"),
        (1, str | None, "应为文本或空值,实为整数"),
        (1, datetime, "应为时间,实为整数"),
        ("ab", Annotated[str, msgspec.Meta(max_length=1)], "长度须不大于 1 个字符"),
        ([], Annotated[list[int], msgspec.Meta(min_length=1)], "须不小于 1 项"),
        ({"a": 1, "b": 2}, Annotated[dict[str, int], msgspec.Meta(max_length=1)], "须不大于 1 项"),
        ([1], tuple[int, int], "须为 2 项"),
        (9, Annotated[int, msgspec.Meta(le=5)], "须不大于 5"),
        (-0.5, Annotated[float, msgspec.Meta(ge=0)], "须不小于 0.0"),
        ("x", Annotated[str, msgspec.Meta(pattern=r"^\d+$")], r"格式须为 ^\d+$"),
        ("2026-11-22T09:00:00", Annotated[datetime, msgspec.Meta(tz=True)], "时间须带时区"),
        ("x", datetime, "不是有效的时间(RFC 3339)"),
        ("x", date, "不是有效的日期(RFC 3339)"),
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
