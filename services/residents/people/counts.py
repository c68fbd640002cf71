"""Gauge of registered residents."""

from __future__ import annotations

from prometheus_client import Gauge

from chassis.entrypoints.consumer import every
from chassis.persistence.tenant_data import TenantData
from chassis.usecases.service import UseCases
from chassis.usecases.tenant_gauges import TenantGauges
from services.residents.directory.lookups import lowest_divisions
from services.residents.people.model import Resident

_gauges = TenantGauges(Gauge("linli_residents", "Residents who live here, as the last count found.", ["tenant"]))


class ResidentCounts(UseCases):
    """Use case: the timer that counts."""

    @every(interval=15)
    def count_residents(self) -> None:
        _gauges.refresh(self.data, "count_residents", _count)


def _count(data: TenantData) -> tuple[int]:
    """Counts by community, which the index of lists serves: a whole city in one question may take too long."""
    return (sum(data.count(Resident, where_living_in(code)) for code in lowest_divisions(data)),)


def where_living_in(code: str) -> dict[str, str]:
    return {"listed": code}
