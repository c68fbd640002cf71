"""Entries of either kind go where the person goes, whose record may be merged by now."""

from __future__ import annotations

from chassis.persistence.tenant_data import ALL, TenantData
from services.residents.categories.model.entry import Entry
from services.residents.people.merges import records_of, who_stays
from services.residents.people.model import Resident


def follow_resident(data: TenantData, model: type[Entry], resident: str) -> None:
    """Brings all entries to where this person lives now, or ends them."""
    whose = records_of(data, resident)
    for row in data.rows(model, {"recorded_for": {"$in": whose}}, ["recorded_for"], limit=ALL):
        owner = who_stays(data, row["recorded_for"])

        def follow(entry: Entry, owner: Resident = owner) -> None:
            entry.follow(owner)

        data.change(model, row["key"], follow)
