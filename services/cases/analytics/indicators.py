"""The indicators (立案率 … 满意率), each with its own fixed denominator: by area and by department, never by person.

A case counts on the day that belongs to the denominator: reported, due, due to be closed, dispatched, handled,
asked (see `facts`). So a period's denominators do not depend on when somebody looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

#: Counts under this are not shown to anybody outside the tenant.
SMALLEST_SHOWN = 10
#: Satisfied is 3 (基本满意) and better; 1 and 2 are the low ratings (国办发〔2019〕51号, 好差评).
SATISFIED = 3

Counts = Mapping[str, int]


class Definition(NamedTuple):
    """`asked`: the count of all who were asked, where silence is possible."""

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


class Figure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`share` is None without a denominator. `unanswered`: share of those asked who said nothing about it.

    `suppressed`: too few to be shown where this goes; no number is given then.
    """

    counted: int | None = None
    of: int | None = None
    share: float | None = None
    unanswered: float | None = None
    suppressed: bool = False


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """Both figures stand side by side: with everything, and without what a granted appeal struck (申诉剔除)."""

    zh: str
    full: Figure
    adjusted: Figure


def indicators(counts: Counts, struck: Counts, leaving: bool = False) -> dict[str, Indicator]:
    """`counts` include what was `struck`. `leaving`: they go outside the tenant."""
    return {name: _indicator(definition, counts, struck, leaving) for name, definition in DEFINITIONS.items()}


def total(rows: Iterable[Counts]) -> Counter[str]:
    added: Counter[str] = Counter()
    for row in rows:
        added.update(row)
    return added


def _indicator(definition: Definition, counts: Counts, struck: Counts, leaving: bool) -> Indicator:
    full = _figure(definition, counts)
    adjusted = _figure(definition, {name: count - struck.get(name, 0) for name, count in counts.items()})
    if leaving:
        # The difference of both figures would show the few that were struck.
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
    """Small counts are hidden, and small remainders, which a share gives away as well."""
    counted, of = figure.counted or 0, figure.of or 0
    silent = counts.get(definition.asked, 0) - of if definition.asked else 0
    if counted < SMALLEST_SHOWN or 0 < of - counted < SMALLEST_SHOWN or 0 < silent < SMALLEST_SHOWN:
        return Figure(suppressed=True)
    return figure
