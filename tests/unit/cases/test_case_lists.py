"""A list leaves out complaints about the reader's own unit (回避), and reads on from where it stopped."""

from __future__ import annotations

import operator
from collections import Counter
from datetime import timedelta
from typing import Any, cast

import pytest

from chassis.context import Call, Context
from chassis.persistence.data_source import DataSource
from services.cases.api.case import ListCases
from services.cases.case.queries import CaseQueries
from tests.unit.cases import people as p

CITY = "1503"
COMPARED = {"$gt": operator.gt, "$gte": operator.ge, "$lt": operator.lt, "$lte": operator.le}


class Rows:
    """Stub: the rows of a city, which counts how often each is read."""

    def __init__(self, about: list[str]) -> None:
        self.read: Counter[str] = Counter()
        self.all = [
            {"_id": f"{p.TENANT}:CASE{number:03}", "reported_at": p.START - timedelta(minutes=number), "about": unit}
            for number, unit in enumerate(about)
        ]

    def of(self, context: Context) -> Rows:
        self.context = context
        return self

    def rows(self, model: Any, where: dict[str, Any], fields: Any, order: list[Any], limit: int) -> list[Any]:
        (field, direction), _ = order
        met = [row for row in self.all if all(_meets(row[name], bounds) for name, bounds in where.items())]
        rows = sorted(met, key=lambda row: (row[field], row["_id"]), reverse=direction < 0)[:limit]
        self.read.update(row["_id"] for row in rows)
        return [row | {"key": row["_id"].partition(":")[2]} for row in rows]


def _meets(value: Any, bounds: dict[str, Any]) -> bool:
    return all(COMPARED[name](value, bound) for name, bound in bounds.items())


class Queries(CaseQueries):
    def __init__(self, rows: Rows) -> None:
        self.data = cast(DataSource, rows)


@pytest.mark.parametrize("sort", ["reported_at", "-reported_at"])
def test_many_complaints_in_a_row_are_each_read_once_and_hide_no_case_behind_them(sort: Any) -> None:
    data = Rows(["", *[CITY] * 40, "", ""])
    call = Call(tenant=p.TENANT, actor="h-1", now=p.START, correlation_id="c", principal=p.HOTLINE)
    page = Queries(data).list_cases(call, ListCases(limit=3, sort=sort))
    shown = ["CASE000", "CASE041", "CASE042"]
    assert [row["id"] for row in page["items"]] == (shown[::-1] if sort == "reported_at" else shown)
    assert page["next"] is None
    assert max(data.read.values()) == 1
