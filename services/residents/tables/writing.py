"""Writes the rows of a table: each by itself, as a whole or not at all, once, however often it is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from eventlet import GreenPool

from chassis.errors import Fault, Invalid, NotFound, Problem, Refused, Unavailable
from chassis.ids import derived
from chassis.persistence.tenant_data import TenantData
from chassis.security.sealing import Sealer
from chassis.types import Answer
from services.residents.dictionary.lookups import fields_in
from services.residents.dictionary.values import as_text, holds_until
from services.residents.directory.spoken import Spoken
from services.residents.people.model import MERGED, Resident
from services.residents.people.profile import token_of
from services.residents.placed import Placed, inside
from services.residents.tables.cells import BadCell, text_of, value_of
from services.residents.tables.model import ColumnMapping, TableImport
from services.residents.tables.reading import ReadRow, ReadTable
from services.residents.values.model import Given, ImportedRow, SubjectValues
from services.residents.values.subjects import SUBJECTS, is_there, require_there

_AT_ONCE = 64
#: Faults of one row that are told.
_MOST_FAULTS = 3


class UnknownSubject(Refused):
    """Also whom others keep: it does not tell them apart."""

    code = "table.unknown_subject"
    en = "Nobody and nothing in the area of the import has this key. Record it first, or correct the key."
    zh = "导入区域内没有该编号对应的对象，请先登记或更正编号。"


class TwoSubjects(Refused):
    code = "table.two_subjects"
    en = "Two records have this identity number. Merge them first."
    zh = "有两份档案使用该公民身份号码，请先合并档案。"


class SaysNothing(Refused):
    code = "table.says_nothing"
    en = "The row has no value in the mapped columns."
    zh = "本行各映射列均为空。"


class KnownOtherwise(Refused):
    """`field`: its name."""

    code = "table.known_otherwise"
    en = "A form says otherwise of {field:verbatim}, and that still holds. An import changes nothing that people said."
    zh = "{field:verbatim}已由表单填报为其他内容且仍有效。导入不修改人工填报的数据。"


class TwiceInFile(Refused):
    """`line`: the earlier one."""

    code = "table.twice_in_file"
    en = "Line {line} of the file says otherwise about the same one. Keep one of them."
    zh = "文件第 {line} 行对同一对象有不同内容，请保留其中一行。"


class Outcome(NamedTuple):
    """Of one row. `rejected`: `{line, reason}`, or None."""

    made: bool
    rejected: Answer | None = None


class RowWriter:
    """Writes the rows of one file, page by page."""

    def __init__(
        self, data: TenantData, sealer: Sealer, mapping: ColumnMapping, given: TableImport, table: ReadTable
    ) -> None:  # fmt: skip
        self._data, self._sealer, self._mapping, self._given, self._table = data, sealer, mapping, given, table
        self._fields = fields_in(data, mapping.fields)
        self._words = Spoken(data)

    def write(self, rows: Iterable[ReadRow]) -> list[Outcome]:
        """Returns what became of each row, in any order. Rows about the same one are written in their order."""
        groups: dict[str, list[ReadRow]] = {}
        for row in rows:
            groups.setdefault(str(row.cells.get(self._mapping.at_key)), []).append(row)
        done = GreenPool(_AT_ONCE).imap(lambda group: [self._outcome(row) for row in group], groups.values())
        return [outcome for group in done for outcome in group]

    def _outcome(self, row: ReadRow) -> Outcome:
        try:
            return Outcome(self._written(row))
        except Unavailable:
            raise  # the page is tried again
        except Problem as problem:
            return Outcome(False, {"line": row.line, "reason": problem.in_short(self._words)})

    def _written(self, row: ReadRow) -> bool:
        """Returns whether the row made a value: now, or before this process took over."""
        if row.fault:
            raise Invalid(("row", *row.fault))
        given = self._texts_of(row)
        subject = self._subject_of(row)
        require_there(subject)
        by, now = self._given.given_by, self._data.context.now
        imported = ImportedRow(self._given.key, row.line, self._mapping.key, by, now)
        made = False

        def act(values: SubjectValues) -> None:
            nonlocal made
            values.follow(subject.area, is_there(subject))
            changed = dict(self._changed(values, given, imported))
            made = values.take(changed, imported)

        self._put(SubjectValues.blank(self._given.tenant, self._mapping.about, subject.key), act)
        return made

    def _put(self, blank: SubjectValues, act: Callable[[SubjectValues], None]) -> None:
        try:
            self._data.change(SubjectValues, blank.key, act)
        except NotFound:
            act(blank)
            if not self._data.add(blank):
                self._data.change(SubjectValues, blank.key, act)

    def _texts_of(self, row: ReadRow) -> dict[str, str]:
        """Returns the canonical texts by field. Raises `Invalid`, `FieldRetired` or `SaysNothing`."""
        texts: dict[str, str] = {}
        faults: list[Fault] = []
        for name, column in self._mapping.by_name().items():
            try:
                value = value_of(self._fields[column.field], row.cells.get(name), self._table.date1904)
            except BadCell as bad:
                faults.append((column.header, bad.en, bad.zh))
                continue
            if value is not None:
                self._fields[column.field].require_in_use()
                texts[column.field] = as_text(value)
        if faults:
            raise Invalid(*faults[:_MOST_FAULTS])
        if not texts:
            raise SaysNothing()
        return texts

    def _subject_of(self, row: ReadRow) -> Placed:
        try:
            key = text_of(row.cells.get(self._mapping.at_key))
        except BadCell as bad:
            raise Invalid((self._mapping.key_header, bad.en, bad.zh)) from None
        if self._mapping.key_kind == "identity_number":
            return self._with_number(key)
        if self._mapping.key_kind == "register":
            kind = "person" if self._mapping.about == "resident" else "household"
            key = derived(self._given.tenant, self._mapping.register, kind, key)
        try:
            subject = self._data.get(SUBJECTS[self._mapping.about], key)
        except NotFound:
            raise UnknownSubject() from None
        if not subject.area.startswith(self._given.area):
            raise UnknownSubject()
        return subject

    def _with_number(self, number: str) -> Resident:
        token = token_of(self._sealer.blind, "identity_number", number, "")
        where = {"tokens": token, "state": {"$ne": MERGED}} | inside(self._given.area)
        found = self._data.find(Resident, where, limit=2)
        if not found:
            raise UnknownSubject()
        if len(found) > 1:
            raise TwoSubjects()
        return found[0]

    def _changed(
        self, values: SubjectValues, given: Mapping[str, str], row: ImportedRow
    ) -> Iterator[tuple[str, Given]]:
        """Yields what is not known. Raises `KnownOtherwise` or `TwiceInFile`."""
        for code, text in given.items():
            field, held = self._fields[code], values.of(code)
            use = f"residents.values.{code}"
            if held and held.holds(row.now):
                if text == (self._sealer.open(held.text, use) if held.sealed else held.text):
                    continue
                if not held.row:
                    raise KnownOtherwise(field=field.zh)
                if line := row.line_of_same_file(held.row):
                    raise TwiceInFile(line=line)
            sealed = field.is_sensitive
            until = holds_until(field, row.now)
            yield code, Given(self._sealer.seal(text, use) if sealed else text, sealed, until)
