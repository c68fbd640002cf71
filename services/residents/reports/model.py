"""Aggregates of reports: what a report says, and each file that is made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from mongoengine import BooleanField, DateTimeField, EmbeddedDocumentListField, IntField, ListField, StringField

from chassis.envelope import STAFF
from chassis.errors import Fault, Invalid, Refused
from chassis.persistence.aggregate import Embedded
from chassis.security.principal import Principal, codes_of
from services.residents.api.reports import NewReport, ReportColumn
from services.residents.dictionary.model import CODED, NUMBERS, Field
from services.residents.placed import Placed
from services.residents.reports.events import ReportAsked, ReportDue, ReportMade
from services.residents.reports.schedule import next_moment
from vocabulary.access import require_in_area
from vocabulary.roles import Permission
from vocabulary.tiers import depth_of

IN_USE, RETIRED = "IN_USE", "RETIRED"
ASKED, MADE, EXPIRED = "ASKED", "MADE", "EXPIRED"


class ReportRetired(Refused):
    code = "report.retired"
    en = "This report is retired. Define another one."
    zh = "该报表已停用，请另建报表。"


class NoReportFile(Refused):
    """`state`: of the file."""

    code = "report.no_file"
    en = "The file is {state}. Wait for it, or ask for another one."
    zh = "文件{state}，请稍候或重新生成。"
    chinese = {"state": {ASKED: "正在生成", EXPIRED: "已过保存期"}}
    english = {"state": {ASKED: "being made", EXPIRED: "past its time and deleted"}}


class Column(Embedded):
    field: str = StringField(required=True)
    of: str = StringField(required=True)
    choice: str = StringField(default="")
    heading: str = StringField(default="")


class Report(Placed):
    """What is said of ledgers: lines by the places of a tier, columns by fields. It has sums alone."""

    meta: ClassVar[dict[str, Any]] = {"collection": "reports"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("codes", "state", "_id"), ("next_due_at",)]
    visible_to = STAFF

    title: str = StringField(required=True)
    area: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    tier: str = StringField(required=True)
    columns: list[Column] = EmbeddedDocumentListField(Column)
    language: str = StringField(required=True)
    format: str = StringField(required=True)
    schedule: str = StringField(default="")
    leaving: bool = BooleanField(default=True)
    keep_days: int = IntField(required=True)
    state: str = StringField(default=IN_USE)
    next_due_at: datetime | None = DateTimeField()

    @classmethod
    def define(
        cls, by: Principal, key: str, form: NewReport, fields: Mapping[str, Field], now: datetime, zone: ZoneInfo
    ) -> Report:
        """Raises `Invalid` for each column that no ledger has."""
        require_in_area(by, Permission.MAKE_REPORTS, form.area)
        if faults := [*_tier_faults(form), *_column_faults(form, fields)]:
            raise Invalid(*faults)
        report = cls(id=cls.identity(by.tenant, key), tenant=by.tenant, codes=codes_of(form.area))
        for name in ("title", "area", "tier", "language", "format", "schedule", "leaving", "keep_days"):
            setattr(report, name, getattr(form, name))
        report.columns = [
            Column(field=each.field, of=each.of, choice=each.choice, heading=each.heading) for each in form.columns
        ]
        report.next_due_at = next_moment(form.schedule, now, zone)
        return report

    def retire(self, by: Principal) -> None:
        require_in_area(by, Permission.MAKE_REPORTS, self.area)
        self.require_in_use()
        self.state, self.next_due_at = RETIRED, None

    def fire(self, now: datetime, zone: ZoneInfo) -> None:
        """Asks for a file once, however often it was due."""
        if self.next_due_at and self.next_due_at <= now:
            self.emit(ReportDue(area=self.area))
            self.next_due_at = next_moment(self.schedule, now, zone)

    def due_at(self) -> datetime | None:
        return self.next_due_at

    def require_in_use(self) -> None:
        if self.state != IN_USE:
            raise ReportRetired()

    @property
    def fields(self) -> list[str]:
        return list(dict.fromkeys(column.field for column in self.columns))


class ReportFile(Placed):
    """A file of a report, which is kept for some days. Its content lies in the blob store under its key."""

    meta: ClassVar[dict[str, Any]] = {"collection": "report_files"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("report", "_id"), ("next_due_at",)]
    visible_to = STAFF

    report: str = StringField(required=True)
    title: str = StringField(required=True)
    area: str = StringField(required=True)
    format: str = StringField(required=True)
    state: str = StringField(default=ASKED)
    asked_at: datetime = DateTimeField(required=True)
    asked_by: str = StringField(default="")
    made_at: datetime | None = DateTimeField()
    expires_at: datetime | None = DateTimeField()
    next_due_at: datetime | None = DateTimeField()

    @classmethod
    def ask(cls, key: str, report: Report, now: datetime, by: str = "") -> ReportFile:
        """`by`: empty if the schedule asks."""
        report.require_in_use()
        asked = cls(id=cls.identity(report.tenant, key), tenant=report.tenant, report=report.key, title=report.title)
        asked.area, asked.format, asked.asked_at, asked.asked_by = report.area, report.format, now, by
        asked.emit(ReportAsked(report=report.key, area=report.area))
        return asked

    def finish(self, now: datetime, until: datetime) -> None:
        if self.state == ASKED:
            self.state, self.made_at, self.expires_at = MADE, now, until
            self.emit(ReportMade(report=self.report, area=self.area))

    def expire(self, now: datetime) -> None:
        if self.state == MADE and self.expires_at and self.expires_at <= now:
            self.state = EXPIRED

    def due_at(self) -> datetime | None:
        return self.expires_at if self.state == MADE else None

    def require_made(self) -> None:
        if self.state != MADE:
            raise NoReportFile(state=self.state)


def kept_until(report: Report, now: datetime) -> datetime:
    return now + timedelta(days=report.keep_days)


def _tier_faults(form: NewReport) -> Iterator[Fault]:
    if depth_of(form.tier) <= len(codes_of(form.area)):
        yield "tier", "it must lie below the area", "须低于所选区域的层级"


def _column_faults(form: NewReport, fields: Mapping[str, Field]) -> Iterator[Fault]:
    for number, column in enumerate(form.columns):
        field, at = fields.get(column.field), f"columns.{number}"
        if field is None:
            yield f"{at}.field", "the dictionary has no such field", "数据项字典中没有该数据项"
        elif field.is_sensitive:
            yield f"{at}.field", "its values are sealed, so no report has them", "该数据项为敏感数据，不得进入报表"
        else:
            yield from _sum_faults(column, field, form.leaving, at)


def _sum_faults(column: ReportColumn, field: Field, leaving: bool, at: str) -> Iterator[Fault]:
    if (column.of == "choice") != bool(column.choice):
        yield f"{at}.choice", "name the code of a choice, with `of` choice alone", "仅统计选项时须填写选项编码"
    elif column.of == "choice" and (field.kind not in CODED or column.choice not in _codes(field)):
        yield f"{at}.choice", "the field has no such choice", "该数据项没有此选项"
    elif column.of in ("sum", "least", "most") and field.kind not in NUMBERS:
        yield f"{at}.of", "only a number has a sum, a least and a most", "仅数字类数据项可求和或取最小、最大值"
    elif leaving and column.of in ("least", "most"):
        yield f"{at}.of", "it is the value of one subject, which must not leave", "属个别对象的数值，不得对外提供"


def _codes(field: Field) -> set[str]:
    return {each.code for each in field.choices}
