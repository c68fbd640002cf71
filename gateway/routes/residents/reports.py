"""Routes of reports: ledgers as files."""

from __future__ import annotations

from chassis.types import File, RecordState
from gateway.api.table import RouteBuilder
from services.residents.api import reports as api
from vocabulary.roles import Permission

reports = RouteBuilder("residents", RecordState, tag="reports")

_FIND, _MAKE = Permission.FIND_RESIDENTS, Permission.MAKE_REPORTS
_REPORTS, _REPORT = "/v1/reports", "/v1/reports/{report}"
_FILES, _FILE = _REPORT + "/files", "/v1/report-files/{file}"

OPERATIONS = [
    reports.creates(_REPORTS, "define_report", "Define a report of ledgers", _MAKE, api.NewReport),
    reports.lists(_REPORTS, "list_reports", "List the reports of an area", _FIND, api.ListedReport, api.ListReports),
    reports.reads(_REPORT, "get_report", "Get a report with its columns", _FIND, answer=api.ShownReport),
    reports.acts(_REPORT + "/retire", "retire_report", "Retire a report; its files stay until their day", _MAKE),
    reports.creates(_FILES, "ask_report", "Have a file made of the report now", _FIND),
    reports.lists(_FILES, "list_report_files", "List the files of a report", _FIND, api.ListedReportFile),
    reports.reads(
        _FILE, "get_report_file", "Get what became of a file", _FIND, answer=api.ListedReportFile
    ),
    reports.reads(
        _FILE + "/content", "read_report_file", "Get the file itself", _FIND, answer=File, batched=False, timeout=30.0
    ),
]  # fmt: skip
