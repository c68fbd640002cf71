"""Lookups of representatives: who acts for a person now."""

from __future__ import annotations

from chassis.persistence.tenant_data import ALL, TenantData
from services.residents.people.merges import records_of
from services.residents.people.model import MERGED, Resident
from services.residents.representatives.model import Representative


def representatives_of(data: TenantData, resident: Resident) -> list[Representative]:
    """Returns all that were registered for the record or one that was merged into it, also those who act no more."""
    where = {"resident": {"$in": records_of(data, resident.key)}}
    return data.find(Representative, where, [("_id", 1)], ALL) if resident.state != MERGED else []


def acting_for(data: TenantData, resident: Resident, subject: str) -> Representative | None:
    """Returns the representation by which this sign-in acts for the person now."""
    found = representatives_of(data, resident)
    acting = (each for each in found if each.subject == subject and each.acts_for(resident, data.context.now))
    return next(acting, None)
