"""Commands, queries, timers and event handlers of reports: files are made of ledgers, at once or on a schedule."""

from __future__ import annotations

from chassis.context import Call, Received
from chassis.entrypoints.consumer import every, handles
from chassis.entrypoints.rpc_server import command, query
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import codes_of, path_of
from chassis.types import Answer, File, Id, Listed, Page
from chassis.usecases.pages import in_key_order
from chassis.usecases.records import change, create, fields_of, get, step_answer, to_answer
from chassis.usecases.service import Documents
from services.residents.api import reports as api
from services.residents.dictionary.lookups import fields_in
from services.residents.directory.lookups import require_place
from services.residents.directory.replicas import zone_of
from services.residents.directory.spoken import Spoken
from services.residents.files.keeping import FileKeeping
from services.residents.ledgers.sums import sums_of
from services.residents.placed import in_area
from services.residents.reports.events import ReportAsked, ReportDue
from services.residents.reports.model import ASKED, IN_USE, Report, ReportFile, kept_until
from services.residents.reports.tables import table_of
from services.residents.reports.writing import MIMES, file_of

_SECONDS = 5
_LISTED, _LISTED_FILE = fields_of(api.ListedReport), fields_of(api.ListedReportFile)


class ReportCommands(FileKeeping):
    documents: Documents = (Report, ReportFile)

    @command
    def define_report(self, call: Call, form: api.NewReport) -> Answer:
        data = self.data.of(call)

        def build(key: str) -> Report:
            fields = fields_in(data, {each.field for each in form.columns})
            report = Report.define(call.principal, key, form, fields, call.now, zone_of(data))
            require_place(data, form.area, "area")
            return report

        return create(data, Report, build, step_answer)

    @command
    def retire_report(self, call: Call, report: Id) -> Answer:
        return change(self.data.of(call), Report, report, lambda found: found.retire(call.principal), step_answer)

    @command
    def ask_report(self, call: Call, report: Id) -> Answer:
        """Asks for a file of the report now: whoever may read its ledgers may."""
        data = self.data.of(call)

        def build(key: str) -> ReportFile:
            return ReportFile.ask(key, get(data, Report, report), call.now, call.principal.subject)

        return create(data, ReportFile, build, step_answer)

    @query
    def get_report(self, call: Call, report: Id) -> Answer:
        return to_answer(get(self.data.of(call), Report, report), *_LISTED, "columns")

    @query
    def list_reports(self, call: Call, form: api.ListReports) -> Listed[Answer]:
        where = in_area(call.principal, form.area or "") | {"state": form.state}
        found, following = in_key_order(self.data.of(call), Report, where, form)
        return Listed(items=[to_answer(each, *_LISTED) for each in found], next=following)

    @query
    def list_report_files(self, call: Call, report: Id, page: Page) -> Listed[Answer]:
        data = self.data.of(call)
        get(data, Report, report)
        found, following = in_key_order(data, ReportFile, {"report": report}, page)
        return Listed(items=[to_answer(each, *_LISTED_FILE) for each in found], next=following)

    @query
    def get_report_file(self, call: Call, file: Id) -> Answer:
        return to_answer(get(self.data.of(call), ReportFile, file), *_LISTED_FILE)

    @query
    def read_report_file(self, call: Call, file: Id) -> File:
        """The file itself; that it was read stays in the audit log."""
        data = self.data.of(call)
        found = get(data, ReportFile, file)
        found.require_made()
        self._note_read(call, "report", [file])
        name = f"{found.title} {found.asked_at.astimezone(zone_of(data)):%Y-%m-%d}.{found.format}"
        return File(name=name, mime=MIMES[found.format], content=self._read_file(call, file))

    @every(interval=_SECONDS)
    def fire_reports(self) -> None:
        """Asks for what is scheduled, and notes whose files are over."""
        self.data.each_tenant(self._fire_reports)
        self.data.each_due(ReportFile, lambda file, now: file.expire(now))

    def _fire_reports(self, data: TenantData) -> None:
        zone = zone_of(data)
        self.data.fire_due(data, Report, lambda report: report.fire(data.context.now, zone))

    @handles(ReportDue)
    def ask_scheduled(self, event: Received) -> None:
        data = self.data.of(event)
        report = data.get(Report, event.envelope.subject)
        if report.state == IN_USE:
            create(data, ReportFile, lambda key: ReportFile.ask(key, report, event.now), step_answer)

    @handles(ReportAsked)
    def make_report(self, event: Received) -> None:
        data, key = self.data.of(event), event.envelope.subject
        if data.get(ReportFile, key).state != ASKED:
            return
        report = data.get(Report, event.as_(ReportAsked).report)
        until = kept_until(report, event.now)
        self._keep_file(event, key, self._made(data, report), until)
        data.change(ReportFile, key, lambda file: file.finish(event.now, until))

    def _made(self, data: TenantData, report: Report) -> bytes:
        fields = fields_in(data, report.fields)
        # What may be shown of a place depends on those beside it.
        area = path_of(codes_of(report.area)[0]) if report.leaving else report.area
        sums = {code: sums_of(data, fields[code], area, "$area") for code in report.fields}
        words, local = Spoken(data), data.context.now.astimezone(zone_of(data))
        rows = table_of(report, fields, sums, lambda path: words.name("place", path, report.language), local)
        return file_of(rows, report.format)
