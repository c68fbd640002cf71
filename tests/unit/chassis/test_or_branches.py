"""Splitting a filter into `$or` branches: together they find the same rows, in the same order."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chassis.persistence.or_branches import in_order, or_branches

VALUES = st.integers(0, 3)
OPERATORS = st.sampled_from(["$gt", "$gte", "$lt", "$lte"])
ASKED = VALUES | st.dictionaries(OPERATORS, VALUES, min_size=1)
PLAIN = st.dictionaries(st.sampled_from(["a", "b", "c"]), ASKED, max_size=2)
WITH_BRANCHES = st.builds(lambda rest, some: {**rest, "$or": some}, PLAIN, st.lists(PLAIN, min_size=1, max_size=3))
CONDITIONS = st.lists(PLAIN | WITH_BRANCHES, max_size=3)
ROWS = st.lists(st.fixed_dictionaries({"a": VALUES, "b": VALUES, "c": VALUES}), max_size=8)
HOLDS = {
    "$gt": lambda one, other: one > other,
    "$gte": lambda one, other: one >= other,
    "$lt": lambda one, other: one < other,
    "$lte": lambda one, other: one <= other,
}


def meets(row: dict[str, int], where: dict[str, Any]) -> bool:
    for name, asked in where.items():
        if name == "$or":
            held = any(meets(row, branch) for branch in asked)
        elif name == "$and":
            held = all(meets(row, part) for part in asked)
        elif isinstance(asked, dict):
            held = all(HOLDS[operator](row[name], value) for operator, value in asked.items())
        else:
            held = row[name] == asked
        if not held:
            return False
    return True


@given(CONDITIONS, ROWS)
def test_the_branches_match_exactly_the_rows_that_meet_every_condition(
    conditions: list[dict[str, Any]], rows: list[dict[str, int]]
) -> None:
    found = or_branches(conditions)
    assert all("$or" not in way for way in found)
    for row in rows:
        assert any(meets(row, way) for way in found) == all(meets(row, each) for each in conditions)


@given(
    st.sampled_from([st.none(), VALUES]).flatmap(lambda at: st.lists(st.tuples(at, VALUES), max_size=12, unique=True)),
    st.booleans(),
    st.integers(1, 6),
    st.data(),
)
def test_rows_of_several_lists_are_merged_in_order_without_repeats(
    places: list[Any], newest: bool, most: int, data: Any
) -> None:
    rows = [{"at": at, "key": str(key)} for at, key in places]
    rows = list({row["key"]: row for row in rows}.values())
    ordered = sorted(rows, key=lambda row: (row["at"] or 0, row["key"]), reverse=newest)
    lists = [[row for row in ordered if data.draw(st.booleans())] for _ in range(3)]
    there = [row for row in ordered if any(row in one for one in lists)]
    assert in_order(lists, "at", -1 if newest else 1, most) == there[:most]
