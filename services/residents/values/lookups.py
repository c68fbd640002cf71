"""Lookups of values by the subjects that they are about."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.persistence.tenant_data import ALL, TenantData
from services.residents.values.model import SubjectValues, key_of


def stored_values(data: TenantData, about: str, subjects: Iterable[str]) -> list[SubjectValues]:
    """Returns the values of those of the subjects of which any are known, by key."""
    ids = [SubjectValues.identity(data.context.tenant, key_of(about, each)) for each in subjects]
    return data.find(SubjectValues, {"_id": {"$in": ids}}, [("_id", 1)], ALL)
