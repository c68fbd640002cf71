"""Background work of the service: grid merges and timers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from chassis.errors import NotFound, Unavailable
from chassis.persistence.data_source import DataSource
from services.cases.analytics.projection import FactsProjection
from services.cases.case.timers import CaseTimers
from services.cases.evidence.commands import EvidenceCommands


class NoReplicaYet:
    """Stub: a tenant's data before the grid's event has arrived."""

    def of(self, event: Any) -> NoReplicaYet:
        return self

    def get(self, model: type[Any], key: str) -> Any:
        raise NotFound()


@pytest.mark.domain("多网合一 (名山)")
def test_a_grid_merge_that_arrives_before_its_grids_is_retried() -> None:
    merge = {"grids": [{"old": "150302011001001", "path": "/1503/150302/150302011/150302011001/150302011001002/"}]}
    event = SimpleNamespace(as_=lambda kind: msgspec.convert(merge, kind))
    service = CaseTimers()
    service.data = NoReplicaYet()  # type: ignore[assignment]
    with pytest.raises(Unavailable):
        service.follow_grids(event)  # type: ignore[arg-type]


class City:
    """Stub: a tenant's data, either available with nothing to do or unavailable."""

    def __init__(self, tenant: str) -> None:
        self.context, self.asked = SimpleNamespace(tenant=tenant), 0

    def due(self, model: type[Any], **keys: Any) -> list[str]:
        if self.context.tenant == "away":
            raise Unavailable(retry_after=1)
        self.asked += 1
        return []

    def rows(self, model: type[Any], *query: Any, **more: Any) -> list[Any]:
        return self.due(model)

    def set_unchanged(self, *fields: Any) -> None:
        """No facts are stale, so nothing is written."""


class Cities(DataSource):
    def __init__(self) -> None:
        self.cities = {tenant: City(tenant) for tenant in ("away", "wuhai")}

    def tenants(self) -> list[str]:
        return list(self.cities)

    def as_system(self, tenant: str) -> Any:
        return self.cities[tenant]


@pytest.mark.parametrize(
    ("part", "timer"), [(CaseTimers, "fire_timers"), (FactsProjection, "add_up"), (EvidenceCommands, "sweep_photos")]
)
def test_a_city_without_its_database_does_not_stop_the_timers_of_others(part: type[Any], timer: str) -> None:
    service, cities = part(), Cities()
    service.data, service.blobs = cities, None
    getattr(service, timer)()
    assert cities.cities["wuhai"].asked >= 1
