"""Base of the command handlers of the aggregates beside the case."""

from __future__ import annotations

from chassis.errors import NotFound
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal
from chassis.types import Answer
from chassis.usecases.records import named
from chassis.usecases.sealed_records import SealedRecords
from services.cases.case import views
from services.cases.case.model.case import Case
from vocabulary.rights import works_under


def require_case(data: TenantData, case: str, field: str = "case") -> None:
    """Raises `Invalid` if `field` names a case that does not exist, or that the caller does not see."""
    if case:
        named(data, Case, case, field)


def is_kept_from(data: TenantData, by: Principal, case: str) -> bool:
    """Returns whether the case is a complaint about the caller's own unit (回避); what is no case is none."""
    named = _case_of(data, case)
    return named is not None and works_under(by, named.about)


def shown_case(data: TenantData, by: Principal, case: str) -> Answer:
    """Returns what a record about a person shows of its case: `case`, and `merged_into` once that has a parent.

    A record keeps the id it was given, so that it follows its case out of a merge again. Both are empty if the
    caller may not connect the case with the person.
    """
    named = _case_of(data, case)
    if named is None or not views.may_connect(named, by):
        return {"case": "", "merged_into": ""}
    return {"case": case, "merged_into": named.merged_into}


def _case_of(data: TenantData, case: str) -> Case | None:
    """Returns the case that a record names, whether the caller sees it or not; None for none."""
    try:
        return data.get(Case, case) if case else None
    except NotFound:
        return None


class RecordCommands(SealedRecords):
    """Base of the use cases of the aggregates beside the case."""

    owner = "cases"
