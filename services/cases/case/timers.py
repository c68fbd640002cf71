"""Background work on cases: fires due timers, and moves open cases when grids are merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial

from chassis.context import Received
from chassis.entrypoints.consumer import every, handles
from chassis.errors import Unavailable
from chassis.persistence.tenant_data import TenantData
from chassis.usecases.service import UseCases
from services.cases.api.states import State
from services.cases.case.events import Objected, Reopened, Unmerged
from services.cases.case.model.case import Case
from services.cases.case.model.states import NOT_OVER
from services.cases.directory.limit_versions import limits_of_case
from services.cases.directory.lookups import place_now, places_moved
from services.cases.directory.merged_cases import is_open, merged_into
from vocabulary.places import SETTLED, GridMerge, awaiting_places

_SECONDS = 5
_PAGE = 100


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

        Looks once more when nobody can report into the old grids any longer; until then a replica may hold them valid.
        """
        data, merge = self.data.of(event), event.as_(GridMerge)
        moved = places_moved(data, merge)
        for grid in merge.grids:
            for key in _open_cases_in(data, grid.old):
                # The event changes a case once, so out of all its old grids.
                data.change(Case, key, partial(_relocate, moved=moved, now=event.now))
        if event.now < event.envelope.time + SETTLED:
            raise Unavailable(retry_after=1)

    @handles(Objected, Reopened, Unmerged)
    def follow_grids_late(self, event: Received) -> None:
        """Relocates a case that comes back, and what is merged into it, if a grid was merged while it was over."""
        data = self.data.of(event)
        case = data.get(Case, event.envelope.subject)
        for each in (case, *merged_into(data, case)):
            if moved := _moved(data, each):
                data.change(Case, each.key, partial(_relocate, moved=moved, now=event.now))


def _moved(data: TenantData, case: Case) -> dict[str, str]:
    """Returns the path today of each place of the case that was merged into another."""
    paths = {case.area, *case.spans, *([case.place.path] if case.place else [])}
    with awaiting_places():
        now = {path: place_now(data, path) for path in sorted(paths)}
    return {old: new for old, new in now.items() if new != old}


def _relocate(case: Case, moved: Mapping[str, str], now: datetime) -> None:
    if State(case.state) in NOT_OVER:
        for old, new in moved.items():
            case.relocate(old, new, now)


def _open_cases_in(data: TenantData, area: str) -> Iterator[str]:
    last = ""
    where = {"areas": area, "state": {"$in": sorted(NOT_OVER)}}
    fields = ["state", "merged_into"]
    while rows := data.rows(Case, where | {"_id": {"$gt": last}}, fields, [("_id", 1)], _PAGE):
        last = Case.identity(data.context.tenant, str(rows[-1]["key"]))
        yield from (str(row["key"]) for row in rows if is_open(data, row))
