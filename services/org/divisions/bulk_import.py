"""The import of divisions: row by row, so that a broken one is reported and the rest goes on.

It may be repeated and resumed: a row that is there already changes nothing.
"""

from __future__ import annotations

from chassis.errors import Invalid
from chassis.persistence.tenant_data import TenantData
from services.org.api.divisions import DivisionRow
from services.org.api.types import ImportReport
from services.org.bulk_import import Outcome, import_rows, report_of
from services.org.divisions.division import Division
from services.org.tenants.tenant import Tenant
from vocabulary.tiers import DIVISION_TIERS


class DivisionImport:
    """One batch of rows for one tenant."""

    def __init__(self, data: TenantData, tenant: Tenant) -> None:
        self._data = data
        self._tenant = tenant
        self._known: dict[str, Division] = {}

    def run(self, rows: list[DivisionRow]) -> ImportReport:
        self._load(rows)
        outcomes: list[Outcome] = []
        # A row may name a parent of the same batch: so tier by tier, and within one side by side.
        for tier in [*DIVISION_TIERS, None]:
            chosen = [row for row in rows if (row.tier if row.tier in DIVISION_TIERS else None) == tier]
            outcomes += import_rows([(row.line, row) for row in chosen], self._take)
        return report_of(outcomes)

    def _load(self, rows: list[DivisionRow]) -> None:
        codes = {code for row in rows for code in (row.code, row.parent)}
        ids = [Division.identity(self._tenant.key, code) for code in sorted(codes)]
        found = self._data.find(Division, {"_id": {"$in": ids}}, limit=len(ids))
        self._known = {division.key: division for division in found}

    def _take(self, row: DivisionRow) -> bool:
        new = None if row.code in self._known else Division.open(self._tenant.key, row, self._parent_of(row))
        added = new is not None and self._data.add(new)
        changed = added or self._data.change(Division, row.code, lambda division: division.take(row))
        if new is not None:
            self._known[row.code] = new
        return bool(changed)

    def _parent_of(self, row: DivisionRow) -> Division | None:
        if row.code == self._tenant.root:
            return None
        if row.parent not in self._known:
            named = row.parent[:20]
            raise Invalid(
                (
                    "parent",
                    f"{named or 'nothing'} is no division of this tenant",
                    f"{named or '空值'} 不是本地的区划代码",
                )
            )
        return self._known[row.parent]
