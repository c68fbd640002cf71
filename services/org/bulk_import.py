"""Bulk import: runs one import function per row, and reports what became of each row by its line number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias, TypeVar

import eventlet

from chassis.errors import Invalid, NotFound, Refused
from chassis.sentences import Words
from chassis.types import RejectedRow
from services.org.api.types import ImportReport, RowOutcome, RowResult

_CONCURRENT_ROWS = 64
R = TypeVar("R")


Outcome: TypeAlias = RowOutcome | RejectedRow


def import_rows(
    rows: Iterable[tuple[int, R]], import_row: Callable[[R], RowResult], words: Words | None
) -> list[Outcome]:
    """Imports the (line, row) pairs concurrently, so that their writes share group commits.

    `Invalid`, `NotFound` and `Refused` reject one row; `Forbidden` is raised, because a caller who may not import one
    row may not import at all.
    """

    def attempt(numbered_row: tuple[int, R]) -> Outcome:
        line, row = numbered_row
        try:
            return RowOutcome(line=line, result=import_row(row))
        except (Invalid, NotFound, Refused) as problem:
            return RejectedRow(line=line, reason=problem.in_short(words))

    return list(eventlet.GreenPool(_CONCURRENT_ROWS).imap(attempt, rows))


def report_of(outcomes: Sequence[Outcome]) -> ImportReport:
    rows = sorted((each for each in outcomes if isinstance(each, RowOutcome)), key=lambda row: row.line)
    rejected = sorted((each for each in outcomes if isinstance(each, RejectedRow)), key=lambda row: row.line)
    results = Counter(row.result for row in rows)
    return ImportReport(
        made=results["made"], changed=results["changed"], known=results["known"], rows=rows, rejected=rejected
    )
