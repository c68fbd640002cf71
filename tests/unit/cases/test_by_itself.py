"""What cases do by themselves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from chassis.errors import NotFound, Unavailable
from chassis.persistence.tenant_data import DataSource
from services.cases.analytics.projection import FactsProjection
from services.cases.case.timers import CaseTimers
from services.cases.evidence.commands import EvidenceCommands


class NoCopyYet:
    """A tenant's data to which the event of the grid has not come."""

    def of(self, event: Any) -> NoCopyYet:
        return self

    def get(self, model: type[Any], key: str) -> Any:
        raise NotFound()


@pytest.mark.domain("多网合一 (名山)")
def test_a_grid_merge_that_comes_before_its_grids_is_tried_again() -> None:
    told = {"grids": [{"old": "150302011001001", "path": "/1503/150302/150302011/150302011001/150302011001002/"}]}
    event = SimpleNamespace(as_=lambda kind: msgspec.convert(told, kind))
    as_system = CaseTimers()
    as_system.data = NoCopyYet()  # type: ignore[assignment]
    with pytest.raises(Unavailable):
        as_system.follow_grids(event)  # type: ignore[arg-type]


class City:
    """A tenant's data that is there, with nothing to do, or away."""

    def __init__(self, tenant: str) -> None:
        self.context, self.asked = SimpleNamespace(tenant=tenant), 0

    def due(self, model: type[Any], limit: int = 0) -> list[str]:
        if self.context.tenant == "away":
            raise Unavailable(retry_after=1)
        self.asked += 1
        return []

    def rows(self, model: type[Any], *query: Any, **more: Any) -> list[Any]:
        return self.due(model)

    def set_unchanged(self, *fields: Any) -> None:
        """Nothing is stale."""


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
def test_a_city_whose_data_is_away_does_not_stop_the_timers_of_the_others(part: type[Any], timer: str) -> None:
    service, cities = part(), Cities()
    service.data, service.blobs = cities, None
    getattr(service, timer)()
    assert cities.cities["wuhai"].asked >= 1
