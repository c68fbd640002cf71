"""What a report that leaves the tenant hides: small counts, and whatever would give one away."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.residents.reports.places import below, rolled_up, shown_lines
from services.residents.reports.suppression import EVERY, NUMBERS, hidden_cells
from vocabulary.small_counts import SMALLEST_SHOWN

pytestmark = [pytest.mark.domain("一表通"), pytest.mark.domain("Privacy: events carry ids")]
HOME = "/1503/150302/150302003/150302003014/"
PLACES = [
    f"/1503/{county}/{county}001/{county}001001/{grid}/" for county in ("150302", "150303") for grid in ("1", "2", "3")
]


def line(subjects: int, **counts: int) -> dict[str, Any]:
    return {"subjects": subjects, "counts": Counter(counts)}


def hidden(kind: str = "text", **grids: dict[str, Any]) -> set[tuple[str, str]]:
    """What is hidden of grids of one community, by the last word of their path."""
    lines = rolled_up({f"{HOME}{name}/": row for name, row in grids.items()})
    return {(place.removeprefix(HOME).strip("/"), choice) for place, choice in hidden_cells(lines, kind)}


def test_what_is_large_is_shown() -> None:
    assert hidden(a=line(10), b=line(25)) == set()


def test_a_small_count_is_hidden_with_another_one_which_its_sum_would_tell() -> None:
    assert hidden(a=line(9), b=line(30), c=line(12)) == {("a", EVERY), ("c", EVERY)}


def test_a_sum_that_tells_its_only_small_part_is_hidden_itself() -> None:
    assert ("", EVERY) not in hidden(a=line(9), b=line(30))
    assert ("", EVERY) in hidden(a=line(9))


def test_choices_hide_each_other_and_what_is_left_of_all() -> None:
    # 38 of 40 rent: the two others would be told by the difference, whether the report has a column for them or not.
    found = hidden("choice", a=line(40, rented=38, own=2), b=line(60, rented=30, own=30))
    assert {("a", "own"), ("a", "rented"), ("b", "own"), ("b", "rented")} <= found
    assert ("a", EVERY) not in found


def test_of_several_choices_nobody_learns_how_few_have_not_made_one() -> None:
    assert ("a", "uses") in hidden("choices", a=line(40, uses=38))
    assert ("a", "uses") not in hidden("choices", a=line(40, uses=20))
    assert ("a", "uses") not in hidden("choices", a=line(40, uses=40))


def test_a_small_sum_of_numbers_is_a_small_count() -> None:
    found = hidden(a=line(40) | {"sum": 3, "least": 0, "most": 1}, b=line(40) | {"sum": 30, "least": 0, "most": 9})
    assert found == {("a", NUMBERS), ("b", NUMBERS)}


def test_what_lies_in_a_place_itself_is_a_line_beside_those_below() -> None:
    lines = rolled_up({HOME: line(3), f"{HOME}a/": line(30)})
    assert shown_lines(lines, HOME, "grid") == [f"{HOME}*/", f"{HOME}a/"]
    assert lines[HOME]["subjects"] == 33
    assert {place for place, _ in hidden_cells(lines, "text")} == {f"{HOME}*/", f"{HOME}a/"}


@given(
    st.dictionaries(st.sampled_from(PLACES), st.dictionaries(st.sampled_from("xyz"), st.integers(1, 30), min_size=1)),
    st.sampled_from(["text", "choice", "choices"]),
)
@settings(deadline=None)
def test_no_difference_of_what_is_shown_tells_a_small_count(counted: dict[str, dict[str, int]], kind: str) -> None:
    rows = {place: line(sum(each.values()), **each) for place, each in counted.items()}
    lines = rolled_up(rows)
    gone = hidden_cells(lines, kind)
    for place, children in below(lines).items():
        for choice in ("", "x", "y", "z") if kind != "text" else ("",):
            cells = {
                child: lines[child]["counts"][choice] if choice else lines[child]["subjects"] for child in children
            }
            _require_safe({(child, choice): count for child, count in cells.items() if count}, (place, choice), gone)
    for place, each in lines.items():
        if kind == "choice":
            _require_safe({(place, choice): n for choice, n in each["counts"].items()}, (place, ""), gone)


def _require_safe(parts: dict[Any, int], total: Any, gone: set[Any]) -> None:
    left = [count for cell, count in parts.items() if cell in gone]
    assert all(count >= SMALLEST_SHOWN for cell, count in parts.items() if cell not in gone)
    if total in gone:
        assert len(left) == len(parts)
    elif left:
        assert len(left) > 1
        assert sum(left) >= SMALLEST_SHOWN
