"""Commands, queries and timer of wide tables: a file is read at once, and its rows are written page by page."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from chassis.context import Call, Received
from chassis.entrypoints.consumer import every, handles
from chassis.entrypoints.rpc_server import command, query
from chassis.persistence.tenant_data import TenantData
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import in_key_order
from chassis.usecases.records import change, create, fields_of, get, step_answer, to_answer
from chassis.usecases.service import Documents
from services.residents.api import tables as api
from services.residents.dictionary.lookups import fields_in
from services.residents.directory.lookups import require_place
from services.residents.files.keeping import FileKeeping
from services.residents.placed import in_area
from services.residents.tables.events import TableImported
from services.residents.tables.model import WAITING, ColumnMapping, RejectedRows, TableImport
from services.residents.tables.reading import ReadTable, read_table
from services.residents.tables.writing import RowWriter
from vocabulary.access import require_in_area
from vocabulary.roles import Permission

_SECONDS = 2
#: Rows of a page; pages and files of one tenant that are written before the next tenant's turn.
_PAGE, _PAGES, _FILES = 200, 10, 5
#: For as long rows wait to be written.
_KEPT = timedelta(days=366)
_MAPPED = fields_of(api.ListedMapping)
_LISTED = fields_of(api.ListedTableImport)


class TableCommands(FileKeeping):
    documents: Documents = (ColumnMapping, TableImport, RejectedRows)

    @command
    def map_columns(self, call: Call, form: api.NewMapping) -> Answer:
        data = self.data.of(call)

        def build(key: str) -> ColumnMapping:
            fields = fields_in(data, {each.field for each in form.columns})
            return ColumnMapping.map(call.principal, key, form, fields)

        return create(data, ColumnMapping, build, step_answer)

    @command
    def retire_mapping(self, call: Call, mapping: Id) -> Answer:
        data = self.data.of(call)
        return change(data, ColumnMapping, mapping, lambda found: found.retire(call.principal), step_answer)

    @command
    def import_table(self, call: Call, mapping: Id, form: api.NewTableImport) -> Answer:
        """Keeps the rows of the file, sealed, until they are written. Raises `UnreadableTable` for the whole file."""
        data = self.data.of(call)

        def build(key: str) -> TableImport:
            found = get(data, ColumnMapping, mapping)
            require_in_area(call.principal, Permission.IMPORT_VALUES, form.area)
            found.require_in_use()
            for field in fields_in(data, found.fields).values():
                field.require_in_use()
            require_place(data, form.area, "area")
            table = read_table(form.file, found.headers)
            self._keep_file(call, key, msgspec.json.encode(table), call.now + _KEPT)
            return TableImport.receive(call.principal, key, mapping, form.area, len(table.rows), call.now)

        return create(data, TableImport, build, step_answer)

    @query
    def get_mapping(self, call: Call, mapping: Id) -> Answer:
        return to_answer(get(self.data.of(call), ColumnMapping, mapping), *_MAPPED)

    @query
    def list_mappings(self, call: Call, form: api.ListMappings) -> Listed[Answer]:
        found, following = in_key_order(self.data.of(call), ColumnMapping, {"state": form.state}, form)
        return Listed(items=[to_answer(each, *_MAPPED) for each in found], next=following)

    @query
    def get_table_import(self, call: Call, table: Id) -> Answer:
        return _told(get(self.data.of(call), TableImport, table))

    @query
    def list_table_imports(self, call: Call, form: api.ListTableImports) -> Listed[Answer]:
        where = in_area(call.principal, form.area or "")
        found, following = in_key_order(self.data.of(call), TableImport, where, form)
        return Listed(items=[_told(each) for each in found], next=following)

    @query
    def list_rejected_rows(self, call: Call, table: Id, form: api.RowsPage) -> Listed[Answer]:
        """By line."""
        data = self.data.of(call)
        get(data, TableImport, table)
        rows: list[Answer] = []
        last = form.after or 0
        while len(rows) <= form.limit:
            where = {"table": table, "last": {"$gt": last}}
            page = next(iter(data.find(RejectedRows, where, [("last", 1)], 1)), None)
            if page is None:
                return Listed(items=rows)
            rows += [row for row in page.rows if row["line"] > last]
            last = page.last
        rows = rows[: form.limit]
        return Listed(items=rows, next=rows[-1]["line"])

    @every(interval=_SECONDS)
    def write_tables(self) -> None:
        """One process does, so that the others answer calls; two at once would do no harm."""
        if self.data.leads("tables"):
            self.data.each_tenant(self._write_waiting)

    def _write_waiting(self, data: TenantData) -> None:
        for row in data.rows(TableImport, {"state": WAITING}, ["state"], [("_id", 1)], _FILES):
            self._write_some(data, data.get(TableImport, row["key"]))

    def _write_some(self, data: TenantData, given: TableImport) -> None:
        table = msgspec.json.decode(self._read_file(data.context, given.key), type=ReadTable)
        sealer = self.keys.of(given.tenant)
        writer = RowWriter(data, sealer, data.get(ColumnMapping, given.mapping), given, table)
        for _ in range(_PAGES):
            self._write_page(data, writer, given, table)
            given = data.get(TableImport, given.key)
            if given.state != WAITING:
                return

    @handles(TableImported)
    def drop_rows(self, event: Received) -> None:
        self._drop_file(self.data.of(event), event.envelope.subject)

    @staticmethod
    def _write_page(data: TenantData, writer: RowWriter, given: TableImport, table: ReadTable) -> None:
        since = given.read
        outcomes = writer.write(table.rows[since : since + _PAGE])
        rejected = sorted((each.rejected for each in outcomes if each.rejected), key=lambda row: row["line"])
        if rejected:
            data.add(RejectedRows.of(given, rejected))
        made = sum(each.made for each in outcomes)
        known = len(outcomes) - made - len(rejected)
        data.change(TableImport, given.key, lambda found: found.note_page(since, made, known, len(rejected)))


def _told(given: TableImport) -> Answer:
    return to_answer(given, *(name for name in _LISTED if name != "made")) | {"made": given.written}
