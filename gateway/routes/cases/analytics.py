"""Routes of analytics: indicators, the daily report, hot spots, and suggestions for duplicates and units."""

from __future__ import annotations

from datetime import date

from chassis.types import Complete
from gateway.api.table import RouteBuilder
from services.cases.api import analytics as api
from vocabulary.roles import Permission

cases = RouteBuilder("cases", named={"day": date}, tag="reports")

OPERATIONS = [
    cases.figures(
        "/v1/indicators", "get_indicators", "Get indicators by area and department (never by person)",
        Permission.READ_INDICATORS, api.Indicators, answer=Complete[api.IndicatorLine],
    ),
    cases.figures(
        "/v1/daily-reports/{day}", "get_daily_report", "Get the daily report (日报)",
        Permission.READ_DAILY_REPORT, answer=api.DailyReport,
    ),
    cases.figures(
        "/v1/hot-spots", "list_hot_spots", "List hot spots: places where a category is reported more than usual",
        Permission.READ_INDICATORS, api.HotSpots, answer=Complete[api.HotSpot],
    ),
    cases.asks(
        "/v1/duplicates", "suggest_duplicates", "Suggest open cases nearby that may be the same",
        Permission.SUGGEST_DUPLICATES, api.TypedReport, answer=Complete[api.Duplicate],
    ),
    cases.reads(
        "/v1/cases/{case}/suggested-units", "suggest_units", "Suggest units to dispatch to, with reasons",
        Permission.SUGGEST_UNITS, answer=Complete[api.SuggestedUnit],
    ),
]  # fmt: skip
