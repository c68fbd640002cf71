"""What is compared: indicators, the daily report, hot spots, and hints while somebody types or dispatches."""

from __future__ import annotations

from datetime import date

from gateway.api.table import STAFF, Found, Service
from services.cases.api import analytics as api

cases = Service("cases", Found, named={"day": date})

OPERATIONS = [
    cases.figures(
        "/v1/indicators", "get_indicators", "Indicators by area and department, never by person",
        "grid leader, community, street, centre, supervisor, the department for itself", api.Indicators,
    ),
    cases.figures(
        "/v1/daily-reports/{day}", "get_daily_report", "The daily report (日报)",
        "community, street, centre, supervisor", answer=api.DailyReport,
    ),
    cases.figures(
        "/v1/hot-spots", "list_hot_spots", "Where a category became more than usual; never about persons", STAFF,
        api.HotSpots,
    ),
    cases.asks(
        "/v1/duplicates", "suggest_duplicates", "Open cases near by that may be the same, while typing", "intake",
        api.TypedReport,
    ),
    cases.reads(
        "/v1/cases/{case}/suggested-units", "suggest_units", "Units to dispatch to, with the reason", "street, centre",
    ),
]  # fmt: skip
