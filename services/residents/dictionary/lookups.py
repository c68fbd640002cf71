"""Lookups in the field dictionary."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.persistence.tenant_data import ALL, TenantData
from services.residents.dictionary.model import Field


def fields_in(data: TenantData, codes: Iterable[str]) -> dict[str, Field]:
    """Returns those of the fields that the dictionary has, by code."""
    ids = [Field.identity(data.context.tenant, code) for code in codes]
    return {field.key: field for field in data.find(Field, {"_id": {"$in": ids}}, limit=ALL)}
