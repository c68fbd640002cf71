"""A report of dwellings, for the tests of reports."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from services.residents.api.reports import NewReport, ReportColumn
from services.residents.reports.model import Report
from tests.unit.residents import samples as s
from tests.unit.residents.one_table import FIELDS

ZONE = ZoneInfo("Asia/Shanghai")
COLUMNS = (
    ReportColumn(field="housing"), ReportColumn(field="housing", of="choice", choice="own"),
    ReportColumn(field="rooms", of="sum"),
)  # fmt: skip


def report(by: Any = s.STREET_STAFF, **changes: Any) -> Report:
    facts = {"title": "住房台账", "area": s.STREET, "tier": "grid", "columns": COLUMNS}
    return Report.define(by, "P1", NewReport(**facts | changes), FIELDS, s.NOW, ZONE)
