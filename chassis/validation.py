"""Schema validation: reports the invalid fields of a value; rewrites msgspec's messages in English and Chinese."""

from __future__ import annotations

import ast
import enum
import math
import re
import types
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from itertools import islice
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from chassis.errors import Fault, Invalid
from chassis.moments import YEARS, is_in_years, timed_fields
from chassis.types import PATTERN_WORDS, UNSHOWN

_TIME = "a time like 2026-03-01T09:00:00+08:00", " ISO 8601 时间"
_TYPES: Mapping[str, tuple[str, str]] = {
    "str": ("a text", "文本"), "int": ("a whole number", "整数"), "float": ("a number", "数字"),
    "bool": ("true or false", " true 或 false"), "array": ("a list", "列表"), "object": ("an object", "对象"),
    "datetime": _TIME, "date": ("a date like 2026-03-01", "日期，如 2026-03-01"),
    "time": ("a time of day like 09:00:00", "时刻，如 09:00:00"), "null": ("null", "空值"),
}  # fmt: skip
MOST_FAULTS = 50
"""How many invalid fields one answer names. A body of a few hundred kilobytes can hold 100,000."""
MOST_NAME = 100
"""How many characters an answer repeats of a name that is unknown."""
_PLACE = re.compile(r"(?P<reason>.*?)(?: - at (?:`key` in )?`\$(?P<path>.*)`)?", re.DOTALL)
_NAMED = re.compile(r"(?:required|unknown) field `(?P<name>[^`]+)`")
_UNIX_TIME = re.compile(r"[-+]?[\d.]+(e[-+]?\d+)?", re.IGNORECASE)
_INDEX = re.compile(r"\[(\d+|\.\.\.)\]")
#: The forms of msgspec's messages, and the English and Chinese messages that replace them.
_FORMS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), en, zh)
    for pattern, en, zh in (
        (r"Object missing required field .*", "it is missing", "缺少该字段"),
        (r"Object contains unknown field .*", "there is no such field", "没有该字段"),
        (r"Expected `(?:array|object)` of length <= (?P<n>\d+)", "it has more than {n} items", "超过 {n} 项"),
        (r"Expected `(?:array|object)` of length >= (?P<n>\d+)", "it has fewer than {n} items", "少于 {n} 项"),
        (r"Expected `array` of .*length (?P<n>[\d to]+)(, got \d+)?", "it must have {n} items", "须为 {n} 项"),
        (r"Expected `str` of length <= (?P<n>\d+)", "it is longer than {n} characters", "超过 {n} 个字符"),
        (r"Expected `str` of length >= (?P<n>\d+)", "it is shorter than {n} characters", "少于 {n} 个字符"),
        (r"Expected `(?:int|float)` >= (?P<n>\S+)", "it must be at least {n}", "不能小于 {n}"),
        (r"Expected `(?:int|float)` <= (?P<n>\S+)", "it must be at most {n}", "不能大于 {n}"),
        (r"Expected `(?:int|float)` > (?P<n>\S+)", "it must be more than {n}", "须大于 {n}"),
        (r"Expected `(?:int|float)` < (?P<n>\S+)", "it must be less than {n}", "须小于 {n}"),
        (r"Expected `str` matching regex (?P<pattern>.+)", "it must match {pattern}", "格式须为 {pattern}"),
        (r"Expected `\w+` with a timezone component", "it must name its time zone", "须带时区"),
        (r"Expected `\w+` with no timezone component", "it must not name a time zone", "不得带时区"),
        (r"Invalid RFC3339 encoded (?P<type>\w+)", "it must be {type}", "须为{type_zh}"),
        (r"Invalid (?:enum )?value (?P<value>.+)", "it cannot be {value}", "不能是 {value}"),
        (r"Expected `(?P<type>[^`]+)`, got .*", "it must be {type}", "须为{type_zh}"),
        (r"(?:Integer|Number) .*out of range", "it is out of range", "超出范围"),
    )
)
_FALLBACK = "it is not valid", "无效"
_MISMATCH = re.compile(r"Expected `str` matching regex (?P<pattern>.+)")


def convert(value: Any, kind: type[Any], strict: bool = True) -> Any:
    """Returns the value as `kind`. Raises `Invalid` with its invalid fields. `strict=False` reads numbers in texts."""
    try:
        converted = msgspec.convert(value, kind, strict=strict)
    except (ValueError, Invalid):  # msgspec's own error is a ValueError, and so is that of a Unix time after 9999
        raise Invalid(*faults_of(value, kind, strict=strict)) from None
    if not (is_in_years(converted) if strict else _has_written_moments(value, converted)):
        raise Invalid(*faults_of(value, kind, strict=strict))
    return converted


def faults_of(value: Any, kind: Any, within: str = "", strict: bool = True) -> list[Fault]:
    """Returns the invalid fields of a value with their paths, at most `MOST_FAULTS`; msgspec stops at the first."""
    return list(islice(_faults(value, kind, within, strict), MOST_FAULTS))


def fault_of(error: msgspec.ValidationError, within: str = "") -> Fault:
    """Returns the path of the field, prefixed with `within`, and what is wrong with it."""
    match = _PLACE.fullmatch(str(error))
    reason, path = match.group("reason", "path") if match else (str(error), None)
    field = _NAMED.search(reason)
    message = _in_words(reason) or _message(reason)
    return _joined(within, _INDEX.sub(r".\1", path or "").strip("."), field["name"] if field else ""), *message


def _faults(value: Any, kind: Any, within: str, strict: bool) -> Iterator[Fault]:
    """Yields the faults inside a value, or if there are none, its own."""
    inner = _inner_faults(value, kind, within, strict)
    if first := next(inner, None):
        yield first
        yield from inner
    else:
        yield from _own_faults(value, kind, within, strict)


def _own_faults(value: Any, kind: Any, within: str, strict: bool) -> Iterator[Fault]:
    if not strict and _is_unix_time(value) and datetime in alternatives(kind):
        yield within, f"it must be {_TIME[0]}", f"须为{_TIME[1]}"
        return
    try:
        converted = msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        yield _with_character(_with_choices(fault_of(error, within), value, kind), value, error)
    except Invalid as error:
        yield from ((_joined(within, name), en, zh) for name, en, zh in error.faults)
    else:
        if isinstance(converted, date) and not is_in_years(converted):
            years = YEARS[0], YEARS[-1]
            yield within, "it must lie in the years {} to {}".format(*years), "须在 {} 至 {} 年之间".format(*years)


def _inner_faults(value: Any, kind: Any, within: str, strict: bool) -> Iterator[Fault]:
    """Yields the faults of the fields or items of a value; the items of a list that is too long are not read."""
    if isinstance(value, dict):
        structs = [each for each in alternatives(kind) if isinstance(each, type) and issubclass(each, msgspec.Struct)]
        if len(structs) == 1:
            yield from _field_faults(value, structs[0], within, strict)
    elif isinstance(value, list) and len(value) <= _most_items(kind):
        for member in alternatives(kind):
            if get_origin(member) in (list, tuple):
                for number, item in enumerate(value):
                    yield from _faults(item, get_args(member)[0], _joined(within, str(number)), strict)


def _field_faults(value: dict[str, Any], struct: type[msgspec.Struct], within: str, strict: bool) -> Iterator[Fault]:
    fields = _fields_of(struct)
    for name, (kind, required) in fields.items():
        if name in value:
            yield from _faults(value[name], kind, _joined(within, name), strict)
        elif required:
            yield _joined(within, name), "it is missing", "缺少该字段"
    if struct.__struct_config__.forbid_unknown_fields:
        for name in value:
            if name not in fields:
                yield _joined(within, str(name)[:MOST_NAME]), "there is no such field", "没有该字段"


@cache
def _fields_of(struct: type[msgspec.Struct]) -> dict[str, tuple[Any, bool]]:
    """Returns the type of each field by its name on the wire, and whether the field is required."""
    hints = get_type_hints(struct, include_extras=True)
    return {each.encode_name: (hints[each.name], each.required) for each in msgspec.structs.fields(struct)}


def _has_written_moments(query: Any, converted: Any) -> bool:
    """As `is_in_years`, and no moment is a bare number, which msgspec takes for seconds since 1970 in a query."""
    if not isinstance(converted, msgspec.Struct):
        return is_in_years(converted)
    for name in timed_fields(type(converted)):
        moment = getattr(converted, name)
        if moment is not None and (_is_unix_time(query.get(name)) or not is_in_years(moment)):
            return False
    return True


def _is_unix_time(value: Any) -> bool:
    return isinstance(value, str) and _UNIX_TIME.fullmatch(value) is not None


def _most_items(kind: Any) -> float:
    """Returns the largest length that the annotations of a list declare; infinite if they declare none."""
    if get_origin(kind) not in (Annotated, Union, types.UnionType):
        return math.inf
    bounds = (part.max_length for part in get_args(kind) if isinstance(part, msgspec.Meta))
    return min(*(bound for bound in bounds if bound is not None), *map(_most_items, get_args(kind)), math.inf)


def alternatives(kind: Any) -> Iterator[Any]:
    """Yields the type without its annotations; for a union, each of its members."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from alternatives(get_args(kind)[0])
    elif origin in (Union, types.UnionType):
        for member in get_args(kind):
            yield from alternatives(member)
    else:
        yield kind


def _with_choices(fault: Fault, value: Any, kind: Any) -> Fault:
    """Returns the fault of an enumeration field with a message that lists the allowed values."""
    choices = _choices(kind)
    if not choices or not isinstance(value, str):
        return fault
    quoted = [f"'{choice}'" for choice in choices]
    en = f"{', '.join(quoted[:-1])} or {quoted[-1]}" if quoted[1:] else quoted[0]
    zh = f"{'、'.join(quoted[:-1])}或{quoted[-1]}" if quoted[1:] else quoted[0]
    return fault[0], f"it must be {en}", f"须为 {zh}"


def _with_character(fault: Fault, value: Any, error: msgspec.ValidationError) -> Fault:
    """Returns the fault of a text that holds a character which cannot be shown with the name of that character."""
    found = UNSHOWN.search(value) if isinstance(value, str) and "matching regex" in str(error) else None
    if found is None:
        return fault
    point = f"U+{ord(found[0]):04X}"
    return fault[0], f"it contains {point}, which cannot be shown; remove it", f"含有无法显示的字符 {point}，请删除"


def _choices(kind: Any) -> list[str]:
    if get_origin(kind) is Literal:
        return [str(choice) for choice in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return [str(choice.value) for choice in kind]
    return [choice for part in get_args(kind) for choice in _choices(part)]


def _joined(*parts: str) -> str:
    return ".".join(part for part in parts if part)


def _in_words(reason: str) -> tuple[str, str] | None:
    mismatch = _MISMATCH.fullmatch(reason)
    return PATTERN_WORDS.get(ast.literal_eval(mismatch["pattern"])) if mismatch else None


def _message(reason: str) -> tuple[str, str]:
    for form, en, zh in _FORMS:
        if match := form.fullmatch(reason):
            values = match.groupdict()
            if "type" in values:
                values["type"], values["type_zh"] = _type_names(values["type"])
            if "n" in values:
                values["n"] = values["n"].removesuffix(".0")
            if "pattern" in values:
                values["pattern"] = str(ast.literal_eval(values["pattern"])).removesuffix(r"(?!\n)")
            return en.format_map(values), zh.format_map(values)
    return _FALLBACK


def _type_names(union: str) -> tuple[str, str]:
    names = [_TYPES.get(name, (name, name)) for name in union.split(" | ") if name != "null"] or [_TYPES["null"]]
    return " or ".join(en for en, _ in names), "或".join(zh for _, zh in names)
