"""Lookup of the sealed names of residents."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.persistence.tenant_data import ALL, TenantData
from services.residents.people.model import Resident


def sealed_names(data: TenantData, residents: Iterable[str]) -> dict[str, dict[str, str]]:
    """Returns the name of each resident, as `_open_all` opens it."""
    ids = [Resident.identity(data.context.tenant, key) for key in set(residents)]
    rows = data.rows(Resident, {"_id": {"$in": ids}}, ["name"], limit=ALL)
    return {row["key"]: {"resident.name": row["name"]} for row in rows}
