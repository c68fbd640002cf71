"""Filters taken apart: one for each way of meeting all conditions, so that an index serves each of them alone.

A filter with `$or`, or with `$and` at its top, is read by some engines row for row, whatever indexes there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from itertools import chain, product
from typing import Any

from chassis.persistence.group_commit import Row

Where = dict[str, Any]
_TIGHTER: dict[str, Callable[[Any, Any], Any]] = {"$gt": max, "$gte": max, "$lt": min, "$lte": min}


def or_branches(conditions: Iterable[Where]) -> list[Where]:
    """Together they match what meets every condition. A row may match several."""
    found: list[Where] = []
    for chosen in product(*(choices for condition in conditions for choices in _choices(condition))):
        way = _met(chosen)
        if way not in found:
            found.append(way)
    return found


def in_order(lists: Sequence[list[Row]], field: str, direction: int, most: int) -> list[Row]:
    """The first of rows that each list has in order of `field`, which all have or none has, and then of the key;
    each row once."""
    rows = merge(*lists, key=lambda row: (row.get(field), row["key"]), reverse=direction < 0)
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(row["key"], row)
        if len(found) == most:
            break
    return list(found.values())


def _choices(condition: Where) -> Iterator[list[Where]]:
    """What it always asks, and the branches of which one is enough."""
    yield [{name: value for name, value in condition.items() if name != "$or"}]
    if "$or" in condition:
        yield condition["$or"]


def _met(conditions: Sequence[Where]) -> Where:
    """All of them in one filter. What is asked of one field twice, and does not become one, stands in an `$and`."""
    way: Where = {}
    besides: list[Where] = []
    for name, value in chain.from_iterable(condition.items() for condition in conditions):
        if name == "$and":
            besides += value
        elif name not in way:
            way[name] = value
        elif (both := _both(way[name], value)) is not None:
            way[name] = both
        else:
            besides.append({name: value})
    return way | {"$and": besides} if besides else way


def _both(one: Any, other: Any) -> Any:
    """One condition that says what both say; None where there is none as simple."""
    if one == other:
        return one
    if not isinstance(one, dict) or not isinstance(other, dict) or not {*one, *other} <= _TIGHTER.keys():
        return None
    common = {name: _TIGHTER[name](one[name], other[name]) for name in one.keys() & other.keys()}
    return one | other | common
