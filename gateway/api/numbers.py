"""Bounds of numbers that arrive as text, in paths and queries: plain decimals of a few digits, nothing else.

Python refuses to read a number of more than 4,300 digits, and the lenient mode of msgspec reads `1e1` as 10, `nan`
as a number, and any number of digits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, get_type_hints

import msgspec
from starlette.convertors import IntegerConvertor, register_url_convertor

from chassis.errors import Fault
from chassis.types import Form
from chassis.validation import alternatives

MOST_DIGITS = 9
#: A number in a path: of a sub-task, a request, an item.
PathNumber = Annotated[int, msgspec.Meta(ge=0, lt=10**MOST_DIGITS)]
_WHOLE = re.compile(r"-?[0-9]{1,9}"), "it must be a whole number of at most 9 digits", "须为不超过 9 位的整数"
_DECIMAL = (
    re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,18})?"),
    "it must be a decimal number like 106.79",
    "须为小数，如 106.79",
)


class PathNumberConvertor(IntegerConvertor):
    """The convertor of `{name:int}`. An address with a longer number does not exist."""

    regex = f"[0-9]{{1,{MOST_DIGITS}}}"


register_url_convertor("int", PathNumberConvertor())


def unreadable_numbers(given: Mapping[str, Any], form: type[Form]) -> list[Fault]:
    """Returns the faults of the texts in a query that stand for a number and are none."""
    forms = _numbers_of(form)
    if forms.keys().isdisjoint(given):
        return []
    return [
        (name, en, zh)
        for name, (pattern, en, zh) in forms.items()
        if isinstance(text := given.get(name), str) and not pattern.fullmatch(text)
    ]


@cache
def _numbers_of(form: type[Form]) -> dict[str, tuple[re.Pattern[str], str, str]]:
    """Returns the numbers among the fields of a form, with how each must be written."""
    kinds = {name: set(alternatives(hint)) for name, hint in get_type_hints(form, include_extras=True).items()}
    return {
        name: _DECIMAL if float in found else _WHOLE
        for name, found in kinds.items()
        if found & {int, float} and str not in found
    }
