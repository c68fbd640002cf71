"""Bulk import of divisions: a row that cannot be imported is reported, and the others are imported.

The import is idempotent, so it can be repeated and resumed: a row that exists already changes nothing.
"""

from __future__ import annotations

from chassis.errors import Invalid, spoken_fault
from chassis.persistence.tenant_data import TenantData
from services.org.api.divisions import DivisionRow
from services.org.api.types import ImportReport, RowResult
from services.org.bulk_import import Outcome, import_rows, report_of
from services.org.divisions.model.codes import is_national
from services.org.divisions.model.division import Division
from services.org.grids.model.grid import Grid
from services.org.lookups import require_unused
from services.org.posts.model.unit import Unit
from services.org.spoken import Spoken
from services.org.tenants.model.tenant import Tenant
from vocabulary.tiers import DIVISION_TIERS


class DivisionImport:
    """One batch of rows for one tenant."""

    def __init__(self, data: TenantData, tenant: Tenant) -> None:
        self._data = data
        self._tenant = tenant
        self._divisions: dict[str, Division] = {}
        self._firsts: dict[str, DivisionRow] = {}

    def run(self, rows: list[DivisionRow]) -> ImportReport:
        self._load(rows)
        for row in rows:
            self._firsts.setdefault(row.code, row)
        outcomes: list[Outcome] = []
        words = Spoken(self._data)
        # A row may name a parent of the same batch, so tiers run in turn, and only the rows of a tier concurrently.
        for tier in [*DIVISION_TIERS, None]:
            chosen = [
                row for row in self._firsts.values() if (row.tier if row.tier in DIVISION_TIERS else None) == tier
            ]
            outcomes += import_rows([(row.line, row) for row in chosen], self._import_row, words)
        repeated = [row for row in rows if row is not self._firsts[row.code]]
        outcomes += import_rows([(row.line, row) for row in repeated], self._repeat_row, words)
        return report_of(outcomes)

    def _load(self, rows: list[DivisionRow]) -> None:
        codes = {code for row in rows for code in (row.code, row.parent)}
        ids = [Division.identity(self._tenant.key, code) for code in sorted(codes)]
        existing = self._data.find(Division, {"_id": {"$in": ids}}, limit=len(ids))
        self._divisions = {division.key: division for division in existing}

    def _import_row(self, row: DivisionRow) -> RowResult:
        if row.code not in self._divisions:
            new = self._opened(row)
            added = self._data.add(new)
            self._divisions[row.code] = new
            if added:
                return "made"
        changed = self._data.change(Division, row.code, lambda division: division.apply_import(row))
        return "changed" if changed else "known"

    def _repeat_row(self, row: DivisionRow) -> RowResult:
        """Refuses a second row of a code that says otherwise: both cannot hold, and the first is written already."""
        first = self._firsts[row.code]
        if (row.parent, row.tier, row.name) == (first.parent, first.tier, first.name):
            self._import_row(row)  # refused as the first one was
            return "known"
        line = first.line
        raise Invalid(
            ("code", f"line {line} has this code too, with different content", f"第 {line} 行代码相同而内容不同")
        )

    def _opened(self, row: DivisionRow) -> Division:
        division = Division.open(self._tenant.key, row, self._parent_of(row))
        if not is_national(self._tenant.root):
            require_unused(self._data, row.code, Grid, Unit)
        return division

    def _parent_of(self, row: DivisionRow) -> Division | None:
        if row.code == self._tenant.root:
            return None
        if row.parent not in self._divisions:
            told = "{code:verbatim} is not a division of this tenant", "{code:verbatim}不是本地的区划代码"
            raise Invalid(spoken_fault("parent", *told, code=row.parent[:20]))
        return self._divisions[row.parent]
