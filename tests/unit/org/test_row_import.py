from __future__ import annotations

import msgspec
import pytest

from chassis.errors import Invalid, NotFound, Problem
from chassis.types import RejectedRow
from services.org.administrators import NotAdministrator
from services.org.api.divisions import DivisionRows
from services.org.api.types import RowResult
from services.org.bulk_import import import_rows, report_of

REFUSALS: dict[str, Problem] = {
    "unknown": NotFound(),
    "wrong": Invalid(("code", "too long", "过长"), ("name", "missing", "缺少该项")),
    "forbidden": NotAdministrator(),
}


RESULTS: dict[str, RowResult] = {"new": "made", "renamed": "changed", "there": "known"}


def import_row(row: str) -> RowResult:
    if row in REFUSALS:
        raise REFUSALS[row]
    return RESULTS[row]


def test_a_report_counts_rows_and_says_in_both_languages_why_one_was_rejected() -> None:
    given = [(4, "unknown"), (6, "there"), (1, "new"), (2, "there"), (3, "wrong"), (5, "renamed")]
    report = report_of(import_rows(given, import_row, None))
    assert (report.made, report.changed, report.known) == (1, 1, 2)
    assert [(row.line, row.result) for row in report.rows] == [(1, "made"), (2, "known"), (5, "changed"), (6, "known")]
    assert len(report.rows) + len(report.rejected) == len(given)
    assert report.rejected == [
        RejectedRow(line=3, reason={"en": "code: too long; name: missing", "zh-CN": "code：过长；name：缺少该项"}),
        RejectedRow(line=4, reason={"en": NotFound.en, "zh-CN": NotFound.zh}),
    ]


def test_two_rows_of_an_import_never_have_the_same_line() -> None:
    rows = [{"line": line, "code": "1503", "parent": "", "tier": "city", "name": "乌海市"} for line in (2, 3, 2, 2)]
    with pytest.raises(Invalid) as refused:
        msgspec.convert({"rows": rows}, DivisionRows)
    assert [field for field, *_ in refused.value.faults] == ["rows.2.line", "rows.3.line"]
    msgspec.convert({"rows": rows[:2]}, DivisionRows)


def test_a_caller_who_may_not_import_is_refused_as_a_whole() -> None:
    with pytest.raises(NotAdministrator):
        import_rows([(1, "new"), (2, "forbidden")], import_row, None)
