"""The lines of a report: sums of a field for every place above those where the values lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chassis.security.principal import codes_of, path_of
from services.residents.below import Row
from vocabulary.tiers import depth_of

#: What lies in a place itself and not in one below it, as if it were one below it.
ITSELF = "*"


def rolled_up(sums: Mapping[str, Row]) -> dict[str, Row]:
    """Returns the sums of every place, from those by the path where values lie."""
    above = {path_of(*codes_of(path)[:depth]) for path in sums for depth in range(1, len(codes_of(path)))}
    lines: dict[str, Row] = {}
    for path, row in sums.items():
        codes = [*codes_of(path), ITSELF] if path in above else codes_of(path)
        for depth in range(1, len(codes) + 1):
            _add(lines.setdefault(path_of(*codes[:depth]), {"subjects": 0, "counts": Counter[str]()}), row)
    return lines


def shown_lines(places: Iterable[str], area: str, tier: str) -> list[str]:
    """Returns the places in the area of which a report has lines: those of the tier, and what lies in none of them."""
    return sorted(place for place in places if place.startswith(area) and place != area and _is_line(place, tier))


def below(places: Iterable[str]) -> dict[str, list[str]]:
    """Returns what lies directly below each place."""
    children: dict[str, list[str]] = {}
    for place in places:
        if len(codes := codes_of(place)) > 1:
            children.setdefault(path_of(*codes[:-1]), []).append(place)
    return children


def _is_line(place: str, tier: str) -> bool:
    codes = codes_of(place)
    # A place above the tier that has values of its own is a line too, so that the lines add up to the total.
    return len(codes) == depth_of(tier) or (len(codes) < depth_of(tier) and codes[-1] == ITSELF)


def _add(line: Row, row: Row) -> None:
    line["subjects"] += row["subjects"]
    line["counts"].update(row["counts"])
    for name, joined in _joined(line, row):
        line[name] = joined


def _joined(line: Row, row: Row) -> Iterator[tuple[str, Any]]:
    if "sum" in row:
        yield "sum", line.get("sum", 0) + row["sum"]
        yield "least", min(line.get("least", row["least"]), row["least"])
        yield "most", max(line.get("most", row["most"]), row["most"])
