"""Gauges of open and overdue cases."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import Gauge

from chassis.entrypoints.consumer import every
from chassis.persistence.tenant_data import TenantData, Where
from chassis.usecases.service import UseCases
from chassis.usecases.tenant_gauges import TenantGauges
from services.cases.case.model.case import Case
from services.cases.case.model.states import OPEN, UNRESOLVED

_SECONDS = 15

_gauges = TenantGauges(
    Gauge("linli_open_cases", "Cases that are not closed, as the last count found.", ["tenant"]),
    Gauge("linli_overdue_cases", "Of these, not resolved though their due moment has passed.", ["tenant"]),
)


class CaseCounts(UseCases):
    """Use case: the timer that counts."""

    @every(interval=_SECONDS)
    def count_cases(self) -> None:
        _gauges.refresh(self.data, "count_cases", _count)


def _count(data: TenantData) -> tuple[int, int]:
    return data.count(Case, WHERE_OPEN), data.count(Case, where_overdue(data.context.now))


#: Served by the index of states, so that no closed case is read.
WHERE_OPEN: Where = {"state": {"$in": sorted(OPEN)}}


def where_overdue(now: datetime) -> Where:
    # Whatever is due was reported, and the index of states has that moment too: else another one seems to fit better.
    return {"state": {"$in": sorted(UNRESOLVED)}, "reported_at": {"$lt": now}, "due": {"$lt": now}}
