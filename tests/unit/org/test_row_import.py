from __future__ import annotations

import pytest

from chassis.errors import Invalid, NotFound, Problem
from chassis.types import RejectedRow
from services.org.administrators import NotAdministrator
from services.org.bulk_import import import_rows, report_of

REFUSALS: dict[str, Problem] = {
    "unknown": NotFound(),
    "wrong": Invalid(("code", "too long", "过长"), ("name", "missing", "缺少该项")),
    "forbidden": NotAdministrator(),
}


def import_row(row: str) -> bool:
    if row in REFUSALS:
        raise REFUSALS[row]
    return row == "new"


def test_a_report_counts_rows_and_says_in_both_languages_why_one_was_rejected() -> None:
    report = report_of(import_rows([(4, "unknown"), (1, "new"), (2, "there"), (3, "wrong")], import_row))
    assert (report.accepted, report.known) == (2, 1)
    assert report.rejected == [
        RejectedRow(line=3, reason={"en": "code: too long; name: missing", "zh-CN": "code：过长；name：缺少该项"}),
        RejectedRow(line=4, reason={"en": NotFound.en, "zh-CN": NotFound.zh}),
    ]


def test_a_caller_who_may_not_import_is_refused_as_a_whole() -> None:
    with pytest.raises(NotAdministrator):
        import_rows([(1, "new"), (2, "forbidden")], import_row)
