"""Imports of many rows in one call: a row that cannot be taken is reported with its line, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias, TypeVar

import eventlet

from chassis.errors import Invalid, NotFound, Refused
from chassis.types import RejectedRow
from services.org.api.types import ImportReport

_AT_A_TIME = 64
R = TypeVar("R")


Outcome: TypeAlias = bool | RejectedRow
"""What became of a row: whether it changed anything, or why it was not taken."""


def take_rows(rows: Iterable[tuple[int, R]], take: Callable[[R], bool]) -> list[Outcome]:
    """Lets each (line, row) be taken, side by side, since their writes are committed together.

    `take` answers whether the row changed anything. Whoever may not import at all is refused as a whole:
    `Forbidden` is raised, not reported.
    """

    def attempt(numbered: tuple[int, R]) -> Outcome:
        line, row = numbered
        try:
            return take(row)
        except (Invalid, NotFound, Refused) as problem:
            return RejectedRow(line=line, reason=problem.in_short())

    return list(eventlet.GreenPool(_AT_A_TIME).imap(attempt, rows))


def imported(outcomes: Sequence[Outcome]) -> ImportReport:
    rejected = [outcome for outcome in outcomes if isinstance(outcome, RejectedRow)]
    return ImportReport(
        accepted=len(outcomes) - len(rejected),
        known=outcomes.count(False),
        rejected=sorted(rejected, key=lambda row: row.line),
    )
