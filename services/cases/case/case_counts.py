"""Gauges of open and overdue cases, counted once in a while and not when somebody reads the metrics.

Every replica counts the same cases: take the maximum over them, not the sum.
"""

from __future__ import annotations

from typing import NamedTuple

from prometheus_client import Gauge

from chassis.entrypoints.consumer import every
from chassis.persistence.tenant_data import TenantData
from chassis.usecases.service import UseCases
from services.cases.case.model.case import Case
from services.cases.case.model.states import OPEN, UNRESOLVED

#: Tenants with a label of their own, the first by name: series must not grow with the number of tenants.
MOST_TENANTS = 100
#: The label of all others together; no tenant's name begins like this.
OTHERS = "_others"
_SECONDS = 15

open_cases = Gauge("linli_open_cases", "Cases that are not closed, as the last count found.", ["tenant"])
overdue_cases = Gauge("linli_overdue_cases", "Of these, not resolved though their due moment has passed.", ["tenant"])


class Counts(NamedTuple):
    open: int
    overdue: int


class CaseCounts(UseCases):
    """Use case: the timer that counts."""

    @every(interval=_SECONDS)
    def count_cases(self) -> None:
        self.data.each_tenant(_count)
        show(_known)


def _count(data: TenantData) -> None:
    now = data.context.now
    _known[data.context.tenant] = Counts(
        data.count(Case, {"state": {"$in": sorted(OPEN)}}),
        data.count(Case, {"state": {"$in": sorted(UNRESOLVED)}, "due": {"$lt": now}}),
    )


def show(counts: dict[str, Counts]) -> None:
    """Sets the gauges. What a tenant out of reach had at last stays."""
    named = sorted(counts)[:MOST_TENANTS]
    rest = [each for tenant, each in counts.items() if tenant not in named]
    shown = {tenant: counts[tenant] for tenant in named}
    if rest:
        shown[OTHERS] = Counts(sum(each.open for each in rest), sum(each.overdue for each in rest))
    open_cases.clear()
    overdue_cases.clear()
    for tenant, each in shown.items():
        open_cases.labels(tenant).set(each.open)
        overdue_cases.labels(tenant).set(each.overdue)


_known: dict[str, Counts] = {}
