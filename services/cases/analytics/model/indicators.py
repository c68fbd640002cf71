"""Indicators (立案率 … 满意率), each with a fixed denominator: by area and by department, never by person.

A case counts on the day that belongs to the denominator: reported, due, closing due, dispatched, handled or asked (see
`facts`). So the denominators of a period do not depend on when the query runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from services.cases.api.analytics import Figure, Indicator
from vocabulary.small_counts import SMALLEST_SHOWN

#: 3 (基本满意) and above counts as satisfied; 1 and 2 are low ratings (国办发〔2019〕51号, 好差评).
SATISFIED = 3

Counts = Mapping[str, int]


class Definition(NamedTuple):
    """`counted` / `of`; `asked`: the count of all who were asked, if answers are optional."""

    zh: str
    counted: str
    of: str
    asked: str = ""


DEFINITIONS: Mapping[str, Definition] = {
    "registration": Definition("立案率", "registered", "reported"),
    "handling": Definition("处置率", "handled", "due"),
    "handling_on_time": Definition("按期处置率", "handled_on_time", "due"),
    "closing": Definition("结案率", "closed", "closing_due"),
    "closing_on_time": Definition("按期结案率", "closed_on_time", "closing_due"),
    "rework": Definition("返工率", "reworked", "finished"),
    "first_dispatch": Definition("准确派遣率", "dispatched_right", "dispatched"),
    "response": Definition("响应率", "contacted", "contact_answered", "asked"),
    "resolution": Definition("解决率", "solved", "solved_answered", "asked"),
    "satisfaction": Definition("满意率", "satisfied", "satisfied_answered", "asked"),
}


def indicators(counts: Counts, struck: Counts, leaving: bool = False) -> dict[str, Indicator]:
    """Computes all indicators. `counts` include `struck`; `leaving`: the figures leave the tenant."""
    return {name: _indicator(definition, counts, struck, leaving) for name, definition in DEFINITIONS.items()}


def total(rows: Iterable[Counts]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for row in rows:
        sums.update(row)
    return sums


def _indicator(definition: Definition, counts: Counts, struck: Counts, leaving: bool) -> Indicator:
    full = _figure(definition, counts)
    adjusted = _figure(definition, {name: count - struck.get(name, 0) for name, count in counts.items()})
    if leaving:
        # The difference between the two figures would reveal a small number of struck cases.
        few = 0 < struck.get(definition.of, 0) < SMALLEST_SHOWN
        adjusted = Figure(suppressed=True) if few else _shown(adjusted, counts, definition)
        full = _shown(full, counts, definition)
    return Indicator(zh=definition.zh, full=full, adjusted=adjusted)


def _figure(definition: Definition, counts: Counts) -> Figure:
    counted, of = counts.get(definition.counted, 0), counts.get(definition.of, 0)
    asked = counts.get(definition.asked, 0) if definition.asked else 0
    return Figure(
        counted=counted,
        of=of,
        share=round(counted / of, 4) if of else None,
        unanswered=round(1 - of / asked, 4) if asked else None,
    )


def _shown(figure: Figure, counts: Counts, definition: Definition) -> Figure:
    """Suppresses small counts, and small remainders, which a share would reveal."""
    counted, of = figure.counted or 0, figure.of or 0
    unanswered = counts.get(definition.asked, 0) - of if definition.asked else 0
    if counted < SMALLEST_SHOWN or 0 < of - counted < SMALLEST_SHOWN or 0 < unanswered < SMALLEST_SHOWN:
        return Figure(suppressed=True)
    return figure
