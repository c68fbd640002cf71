"""Duplicate detection: suggests open cases nearby, of the same kind and with similar text, while a report is typed.

Texts are compared by sketch: the smallest keyed hashes of their character groups (bottom-k, Broder 1997). Sealed text
need not be opened to compare it, and without the tenant's key a sketch can neither be read nor tested against guesses.
A sketch is erased with its text.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from services.cases.case.model.geo_cells import neighbours

SIZE = 32
_GROUP = 2
_NO_WORD = re.compile(r"[\W_]+")
#: Weights of the signals of a duplicate; they add up to 1.
_TEXT, _CATEGORY, _CELL, _TIME = 0.5, 0.25, 0.15, 0.1
LEAST_SCORE = 0.45
RECENT = timedelta(days=30)


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A possible duplicate. `score`: 0 to 1; `reasons`: text, category, group, place, time."""

    case: str
    score: float
    reasons: list[str]


def sketch(text: str, key: bytes) -> list[int]:
    """Returns up to 32 numbers below 2^32, ascending; built from character pairs, so it works for any script."""
    plain = _NO_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())
    groups = {plain[at : at + _GROUP] for at in range(max(len(plain) - _GROUP + 1, 1))} if plain else set()
    hashed = {int.from_bytes(hashlib.blake2b(group.encode(), key=key, digest_size=4).digest()) for group in groups}
    return sorted(hashed)[:SIZE]


def similarity(first: list[int], second: list[int]) -> float:
    """Returns the estimated Jaccard similarity of two texts' character groups; 0 without text."""
    smallest = sorted({*first, *second})[:SIZE]
    common = {*first} & {*second}
    return len(common.intersection(smallest)) / len(smallest) if smallest else 0.0


def cells_to_search(cell: str) -> list[str]:
    return neighbours(cell)


def candidates(
    rows: Iterable[dict[str, Any]], *, cell: str, category: str, typed: list[int], now: datetime
) -> list[Candidate]:
    """Returns the rows (`key`, `cell`, `category`, `sketch`, `reported_at`) that may be the same matter, best first.

    Leaves out a case whose own events have not arrived yet: it has no `reported_at`.
    """
    scored = (_scored(row, cell, category, typed, now) for row in rows if row.get("reported_at"))
    likely = [candidate for candidate in scored if candidate.score >= LEAST_SCORE]
    return sorted(likely, key=lambda candidate: (-candidate.score, candidate.case))


def _scored(row: dict[str, Any], cell: str, category: str, typed: list[int], now: datetime) -> Candidate:
    same_group = row["category"].rpartition(".")[0] == category.rpartition(".")[0]
    weights = {
        "text": _TEXT * min(similarity(row["sketch"], typed) * 2, 1.0),
        "category": _CATEGORY if row["category"] == category else 0.0,
        "group": _CATEGORY / 2 if same_group and row["category"] != category else 0.0,
        "place": _CELL if row["cell"] == cell else _CELL / 2,
        "time": _TIME * max(0.0, 1 - (now - row["reported_at"]) / RECENT),
    }
    reasons = [name for name, weight in weights.items() if weight > _TIME / 2]
    return Candidate(case=row["key"], score=round(sum(weights.values()), 3), reasons=reasons)
