"""Aggregates of wide tables: how a kind of table is read, a file that is imported, and the rows that were rejected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from mongoengine import DateTimeField, DictField, EmbeddedDocumentListField, IntField, ListField, StringField

from chassis.csv_table import plain
from chassis.envelope import NOBODY, STAFF
from chassis.errors import Fault, Invalid, Refused
from chassis.persistence.aggregate import Embedded
from chassis.security.principal import Principal, codes_of
from chassis.types import Answer
from chassis.usecases.visibility import VisibleToNobody, VisibleToTenant
from services.residents.api.tables import NewMapping
from services.residents.dictionary.model import Field
from services.residents.placed import Placed
from services.residents.tables.events import TableImported
from vocabulary.access import require_in_area, require_role
from vocabulary.roles import Permission

IN_USE, RETIRED = "IN_USE", "RETIRED"
WAITING, DONE = "WAITING", "DONE"


class MappingRetired(Refused):
    code = "mapping.retired"
    en = "This mapping is retired. Map the columns again."
    zh = "该列映射已停用，请重新设置。"


class MappedTo(Embedded):
    header: str = StringField(required=True)
    field: str = StringField(required=True)


class ColumnMapping(VisibleToTenant):
    """How the columns of a kind of table become fields: set once, and used for every file of the kind."""

    meta: ClassVar[dict[str, Any]] = {"collection": "column_mappings"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("state", "_id")]
    visible_to = NOBODY

    title: str = StringField(required=True)
    about: str = StringField(required=True)
    key_header: str = StringField(required=True)
    key_kind: str = StringField(required=True)
    register: str = StringField(default="")
    columns: list[MappedTo] = EmbeddedDocumentListField(MappedTo)
    state: str = StringField(default=IN_USE)

    @classmethod
    def map(cls, by: Principal, key: str, form: NewMapping, fields: Mapping[str, Field]) -> ColumnMapping:
        """Raises `Invalid` for each column that cannot be read."""
        require_role(by, Permission.MAP_COLUMNS)
        if faults := [*_key_faults(form), *_column_faults(form, fields)]:
            raise Invalid(*faults)
        made = cls(id=cls.identity(by.tenant, key), tenant=by.tenant, title=form.title, about=form.about)
        made.key_header, made.key_kind, made.register = form.key_header, form.key_kind, form.register or ""
        made.columns = [MappedTo(header=each.header, field=each.field) for each in form.columns]
        return made

    def retire(self, by: Principal) -> None:
        require_role(by, Permission.MAP_COLUMNS)
        self.require_in_use()
        self.state = RETIRED

    def require_in_use(self) -> None:
        if self.state != IN_USE:
            raise MappingRetired()

    @property
    def headers(self) -> list[str]:
        return [self.key_header, *(each.header for each in self.columns)]

    @property
    def fields(self) -> list[str]:
        return [each.field for each in self.columns]

    @property
    def at_key(self) -> str:
        """The key column as readers of tables name it."""
        return plain(self.key_header)

    def by_name(self) -> dict[str, MappedTo]:
        """Returns the columns as readers of tables name them."""
        return {plain(each.header): each for each in self.columns}


class TableImport(Placed):
    """A file whose rows are written page by page. Its rows lie in the blob store under its key until they are."""

    meta: ClassVar[dict[str, Any]] = {"collection": "table_imports"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("codes", "_id"), ("state", "_id")]
    visible_to = STAFF

    mapping: str = StringField(required=True)
    area: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    state: str = StringField(default=WAITING)
    rows: int = IntField(required=True)
    read: int = IntField(default=0)
    # `made` is the row's own, of its request.
    written: int = IntField(default=0)
    known: int = IntField(default=0)
    rejected: int = IntField(default=0)
    given_at: datetime = DateTimeField(required=True)
    given_by: str = StringField(required=True)

    @classmethod
    def receive(cls, by: Principal, key: str, mapping: str, area: str, rows: int, now: datetime) -> TableImport:
        require_in_area(by, Permission.IMPORT_VALUES, area)
        given = cls(id=cls.identity(by.tenant, key), tenant=by.tenant, mapping=mapping, area=area, rows=rows)
        given.codes, given.given_at, given.given_by = codes_of(area), now, by.subject
        return given

    def note_page(self, since: int, made: int, known: int, rejected: int) -> None:
        """Counts the rows behind the first `since`, unless another process has."""
        if self.read != since or self.state == DONE:
            return
        self.read += made + known + rejected
        self.written, self.known, self.rejected = self.written + made, self.known + known, self.rejected + rejected
        if self.read == self.rows:
            self.state = DONE
            self.emit(TableImported(area=self.area, made=self.written, known=self.known, rejected=self.rejected))


class RejectedRows(VisibleToNobody):
    """The rejected rows of one page, shown with their import. Key: `<import>.<page>`. `last`: the line of the last."""

    meta: ClassVar[dict[str, Any]] = {"collection": "rejected_rows"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("table", "last")]
    has_natural_key = True
    visible_to = NOBODY

    table: str = StringField(required=True)
    last: int = IntField(required=True)
    rows: list[Answer] = ListField(DictField())

    @classmethod
    def of(cls, table: TableImport, rows: Sequence[Answer]) -> RejectedRows:
        made = cls(id=cls.identity(table.tenant, f"{table.key}.{table.read}"), tenant=table.tenant, table=table.key)
        made.last, made.rows = rows[-1]["line"], list(rows)
        return made


def _key_faults(form: NewMapping) -> Iterator[Fault]:
    if (form.key_kind == "register") != bool(form.register):
        yield "register", "name the register of the numbers, and of nothing else", "仅按登记编号匹配时须填写登记来源"
    if form.key_kind == "register" and form.about == "dwelling":
        yield (
            "key_kind",
            "dwellings have no number in another register; use their ids",
            "房屋无其他登记编号，请用房屋编号",
        )
    if form.key_kind == "identity_number" and form.about != "resident":
        yield "key_kind", "only residents have an identity number", "仅居民有公民身份号码"


def _column_faults(form: NewMapping, fields: Mapping[str, Field]) -> Iterator[Fault]:
    headers, codes = {plain(form.key_header)}, set[str]()
    for number, column in enumerate(form.columns):
        at, field = f"columns.{number}", fields.get(column.field)
        if plain(column.header) in headers:
            yield f"{at}.header", "another column has this header", "与其他列的表头重复"
        if column.field in codes:
            yield f"{at}.field", "another column holds this field", "与其他列的数据项重复"
        if field is None or field.retired:
            yield f"{at}.field", "the dictionary has no such field in use", "数据项字典中没有在用的该数据项"
        elif field.about != form.about:
            yield f"{at}.field", "this field is about something else than the table", "该数据项与表格的对象不同"
        headers.add(plain(column.header))
        codes.add(column.field)
