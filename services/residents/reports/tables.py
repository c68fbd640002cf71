"""The table of a report: title, place and day, a line for each place, and the total."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from chassis.sentences import CHINESE
from services.residents.below import Row
from services.residents.dictionary.model import Field
from services.residents.reports import writing
from services.residents.reports.model import Column, Report
from services.residents.reports.places import ITSELF, rolled_up, shown_lines
from services.residents.reports.suppression import EVERY, NUMBERS, Cell, hidden_cells

HIDDEN = "*"
_WORDS = {
    CHINESE: {
        "place": "区域", "total": "合计", "itself": "（直属）",
        "hidden": "* 数量少于 10，或公布后可推算出少于 10 的数量，故不予公布。",
    },
    "en": {
        "place": "Place", "total": "Total", "itself": " (itself)",
        "hidden": "* Fewer than 10, or would tell a number that is: not shown.",
    },
}  # fmt: skip
Name = Callable[[str], str]
"""Says the name of a place in the language of the report."""


def table_of(
    report: Report, fields: Mapping[str, Field], sums: Mapping[str, Mapping[str, Row]], name: Name, made: datetime
) -> list[writing.Row]:
    """`sums`: of each field, by the paths where its values lie: in the whole tenant if the report leaves it. `made`: in
    the city's time."""
    lines = {code: rolled_up(of_field) for code, of_field in sums.items()}
    hidden = {code: hidden_cells(lines[code], fields[code].kind) if report.leaving else set[Cell]() for code in lines}
    words = _WORDS[report.language]

    def row(place: str, called: str) -> writing.Row:
        values = (_value(each, lines[each.field].get(place), place, hidden[each.field]) for each in report.columns)
        return [called, *(HIDDEN if report.leaving and each is None else each for each in values)]

    places = shown_lines({place for each in lines.values() for place in each}, report.area, report.tier)
    return [
        [report.title],
        [name(report.area) or report.area, f"{made:%Y-%m-%d %H:%M}"],
        [words["place"], *(_heading(each, fields[each.field], report.language) for each in report.columns)],
        *(row(place, _called(place, name, words["itself"])) for place in places),
        row(report.area, words["total"]),
        *([[words["hidden"]]] if report.leaving else []),
    ]


def _value(column: Column, line: Row | None, place: str, hidden: set[Cell]) -> int | float | None:
    """Returns None for what is hidden, and in a report that leaves the tenant also for nothing: that is few too."""
    cell = {"choice": column.choice, "sum": NUMBERS}.get(column.of, EVERY)
    if line is None or (place, cell) in hidden:
        return None
    if column.of == "choice":
        count: int = line["counts"].get(column.choice, 0)
        return count or None
    value: int | float | None = line.get(column.of)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _heading(column: Column, field: Field, language: str) -> str:
    return column.heading or "".join(_words_of(column, field, language))


def _words_of(column: Column, field: Field, language: str) -> Iterator[str]:
    chinese = language == CHINESE
    yield field.zh if chinese else field.en
    for choice in field.choices:
        if column.of == "choice" and choice.code == column.choice:
            yield f"：{choice.zh}" if chinese else f": {choice.en}"
    if column.of in _OF_NUMBERS:
        yield _OF_NUMBERS[column.of][0 if chinese else 1]
        yield (f"（{field.measure}）" if chinese else f" ({field.measure})") if field.measure else ""


_OF_NUMBERS = {"sum": ("合计", ", sum"), "least": ("最小值", ", least"), "most": ("最大值", ", most")}


def _called(place: str, name: Name, itself: str) -> str:
    above = place.removesuffix(f"{ITSELF}/")
    return (name(above) or above) + (itself if above != place else "")
