from __future__ import annotations

import pytest

from chassis.errors import Invalid, NotFound, Problem
from chassis.types import RejectedRow
from services.org.access import NotAdministrator
from services.org.bulk_import import imported, take_rows

REFUSALS: dict[str, Problem] = {
    "unknown": NotFound(),
    "wrong": Invalid(("code", "too long", "过长"), ("name", "missing", "缺少该项")),
    "forbidden": NotAdministrator(),
}


def take(row: str) -> bool:
    if row in REFUSALS:
        raise REFUSALS[row]
    return row == "new"


def test_a_report_counts_rows_and_says_in_both_languages_why_one_was_not_taken() -> None:
    report = imported(take_rows([(4, "unknown"), (1, "new"), (2, "there"), (3, "wrong")], take))
    assert (report.accepted, report.known) == (2, 1)
    assert report.rejected == [
        RejectedRow(line=3, reason={"en": "code: too long; name: missing", "zh-CN": "code:过长;name:缺少该项"}),
        RejectedRow(line=4, reason={"en": NotFound.en, "zh-CN": NotFound.zh}),
    ]


def test_who_may_not_import_is_refused_as_a_whole() -> None:
    with pytest.raises(NotAdministrator):
        take_rows([(1, "new"), (2, "forbidden")], take)
