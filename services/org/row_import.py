"""Imports of many rows in one call: a row that cannot be taken is reported with its line, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import eventlet
import msgspec

from chassis.errors import Invalid, NotFound, Problem, Refused

_AT_A_TIME = 64
R = TypeVar("R")


class RejectedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was not taken, and why. `line` counts from 1."""

    line: int
    reason: str


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """`accepted` counts rows, those that changed nothing included."""

    accepted: int
    rejected: list[RejectedRow]

    @classmethod
    def of(cls, rows: int, rejected: Iterable[RejectedRow]) -> Imported:
        refused = sorted(rejected, key=lambda row: row.line)
        return cls(accepted=rows - len(refused), rejected=refused)


def take_rows(rows: Iterable[tuple[int, R]], take: Callable[[R], object]) -> list[RejectedRow]:
    """Lets each (line, row) be taken, side by side, since their writes are committed together.

    Whoever may not import at all is refused as a whole: `Forbidden` is raised, not reported.
    """

    def attempt(numbered: tuple[int, R]) -> RejectedRow | None:
        line, row = numbered
        try:
            take(row)
        except (Invalid, NotFound, Refused) as problem:
            return RejectedRow(line=line, reason=_reason(problem))
        return None

    pool = eventlet.GreenPool(_AT_A_TIME)
    return [refused for refused in pool.imap(attempt, rows) if refused]


def _reason(problem: Problem) -> str:
    if isinstance(problem, Invalid):
        return "; ".join(f"{fault['field']}: {fault['reason']}" for fault in problem.data["fields"])
    return problem.text("en")
