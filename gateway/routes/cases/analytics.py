"""Routes of analytics: indicators, the daily report, hot spots, and suggestions for duplicates and units."""

from __future__ import annotations

from datetime import date

from gateway.api.table import Found, RouteBuilder
from services.cases.api import analytics as api
from vocabulary.roles import Permission

cases = RouteBuilder("cases", Found, named={"day": date})

OPERATIONS = [
    cases.figures(
        "/v1/indicators", "get_indicators", "Get indicators by area and department (never by person)",
        Permission.READ_INDICATORS, api.Indicators,
    ),
    cases.figures(
        "/v1/daily-reports/{day}", "get_daily_report", "Get the daily report (日报)",
        Permission.READ_DAILY_REPORT, answer=api.DailyReport,
    ),
    cases.figures(
        "/v1/hot-spots", "list_hot_spots", "List hot spots: places where a category is reported more than usual",
        Permission.READ_INDICATORS, api.HotSpots,
    ),
    cases.asks(
        "/v1/duplicates", "suggest_duplicates", "Suggest open cases nearby that may be the same",
        Permission.SUGGEST_DUPLICATES, api.TypedReport,
    ),
    cases.reads(
        "/v1/cases/{case}/suggested-units", "suggest_units", "Suggest units to dispatch to, with reasons",
        Permission.SUGGEST_UNITS,
    ),
]  # fmt: skip
