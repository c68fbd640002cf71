"""Bulk import of posts from a CSV file: a row that cannot be imported is reported, and the others are imported."""

from __future__ import annotations

from itertools import islice

from chassis.csv_table import BadRow, Columns, NoTable, Record, Table
from chassis.errors import Invalid, Taken
from chassis.ids import derived
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal
from chassis.types import is_blank
from chassis.usecases.records import found
from chassis.validation import convert
from services.org.administrators import require_administrator
from services.org.api.posts import PostPlan, PostReport
from services.org.api.types import RowResult
from services.org.bulk_import import import_rows, report_of
from services.org.lookups import tier_at
from services.org.posts.model.post import KINDS, Post, kind_of
from services.org.posts.model.unit import Unit
from services.org.spoken import Spoken

MOST_ROWS = 2_000
COLUMNS = Columns(("kind", "title", "unit", "area"), ("duties",))
ALIASES = {"岗位类别": "kind", "岗位名称": "title", "单位": "unit", "区域": "area", "职责": "duties"}
_KINDS = {kind.zh: name for name, kind in KINDS.items()}


class Unreadable(Invalid):
    code = "post_import.unreadable"
    en = "The file is not a CSV table with the columns kind, title, unit, area (and duties); save it as CSV and retry."
    zh = "文件不是含有“岗位类别、岗位名称、单位、区域（及职责）”列的 CSV 表格，请另存为 CSV 后重试。"


class PostImport:
    """One import of a file for one tenant, by one administrator."""

    def __init__(self, data: TenantData, by: Principal) -> None:
        self._data = data
        self._by = by

    def run(self, file: bytes) -> PostReport:
        """Opens a post for each row. Raises `Unreadable`, before it opens any, if the file is not such a table."""
        report = report_of(import_rows(read_rows(file), self._open, Spoken(self._data)))
        return PostReport(opened=report.made, known=report.known, rejected=report.rejected)

    def _open(self, row: Record | BadRow) -> RowResult:
        """A post is known if it exists: its id derives from kind, unit, area and title.

        Raises `Taken` if it exists with other duties.
        """
        plan = _plan_of(row)
        require_administrator(self._by, plan.area)
        tier, department = tier_at(self._data, plan.area), found(self._data, Unit, plan.unit)
        key = derived("post", plan.kind, plan.unit, plan.area, plan.title)
        if self._data.add(Post.open(self._by.tenant, key, plan, tier=tier, department=department)):
            return "made"
        if list(self._data.get(Post, key).duties) != list(plan.duties):
            raise Taken(key=plan.title)
        return "known"


def read_rows(file: bytes) -> list[tuple[int, Record | BadRow]]:
    """Returns line number and cells (by English column name) of each row that is not blank. Raises `Unreadable`."""
    try:
        table = Table.of(file, COLUMNS, aliases=ALIASES)
    except NoTable as error:
        raise Unreadable(("file", error.en, error.zh)) from error
    rows = list(islice(table.rows(), MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        raise Unreadable(("file", f"more than {MOST_ROWS} rows; split the file", f"超过 {MOST_ROWS} 行，请分批导入"))
    return rows


def _plan_of(row: Record | BadRow) -> PostPlan:
    if isinstance(row, BadRow):
        raise Invalid(("row", row.en, row.zh))
    missing = [(name, "missing", "缺少该项") for name in COLUMNS.needed if not row[name]]
    if missing:
        raise Invalid(*missing)
    duties = [duty for duty in row.get("duties", "").replace("\uff1b", ";").split(";") if not is_blank(duty)]
    kind = _KINDS.get(row["kind"], row["kind"])
    kind_of(kind)
    cells = {name: row[name] for name in COLUMNS.needed}
    plan: PostPlan = convert({**cells, "kind": kind, "duties": duties}, PostPlan)
    return plan
