"""Routes of analytics: indicators, the daily report, hot spots, and suggestions for duplicates and units."""

from __future__ import annotations

from datetime import date

from gateway.api.table import STAFF, Found, Service
from services.cases.api import analytics as api

cases = Service("cases", Found, named={"day": date})

OPERATIONS = [
    cases.figures(
        "/v1/indicators", "get_indicators", "Get indicators by area and department (never by person)",
        "grid leader, community, street, centre, supervisor; a department for its own figures", api.Indicators,
    ),
    cases.figures(
        "/v1/daily-reports/{day}", "get_daily_report", "Get the daily report (日报)",
        "community, street, centre, supervisor", answer=api.DailyReport,
    ),
    cases.figures(
        "/v1/hot-spots", "list_hot_spots", "List hot spots: places where a category is reported more than usual",
        STAFF, api.HotSpots,
    ),
    cases.asks(
        "/v1/duplicates", "suggest_duplicates", "Suggest open cases nearby that may be the same", "intake",
        api.TypedReport,
    ),
    cases.reads(
        "/v1/cases/{case}/suggested-units", "suggest_units", "Suggest units to dispatch to, with reasons",
        "community, street, centre",
    ),
]  # fmt: skip
