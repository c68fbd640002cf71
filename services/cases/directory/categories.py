"""Categories of a tenant, and what a case gets from its category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from chassis.errors import Invalid, spoken_fault
from chassis.persistence.tenant_data import TenantData
from services.cases.api.states import Priority
from services.cases.directory.limit_versions import in_force


class OfCategory(TypedDict):
    """What a report gets from its category and from the limits in force."""

    priority: Priority
    personal_claim: bool
    emergency: bool
    limits_version: str


def of_category(data: TenantData, code: str, version: str) -> OfCategory:
    """`version`: of the limits at the place of the report. A category that is gone gives the defaults."""
    category = in_force(data).categories.get(code, {})
    return OfCategory(
        priority=Priority(category.get("priority", "P3")),
        personal_claim=category.get("personal", False),
        emergency="+" in version,
        limits_version=version,
    )


def category_of(data: TenantData, code: str, field: str = "category") -> Mapping[str, Any]:
    """Returns `{code, priority, on_site, personal, …}`. Raises `Invalid` if the tenant has no such category."""
    categories = in_force(data).categories
    if categories and code not in categories:
        raise Invalid(
            spoken_fault(
                field, "{code:verbatim} is not a category of this tenant", "本地未设类别{code:verbatim}", code=code
            )
        )
    return categories.get(code, {})


def selectable_category(data: TenantData, code: str, field: str = "category") -> Mapping[str, Any]:
    """As `category_of`, for a case that does not have the category yet. Raises `Invalid` also if it is retired."""
    category = category_of(data, code, field)
    if category.get("retired"):
        raise Invalid(
            spoken_fault(
                field,
                "{code:category} is retired; choose another category",
                "类别{code:category}已停用，请另选",
                code=code,
            )
        )
    return category
