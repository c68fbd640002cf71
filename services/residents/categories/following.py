"""Entries of either kind go where the person goes, whose record may be merged by now."""

from __future__ import annotations

from chassis.persistence.tenant_data import ALL, TenantData
from services.residents.categories.model.entry import Entry
from services.residents.people.model import Resident


def follow_resident(data: TenantData, model: type[Entry], resident: str) -> None:
    """Brings all entries to where this person lives now, or ends them."""
    for field in ("resident", "recorded_for"):
        for row in data.rows(model, {field: resident}, ["recorded_for"], limit=ALL):
            owner = _who_stays(data, row["recorded_for"])

            def follow(entry: Entry, owner: Resident = owner) -> None:
                entry.follow(owner)

            data.change(model, row["key"], follow)


def _who_stays(data: TenantData, resident: str) -> Resident:
    """Returns the resident; of a merged record, the one that stays.

    Records that were merged into each other at the same moment form a circle until somebody breaks it, on whose event
    the entries follow again.
    """
    found, seen = data.get(Resident, resident), {resident}
    while found.merged_into and found.merged_into not in seen:
        seen.add(found.merged_into)
        found = data.get(Resident, found.merged_into)
    return found
