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


def of_category(category: Mapping[str, Any], version: str) -> OfCategory:
    """`version`: of the limits at the place of the report."""
    return OfCategory(
        priority=priority_of(category),
        personal_claim=category.get("personal", False),
        emergency="+" in version,
        limits_version=version,
    )


def priority_of(category: Mapping[str, Any]) -> Priority:
    """Returns the provisional priority of a report."""
    return Priority(category.get("priority", "P3"))


def stored_category(data: TenantData, code: str) -> Mapping[str, Any]:
    """As `category_of`, of what was accepted before: a category that is gone has no facts."""
    return in_force(data).categories.get(code, {})


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
