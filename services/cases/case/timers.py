"""Background work on cases: fires due timers, and moves open cases when grids are merged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

import msgspec

from chassis.context import Received
from chassis.entrypoints.consumer import every, handles
from chassis.errors import NotFound, Unavailable
from chassis.persistence.tenant_data import TenantData
from chassis.usecases.service import UseCases
from services.cases.case.model.case import Case
from services.cases.case.model.states import OPEN
from services.cases.directory.limit_versions import limits_of_case
from services.cases.directory.replicas import PlaceReplica

_SECONDS = 5
_PAGE = 100


class _GridMoved(msgspec.Struct):
    old: str
    path: str


class _GridMerge(msgspec.Struct):
    grids: list[_GridMoved] = []


class CaseTimers(UseCases):
    """Use cases: timers and grid merges."""

    @every(interval=_SECONDS)
    def fire_timers(self) -> None:
        """Runs in every replica of the service; the optimistic lock lets each timer take effect once."""
        self.data.each_tenant(self._fire)

    def _fire(self, data: TenantData) -> None:
        self.data.fire_due(data, Case, lambda case: case.tick(data.context.now, limits_of_case(data, case)))

    @handles("org.grid_merge.completed.v1")
    def follow_grids(self, event: Received) -> None:
        """Relocates the open cases of merged grids, page by page; after a crash the old grid finds the rest again.

        Raises `Unavailable`, so the event is retried, if a grid's own event has not arrived: its path is needed.
        """
        data = self.data.of(event)
        for moved in event.as_(_GridMerge).grids:
            try:
                old = data.get(PlaceReplica, moved.old).path
            except NotFound as missing:
                raise Unavailable(retry_after=1) from missing
            for key in _open_cases_in(data, moved.old):
                data.change(Case, key, partial(_relocate, old=old, new=moved.path, now=event.now))


def _relocate(case: Case, old: str, new: str, now: datetime) -> None:
    case.relocate(old, new, now)


def _open_cases_in(data: TenantData, area: str) -> Iterator[str]:
    last = ""
    where = {"areas": area, "state": {"$in": sorted(OPEN)}}
    while rows := data.rows(Case, where | {"_id": {"$gt": last}}, ["_id"], [("_id", 1)], _PAGE):
        keys = [str(row["key"]) for row in rows]
        yield from keys
        last = Case.identity(data.context.tenant, keys[-1])
