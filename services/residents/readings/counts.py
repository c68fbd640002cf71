"""Gauge of alerts of unusual reading that wait for a supervisor."""

from __future__ import annotations

from prometheus_client import Gauge

from chassis.entrypoints.consumer import every
from chassis.persistence.tenant_data import TenantData
from chassis.usecases.service import UseCases
from chassis.usecases.tenant_gauges import TenantGauges
from services.residents.readings.model import WAITING, ReadingAlert

WHERE_WAITING = {"state": {"$in": list(WAITING)}}
_gauges = TenantGauges(
    Gauge("linli_open_reading_alerts", "Alerts of unusual reading that nobody has decided.", ["tenant"])
)


class ReadingAlertCounts(UseCases):
    """Use case: the timer that counts."""

    @every(interval=15)
    def count_reading_alerts(self) -> None:
        _gauges.refresh(self.data, "count_reading_alerts", _count)


def _count(data: TenantData) -> tuple[int]:
    return (data.count(ReadingAlert, WHERE_WAITING),)
