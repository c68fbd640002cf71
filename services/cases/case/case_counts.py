"""Gauges of open and overdue cases, counted once in a while and not when somebody reads the metrics.

One replica of the service counts; the others have no such series. If it ends, another one counts within a minute.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from prometheus_client import Gauge

from chassis.entrypoints.consumer import every
from chassis.persistence.tenant_data import TenantData, Where
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
        if self.data.leads("count_cases"):
            self.data.each_tenant(_count)
        else:
            _known.clear()
        show(_known)


def _count(data: TenantData) -> None:
    overdue = where_overdue(data.context.now)
    _known[data.context.tenant] = Counts(data.count(Case, WHERE_OPEN), data.count(Case, overdue))


#: Served by the index of states, so that no closed case is read.
WHERE_OPEN: Where = {"state": {"$in": sorted(OPEN)}}


def where_overdue(now: datetime) -> Where:
    # Whatever is due was reported, and the index of states has that moment too: else another one seems to fit better.
    return {"state": {"$in": sorted(UNRESOLVED)}, "reported_at": {"$lt": now}, "due": {"$lt": now}}


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
