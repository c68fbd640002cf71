"""Posts from a spreadsheet: every row by itself, so that a broken one is reported and the rest goes on."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import msgspec
from eventlet import GreenPool

from chassis.access import Principal
from chassis.data import TenantData
from chassis.errors import Invalid, Problem
from chassis.ids import derived
from services.org.model.administration import must_administer
from services.org.model.post import KINDS, Post, PostPlan
from services.org.model.unit import Unit
from services.org.records import found, tier_at

MOST_BYTES = 1_000_000
MOST_ROWS = 2_000
_AT_ONCE = 32
COLUMNS = {"岗位类别": "kind", "岗位名称": "title", "单位": "unit", "区域": "area", "职责": "duties"}
NEEDED = ("kind", "title", "unit", "area")
_KINDS = {kind.zh: name for name, kind in KINDS.items()}


class Unreadable(Invalid):
    code = "post_import.unreadable"
    en = "This is not a CSV file with the columns kind, title, unit, area (and duties); save the sheet as CSV."
    zh = "文件不是含有“岗位类别、岗位名称、单位、区域(及职责)”列的 CSV 表格,请另存为 CSV 后重试。"


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was not taken: its line in the file (the header is 1), and why, in both languages."""

    line: int
    en: str
    zh: str
    fields: list[dict[str, str]] = []


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`known`: rows whose post was there already, so that the same file can be imported again."""

    opened: int
    known: int
    rejected: list[Rejected]


class PostImport:
    def __init__(self, data: TenantData, by: Principal) -> None:
        self._data = data
        self._by = by

    def run(self, file: bytes) -> Report:
        """Raises `Unreadable`, before anything is opened, for what is no such table at all."""
        # Rows side by side are committed together.
        outcomes = list(GreenPool(_AT_ONCE).starmap(self._take, list(rows(file))))
        rejected = [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
        return Report(opened=outcomes.count(True), known=outcomes.count(False), rejected=rejected)

    def _take(self, line: int, row: dict[str, str]) -> bool | Rejected:
        try:
            return self._open(row)
        except Problem as problem:
            fields = problem.data.get("fields", [])
            return Rejected(line=line, en=problem.text("en"), zh=problem.text("zh-CN"), fields=fields)

    def _open(self, row: dict[str, str]) -> bool:
        """False where the very post is there already: kind, unit, area and title make its id."""
        plan = _plan(row)
        must_administer(self._by, plan.area)
        tier, department = tier_at(self._data, plan.area), found(self._data, Unit, plan.unit)
        key = derived("post", plan.kind, plan.unit, plan.area, plan.title)
        return self._data.add(Post.open(self._by.tenant, key, plan, tier=tier, department=department))


def rows(file: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and cells (by English column names) of each row that is not blank.

    Spreadsheets in China save CSV as UTF-8 with a byte order mark, or as GB 18030.
    """
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = file.decode("gb18030", errors="replace")
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="", strict=True)
    try:
        names = [COLUMNS.get(name.strip(), name.strip()) for name in reader.fieldnames or ()]
        if not set(NEEDED) <= set(names):
            raise Unreadable(("file", "columns are missing"))
        reader.fieldnames = names
        for count, row in enumerate(reader):
            if count >= MOST_ROWS:
                raise Unreadable(("file", f"more than {MOST_ROWS} rows; import it in parts"))
            cells = {name: row[name].strip() for name in COLUMNS.values() if name in row}
            if any(cells.values()):
                yield reader.line_num, cells
    except csv.Error as error:
        raise Unreadable(("file", f"line {reader.line_num}: {error}")) from error


def _plan(row: dict[str, str]) -> PostPlan:
    missing = [(name, "missing") for name in NEEDED if not row[name]]
    if missing:
        raise Invalid(*missing)
    duties = [duty for duty in row.pop("duties", "").replace("\uff1b", ";").split(";") if duty]
    kind = _KINDS.get(row["kind"], row["kind"])
    try:
        return msgspec.convert({**row, "kind": kind, "duties": duties}, PostPlan)
    except msgspec.ValidationError as error:
        raise Invalid(("row", str(error))) from error
