"""What cases do by themselves: their alarms ring, and open ones follow a grid that was merged."""

from __future__ import annotations

import logging

import msgspec

from chassis.bus import every, handles
from chassis.context import Received
from chassis.data import DataSource
from chassis.errors import NotFound, Problem
from services.cases.copies import PlaceCopy
from services.cases.model.case import Case
from services.cases.model.states import OPEN
from services.cases.terms import terms_of

log = logging.getLogger(__name__)
_SECONDS = 5
_PAGE = 100


class _GridMoved(msgspec.Struct):
    old: str
    path: str


class _GridMerge(msgspec.Struct):
    grids: list[_GridMoved] = []


class ByItself:
    """Part of the service."""

    data: DataSource

    @every(interval=_SECONDS)
    def ring_alarms(self) -> None:
        """In every replica: the conditional write lets each alarm act once, whoever comes first."""
        for tenant in self.data.tenants():
            data = self.data.by_itself(tenant)
            for key in data.due(Case):
                try:
                    data.change(Case, key, lambda case: case.tick(data.context.now, terms_of(data, case)))  # noqa: B023
                except Problem as problem:
                    # The others must not wait for the one that cannot be written now.
                    log.warning("the alarms of case %s did not ring: %s", key, problem.code)

    @handles("org.grid_merge.completed.v1")
    def follow_grids(self, event: Received) -> None:
        """A page at a time until none is left; after a crash the rest is found again by the old grid."""
        data = self.data.of(event)
        for moved in event.as_(_GridMerge).grids:
            try:
                old = data.get(PlaceCopy, moved.old)
            except NotFound:
                continue
            where = {"areas": moved.old, "state": {"$in": sorted(OPEN)}}
            while rows := data.rows(Case, where, ["state"], limit=_PAGE):
                for row in rows:
                    data.change(Case, row["key"], lambda case: case.relocate(old.path, moved.path, event.now))  # noqa: B023
