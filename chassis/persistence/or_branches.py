"""Query rewriting: splits a filter with `$or` into branches, each of which an index can serve.

Some engines scan every row for a filter with `$or`, or with `$and` at its top, whatever indexes exist.
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
    """Returns filters that together match the rows that meet all conditions. A row may match several of them.

    A filter that only narrows another one is left out.
    """
    branches: list[Where] = []
    for chosen in product(*(choices for condition in conditions for choices in _choices(condition))):
        branch = _conjunction(chosen)
        if branch not in branches:
            branches.append(branch)
    return [branch for branch in branches if not any(_narrows(branch, other) for other in branches)]


def in_order(lists: Sequence[list[Row]], field: str, direction: int, most: int) -> list[Row]:
    """Merges lists that are sorted by `field`, which all rows or none have, then by key.

    Returns the first `most` rows, each once.
    """
    rows = merge(*lists, key=lambda row: (row.get(field), row["key"]), reverse=direction < 0)
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row["key"], row)
        if len(first) == most:
            break
    return list(first.values())


def _narrows(branch: Where, other: Where) -> bool:
    return branch != other and all(name in branch and branch[name] == other[name] for name in other)


def _choices(condition: Where) -> Iterator[list[Where]]:
    """Yields the fixed part of a condition as a single choice, then its `$or` branches."""
    yield [{name: value for name, value in condition.items() if name != "$or"}]
    if "$or" in condition:
        yield condition["$or"]


def _conjunction(conditions: Sequence[Where]) -> Where:
    """Returns one filter for all conditions. Conditions on the same field that cannot be merged go into an `$and`."""
    branch: Where = {}
    extra: list[Where] = []
    for name, value in chain.from_iterable(condition.items() for condition in conditions):
        if name == "$and":
            extra += value
        elif name not in branch:
            branch[name] = value
        elif (merged := _merged(branch[name], value)) is not None:
            branch[name] = merged
        else:
            extra.append({name: value})
    return branch | {"$and": extra} if extra else branch


def _merged(one: Any, other: Any) -> Any:
    """Returns one condition equal to both, or None if they cannot be merged."""
    if one == other:
        return one
    if not isinstance(one, dict) or not isinstance(other, dict) or not {*one, *other} <= _TIGHTER.keys():
        return None
    common = {name: _TIGHTER[name](one[name], other[name]) for name in one.keys() & other.keys()}
    return one | other | common
