"""Events of reports."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class ReportDue(Event, frozen=True, kw_only=True):
    """The schedule asks for a file of the report, which is the subject."""

    type: ClassVar[str] = "residents.report.due.v1"
    area: str


class ReportAsked(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "residents.report.asked.v1"
    report: str
    area: str


class ReportMade(Event, frozen=True, kw_only=True):
    """The file can be read."""

    type: ClassVar[str] = "residents.report.made.v1"
    report: str
    area: str
