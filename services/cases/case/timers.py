"""What cases do by themselves: their alarms ring, and open ones follow a grid that was merged."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from functools import partial

import msgspec

from chassis.context import Received
from chassis.errors import NotFound, Problem, Unavailable
from chassis.messaging.consumer import every, handles
from chassis.persistence.tenant_data import DataSource, TenantData
from services.cases.case.model.case import Case
from services.cases.case.model.states import OPEN
from services.cases.directory.limit_versions import limits_of_case
from services.cases.directory.replicas import PlaceReplica

log = logging.getLogger(__name__)
_SECONDS = 5
_PAGE = 100


class _GridMoved(msgspec.Struct):
    old: str
    path: str


class _GridMerge(msgspec.Struct):
    grids: list[_GridMoved] = []


class CaseTimers:
    """Part of the service."""

    data: DataSource

    @every(interval=_SECONDS)
    def fire_timers(self) -> None:
        """In every replica: the conditional write lets each alarm act once, whoever comes first."""
        self.data.each_tenant(self._fire_all)

    def _fire_all(self, data: TenantData) -> None:
        while self._fire_page(data) == _PAGE:
            pass

    def _fire_page(self, data: TenantData) -> int:
        """Rings for one page of cases; answers how many rang."""
        fired = 0
        for key in data.due(Case, _PAGE):
            try:
                data.change(Case, key, lambda case: case.tick(data.context.now, limits_of_case(data, case)))
                fired += 1
            except Problem as problem:
                # The others must not wait for the one that cannot be written now.
                log.warning("the alarms of case %s did not ring: %s", key, problem.code)
        return fired

    @handles("org.grid_merge.completed.v1")
    def follow_grids(self, event: Received) -> None:
        """A page at a time, by the id; after a crash the rest is found again by the old grid.

        A grid whose own event is still on its way is waited for: without its path its cases would stay behind.
        """
        data = self.data.of(event)
        for moved in event.as_(_GridMerge).grids:
            try:
                old = data.get(PlaceReplica, moved.old).path
            except NotFound as late:
                raise Unavailable(retry_after=1) from late
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
