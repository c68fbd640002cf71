"""Bulk import: runs one import function per row, and reports each rejected row by its line number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias, TypeVar

import eventlet

from chassis.errors import Invalid, NotFound, Refused
from chassis.types import RejectedRow
from services.org.api.types import ImportReport

_CONCURRENT_ROWS = 64
R = TypeVar("R")


Outcome: TypeAlias = bool | RejectedRow
"""The result of a row: whether it changed anything, or why it was rejected."""


def import_rows(rows: Iterable[tuple[int, R]], import_row: Callable[[R], bool]) -> list[Outcome]:
    """Imports the (line, row) pairs concurrently, so that their writes share group commits.

    `import_row` returns whether the row changed anything. `Invalid`, `NotFound` and `Refused` reject one row;
    `Forbidden` is raised, because a caller who may not import one row may not import at all.
    """

    def attempt(numbered_row: tuple[int, R]) -> Outcome:
        line, row = numbered_row
        try:
            return import_row(row)
        except (Invalid, NotFound, Refused) as problem:
            return RejectedRow(line=line, reason=problem.in_short())

    return list(eventlet.GreenPool(_CONCURRENT_ROWS).imap(attempt, rows))


def report_of(outcomes: Sequence[Outcome]) -> ImportReport:
    rejected = [outcome for outcome in outcomes if isinstance(outcome, RejectedRow)]
    return ImportReport(
        accepted=len(outcomes) - len(rejected),
        known=outcomes.count(False),
        rejected=sorted(rejected, key=lambda row: row.line),
    )
