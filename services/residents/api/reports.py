"""API types of reports: ledgers as files, by template, at once or on a schedule."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Page, Path, Record, Title, Word
from services.residents.api.dictionary import FieldCode
from vocabulary.fields import Leaving

ReportTier = Annotated[
    Literal["county", "street", "community", "grid", "micro_grid"],
    msgspec.Meta(description="One line for each of these."),
]
Schedule = Annotated[
    Literal["", "daily", "weekly", "monthly"],
    msgspec.Meta(
        description="At six in the morning of the city: each day, on Mondays, or on the first of each month; empty: "
        "only when it is asked for."
    ),
]
ReportFormat = Literal["xlsx", "csv"]
ReportState = Annotated[Literal["IN_USE", "RETIRED"], msgspec.Meta(description="The state of a report.")]
KeepDays = Annotated[int, msgspec.Meta(ge=1, le=366, description="How long a file is kept.")]


class ReportColumn(Form, frozen=True, kw_only=True):
    """`of`: how many have a value of the field, how many have this `choice`, or the sum, least or most of a number."""

    field: FieldCode
    of: Literal["subjects", "choice", "sum", "least", "most"] = "subjects"
    choice: Annotated[Word, msgspec.Meta(description="With `of` choice: its code.")] = ""
    heading: Annotated[Word, msgspec.Meta(description="Empty: the names of field and choice.")] = ""


class NewReport(Form, frozen=True, kw_only=True):
    """A report has sums alone, never persons: a line for each place of the tier in the area, and the total."""

    title: Title
    area: Path
    tier: ReportTier
    columns: Annotated[tuple[ReportColumn, ...], msgspec.Meta(min_length=1, max_length=50)]
    language: Literal["zh-CN", "en"] = "zh-CN"
    format: ReportFormat = "xlsx"
    schedule: Schedule = ""
    leaving: Leaving = True
    keep_days: KeepDays = 30


class ListReports(Page, frozen=True, kw_only=True):
    area: Path | None = None
    state: ReportState = "IN_USE"


class ListedReport(Record, frozen=True, kw_only=True):
    """`next_due_at`: when the schedule makes the next file."""

    title: str
    area: str
    tier: str
    language: str
    format: str
    schedule: str
    leaving: bool
    keep_days: int
    state: str
    next_due_at: datetime | None = None


class ShownReport(ListedReport, frozen=True, kw_only=True):
    columns: list[ReportColumn]


class ListedReportFile(Record, frozen=True, kw_only=True):
    """`state`: ASKED, MADE, or EXPIRED once the file is deleted. `asked_by`: empty if the schedule did."""

    report: str
    title: str
    area: str
    format: str
    state: str
    asked_at: datetime
    asked_by: str
    made_at: datetime | None = None
    expires_at: datetime | None = None
