"""The tenant's settings of needs and visits, and the categories of cases, from the replica of its settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from chassis.errors import Invalid, NotFound, one_of
from chassis.persistence.tenant_data import TenantData
from services.residents.directory.replicas import TenantSettings
from vocabulary.care import Care, Visited

S = TypeVar("S", bound=msgspec.Struct)


def care_of(data: TenantData) -> Care:
    return section_of(data, "care", Care)


def require_listed(code: str, listed: Sequence[Visited], field: str) -> None:
    """Raises `Invalid` for a code that the tenant's list does not have."""
    codes = [each.code for each in listed]
    if code not in codes:
        raise Invalid(one_of(field, codes))


def require_category(data: TenantData, code: str, field: str) -> None:
    """Raises `Invalid` for a category that new cases cannot have; before the first event, every one may be right."""
    settings = settings_of(data)
    selectable = [each["code"] for each in settings.categories if not each.get("retired")] if settings else [code]
    if code not in selectable:
        raise Invalid((field, "choose a category of this tenant that is not retired", "请选择本地在用的案件类别"))


def section_of(data: TenantData, name: str, kind: type[S]) -> S:
    """Returns a section of the tenant's settings; the defaults before its first event, or of an org without it."""
    settings = settings_of(data)
    return msgspec.convert(dict(getattr(settings, name)) if settings else {}, kind)


def settings_of(data: TenantData) -> TenantSettings | None:
    """Returns the replica of the settings; None before the tenant's first event."""
    try:
        return data.get(TenantSettings, data.context.tenant)
    except NotFound:
        return None
