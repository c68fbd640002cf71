"""Which fields of a request are wrong and why, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from chassis.errors import Fault, Invalid
from chassis.validation import OF_PATTERNS

#: pydantic's error types and what to tell the reader; `{…}` is filled from the error's context.
_REASONS: Mapping[str, tuple[str, str]] = {
    "missing": ("it is missing", "缺少该字段"),
    "extra_forbidden": ("there is no such field", "没有该字段"),
    "string_type": ("it must be a text", "必须是文本"),
    "string_too_long": ("it is longer than {max_length} characters", "超过 {max_length} 个字符"),
    "string_too_short": ("it is shorter than {min_length} characters", "少于 {min_length} 个字符"),
    "string_pattern_mismatch": ("it has not the form {pattern}", "格式须为 {pattern}"),
    "int_type": ("it must be a whole number", "必须是整数"),
    "int_parsing": ("it must be a whole number", "必须是整数"),
    "int_from_float": ("it must be a whole number", "必须是整数"),
    "float_type": ("it must be a number", "必须是数字"),
    "float_parsing": ("it must be a number", "必须是数字"),
    "finite_number": ("it must be a finite number", "必须是有限数"),
    "bool_type": ("it must be true or false", "必须是 true 或 false"),
    "bool_parsing": ("it must be true or false", "必须是 true 或 false"),
    "literal_error": ("it must be {expected}", "必须是 {expected}"),
    "greater_than_equal": ("it must be at least {ge}", "不能小于 {ge}"),
    "less_than_equal": ("it must be at most {le}", "不能大于 {le}"),
    "greater_than": ("it must be more than {gt}", "必须大于 {gt}"),
    "less_than": ("it must be less than {lt}", "必须小于 {lt}"),
    "too_long": ("it has more than {max_length} items", "超过 {max_length} 项"),
    "too_short": ("it has fewer than {min_length} items", "少于 {min_length} 项"),
    "list_type": ("it must be a list", "必须是列表"),
    "dict_type": ("it must be an object", "必须是对象"),
    "model_type": ("it must be an object", "必须是对象"),
    "model_attributes_type": ("it must be an object", "必须是对象"),
    "not_in_rows": ("a row has no {unknown}; it has {expected}", "行中没有 {unknown};可选:{expected}"),
    "half_a_point": ("lon and lat go together: give both or neither", "经度 lon 与纬度 lat 须同时提供"),
    "nothing_reported": ("a report has a text or at least one photo", "上报须有文字或至少一张照片"),
    "json_invalid": ("it is not JSON", "不是有效的 JSON"),
    "datetime_from_date_parsing": ("it must be a time like 2026-03-01T09:00:00+08:00", "须为 ISO 8601 时间"),
    "datetime_parsing": ("it must be a time like 2026-03-01T09:00:00+08:00", "须为 ISO 8601 时间"),
    "datetime_type": ("it must be a time like 2026-03-01T09:00:00+08:00", "须为 ISO 8601 时间"),
    "timezone_aware": ("it must name its time zone", "须带时区"),
    "date_from_datetime_parsing": ("it must be a date like 2026-03-01", "须为日期,如 2026-03-01"),
    "date_parsing": ("it must be a date like 2026-03-01", "须为日期,如 2026-03-01"),
}
_OTHERWISE = ("it is not valid", "无效")


def invalid(error: ValidationError, where: str) -> Invalid:
    """The fields that pydantic refuses; a fault of the whole is shown as that of `where`."""
    return Invalid(*(_fault(fault["loc"] or (where,), fault) for fault in error.errors(include_url=False)))


def invalid_request(error: RequestValidationError) -> Invalid:
    """The same of FastAPI's own validation, whose places begin with `body`, `query`, `path` or `header`."""
    places = [(fault["loc"][:1] if fault["type"] == "json_invalid" else fault["loc"]) for fault in error.errors()]
    return Invalid(*(_fault(place[1:] or place, fault) for place, fault in zip(places, error.errors(), strict=True)))


def _fault(place: tuple[int | str, ...], fault: Any) -> Fault:
    context = fault.get("ctx", {})
    en, zh = OF_PATTERNS.get(context.get("pattern")) or _REASONS.get(fault["type"], _OTHERWISE)
    return ".".join(str(part) for part in place), en.format_map(context), zh.format_map(_in_chinese(context))


def _in_chinese(context: Mapping[str, Any]) -> dict[str, Any]:
    """pydantic writes the values that it expects as `'a', 'b' or 'c'`."""
    expected = str(context.get("expected", "")).replace(", ", "、").replace("' or '", "'或'")
    return {**context, "expected": expected}
