"""What the tenant's settings say about categories, read at each use: switching something off acts at once."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from chassis.moments import months_from
from chassis.persistence.tenant_data import TenantData
from services.residents.directory.replicas import TenantSettings

_MONTHS = 12


class Rules(NamedTuple):
    """`months`: the retention of an entry; `statute`: of statutory management, "" while it is switched off.

    `are_known`: the tenant's settings are here. Until then nothing may be destroyed by what they might say.
    """

    months: int
    statute: str
    are_known: bool

    def latest_end(self, now: datetime) -> datetime:
        return months_from(now, self.months)

    def kept_since(self, now: datetime) -> datetime:
        """Returns since when an entry must have been confirmed to be kept."""
        return months_from(now, -self.months)


def rules_of(data: TenantData) -> Rules:
    """Before the tenant's first event has arrived: the default retention, and no statutory management."""
    tenant = data.context.tenant
    rows = data.rows(TenantSettings, {"_id": f"{tenant}:{tenant}"}, ["features", "retention"], limit=1)
    settings = rows[0] if rows else {}
    features, retention = settings.get("features", {}), settings.get("retention", {})
    statute = features.get("managed_residents_statute", "") if features.get("managed_residents") else ""
    return Rules(retention.get("resident_category_months", _MONTHS), statute, are_known=bool(rows))
