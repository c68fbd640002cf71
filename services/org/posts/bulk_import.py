"""Bulk import of posts from a CSV file: a row that cannot be imported is reported, and the others are imported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from chassis.errors import Invalid
from chassis.ids import derived
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal
from chassis.types import RejectedRow
from chassis.usecases.records import found
from chassis.validation import convert
from services.org.administrators import require_administrator
from services.org.api.posts import PostPlan, PostReport
from services.org.bulk_import import import_rows
from services.org.lookups import tier_at
from services.org.posts.model.post import KINDS, Post, kind_of
from services.org.posts.model.unit import Unit

MOST_ROWS = 2_000
COLUMNS = {"岗位类别": "kind", "岗位名称": "title", "单位": "unit", "区域": "area", "职责": "duties"}
NEEDED = ("kind", "title", "unit", "area")
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
        outcomes = import_rows(list(read_rows(file)), self._open)
        rejected = [outcome for outcome in outcomes if isinstance(outcome, RejectedRow)]
        return PostReport(opened=outcomes.count(True), known=outcomes.count(False), rejected=rejected)

    def _open(self, row: dict[str, str]) -> bool:
        """Returns False if the post exists already: its id derives from kind, unit, area and title."""
        plan = _plan_of(row)
        require_administrator(self._by, plan.area)
        tier, department = tier_at(self._data, plan.area), found(self._data, Unit, plan.unit)
        key = derived("post", plan.kind, plan.unit, plan.area, plan.title)
        return self._data.add(Post.open(self._by.tenant, key, plan, tier=tier, department=department))


def read_rows(file: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Yields line number and cells (by English column name) of each row that is not blank. Raises `Unreadable`.

    Spreadsheets in China save CSV as UTF-8 with a byte order mark, or as GB 18030.
    """
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = file.decode("gb18030", errors="replace")
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="", strict=True)
    try:
        names = [COLUMNS.get(name.strip(), name.strip()) for name in reader.fieldnames or ()]
        if missing := [column for column, name in COLUMNS.items() if name in NEEDED and name not in names]:
            english = ", ".join(COLUMNS[column] for column in missing)
            raise Unreadable(("file", f"these columns are missing: {english}", f"缺少列：{'、'.join(missing)}"))
        reader.fieldnames = names
        for count, row in enumerate(reader):
            if count >= MOST_ROWS:
                raise Unreadable(
                    ("file", f"more than {MOST_ROWS} rows; split the file", f"超过 {MOST_ROWS} 行，请分批导入")
                )
            cells = {name: row[name].strip() for name in COLUMNS.values() if name in row}
            if any(cells.values()):
                yield reader.line_num, cells
    except csv.Error as error:
        line = reader.line_num
        # The reader refuses an unclosed quotation mark, text after a closed one, and a cell over 128 KB.
        raise Unreadable(("file", f"line {line}: {error}", f"第 {line} 行有误：引号未成对，或单元格过长")) from error


def _plan_of(row: dict[str, str]) -> PostPlan:
    missing = [(name, "missing", "缺少该项") for name in NEEDED if not row[name]]
    if missing:
        raise Invalid(*missing)
    duties = [duty for duty in row.pop("duties", "").replace("\uff1b", ";").split(";") if duty.strip()]
    kind = _KINDS.get(row["kind"], row["kind"])
    kind_of(kind)
    plan: PostPlan = convert({**row, "kind": kind, "duties": duties}, PostPlan)
    return plan
