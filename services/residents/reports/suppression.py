"""Suppression of small counts in what leaves a tenant: each by itself, and where a difference would give it away.

Counts form sums: of the places below a place, of the choices of a field. A sum of numbers is taken for a count: it
often is one. If a sum is shown, what is hidden of it are at least two counts, and together not few; otherwise the next
smallest is hidden too, and at last the sum itself. Of a hidden sum, no part is shown. What is hidden follows from the
counts of the whole tenant alone: so no two reports of one moment, by whatever area, tier and columns, show what the
other one hides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from services.residents.below import Row
from services.residents.reports.places import below
from vocabulary.small_counts import SMALLEST_SHOWN

Cell: TypeAlias = tuple[str, str]
"""A place, and a choice: `EVERY` stands for whoever has a value."""
EVERY = ""
#: In the place of a choice: the sum of the numbers.
NUMBERS = "+"
_OTHERS = "/"  # in front of a choice that somebody may have beside others: all who have not


class Sum(NamedTuple):
    total: Cell
    parts: list[Cell]


def hidden_cells(lines: Mapping[str, Row], kind: str) -> set[Cell]:
    """Returns what is not shown of one field. `lines`: the sums of every place of the tenant; `kind`: of the field."""
    counts = dict(_counts(lines, kind))
    sums = [*_sums_of_places(lines, counts), *_sums_of_choices(lines, kind, counts)]
    hidden = {cell for cell, count in counts.items() if count < SMALLEST_SHOWN}
    before = -1
    while len(hidden) > before:
        before = len(hidden)
        hidden |= {(place, NUMBERS) for place, choice in hidden if choice == EVERY and (place, NUMBERS) in counts}
        for each in sums:
            hidden |= _hidden_by(each, counts, hidden)
    return hidden


def _counts(lines: Mapping[str, Row], kind: str) -> Iterator[tuple[Cell, float]]:
    for place, line in lines.items():
        yield (place, EVERY), line["subjects"]
        if "sum" in line:
            yield (place, NUMBERS), line["sum"]
        for choice, count in (+line["counts"]).items():
            yield (place, choice), count
            if kind == "choices" and count < line["subjects"]:
                yield (place, _OTHERS + choice), line["subjects"] - count


def _sums_of_places(lines: Mapping[str, Row], counts: Mapping[Cell, float]) -> Iterator[Sum]:
    for place, children in below(lines).items():
        for choice in {choice for of, choice in counts if of == place}:
            parts = [(child, choice) for child in children if (child, choice) in counts]
            yield Sum((place, choice), parts)


def _sums_of_choices(lines: Mapping[str, Row], kind: str, counts: Mapping[Cell, float]) -> Iterator[Sum]:
    for place, line in lines.items():
        if kind == "choice":
            yield Sum((place, EVERY), [(place, choice) for choice in +line["counts"]])
        for choice in +line["counts"] if kind == "choices" else ():
            parts = [(place, each) for each in (choice, _OTHERS + choice) if (place, each) in counts]
            yield Sum((place, EVERY), parts)


def _hidden_by(each: Sum, counts: Mapping[Cell, float], hidden: set[Cell]) -> set[Cell]:
    if each.total in hidden:
        return set(each.parts)
    gone = [cell for cell in each.parts if cell in hidden]
    shown = sorted(set(each.parts).difference(gone), key=lambda cell: (counts[cell], cell))
    while gone and (len(gone) < 2 or sum(counts[cell] for cell in gone) < SMALLEST_SHOWN):
        if not shown:
            return {each.total, *each.parts}
        gone.append(shown.pop(0))
    return set(gone)
