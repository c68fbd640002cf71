"""What msgspec finds wrong with a value, as a fault of the field, in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

import msgspec

from chassis.errors import Fault

NOT_BLANK = r"\S"
"""The pattern of a text that says something: a name, a title."""
OF_PATTERNS: Mapping[str, tuple[str, str]] = {NOT_BLANK: ("it must not be blank", "不得为空白")}
"""What is said of patterns that a reader need not see, in English and in Chinese."""

_PLACE = re.compile(r"(?P<reason>.*?)(?: - at (?:`key` in )?`\$(?P<path>.*)`)?", re.DOTALL)
_NAMED = re.compile(r"(?:required|unknown) field `(?P<name>[^`]+)`")
_TYPES: Mapping[str, str] = {
    "str": "文本", "int": "整数", "float": "数字", "bool": "布尔值", "array": "列表", "object": "对象",
    "datetime": "时间", "date": "日期", "time": "时刻", "null": "空值",
}  # fmt: skip
_BOUNDS: Mapping[str, str] = {"<=": "不大于", ">=": "不小于"}
#: The forms of msgspec's messages; what a group catches is said in Chinese where it is a word and no value.
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), chinese)
    for pattern, chinese in (
        (r"Object missing required field .*", "缺少该字段"),
        (r"Object contains unknown field .*", "没有该字段"),
        (r"Expected `(?P<type>[^`]+)`, got `(?P<got>[^`]+)`", "应为{type},实为{got}"),
        (r"Expected `str` of length (?P<bound>[<>]=) (?P<number>\d+)", "长度须{bound} {number} 个字符"),
        (r"Expected `(?:array|object)` of length (?P<bound>[<>]=) (?P<number>\d+)", "须{bound} {number} 项"),
        (r"Expected `array` of .*length (?P<number>[\d to]+)(, got \d+)?", "须为 {number} 项"),
        (r"Expected `(?P<type>int|float)` (?P<bound>[<>]=) (?P<number>\S+)", "须{bound} {number}"),
        (r"Expected `str` matching regex (?P<pattern>.+)", "格式须为 {pattern}"),
        (r"Expected `(?P<type>\w+)` with a timezone component", "{type}须带时区"),
        (r"Expected `(?P<type>\w+)` with no timezone component", "{type}不得带时区"),
        (r"Invalid RFC3339 encoded (?P<type>\w+)", "不是有效的{type}(RFC 3339)"),
        (r"Invalid (?:enum )?value (?P<value>.+)", "不能是 {value}"),
    )
)
_OTHERWISE = "无效"
_MISMATCHES = {f"Expected `str` matching regex {pattern!r}": words for pattern, words in OF_PATTERNS.items()}


def fault_of(error: msgspec.ValidationError, within: str = "") -> Fault:
    """The path of the field (`within`, what was converted, in front) and what is wrong with it."""
    found = _PLACE.fullmatch(str(error))
    reason, path = found.group("reason", "path") if found else (str(error), None)
    named = _NAMED.search(reason)
    parts = within, (path or "").strip("."), named["name"] if named else ""
    words = _MISMATCHES.get(reason, (reason, _in_chinese(reason)))
    return ".".join(part for part in parts if part), *words


def _in_chinese(reason: str) -> str:
    for form, chinese in _FORMS:
        if found := form.fullmatch(reason):
            return chinese.format_map({name: _word(name, text) for name, text in found.groupdict().items()})
    return _OTHERWISE


def _word(group: str, text: str) -> str:
    if group == "bound":
        return _BOUNDS[text]
    if group == "pattern":
        return str(ast.literal_eval(text))
    if group in ("type", "got"):
        return "或".join(_TYPES.get(name, name) for name in text.split(" | "))
    return text.replace("to", "至") if group == "number" else text
