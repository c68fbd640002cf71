"""Lookups of merged cases: the parent of a case, and the cases that were merged into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.persistence.tenant_data import TenantData
from services.cases.case.model.case import Case
from services.cases.case.model.states import OPEN


def parent_of(data: TenantData, case: Case) -> Case | None:
    return data.get(Case, case.merged_into) if case.merged_into else None


def merged_into(data: TenantData, case: Case) -> list[Case]:
    """Returns the cases that were merged into this one."""
    keys = [Case.identity(data.context.tenant, child.case) for child in case.merged_children()]
    return data.find(Case, {"_id": {"$in": keys}}, [("_id", 1)], len(keys)) if keys else []


def id_of_parent(data: TenantData, case: str) -> str:
    """Returns the id of the parent of a case, which the caller may not see; "" if it has none."""
    rows = data.rows(Case, {"_id": Case.identity(data.context.tenant, case)}, ["merged_into"], limit=1)
    return next((str(row.get("merged_into") or "") for row in rows), "")


def is_open(data: TenantData, row: Mapping[str, Any]) -> bool:
    """Returns whether a matter is open; that of a merged case is while its parent is. `row`: of a case."""
    if parent := row.get("merged_into"):
        return data.get(Case, parent).state in OPEN
    return row["state"] in OPEN
