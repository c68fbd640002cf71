"""The use cases of grids, estates and buildings, and the way from a point to its place."""

from __future__ import annotations

from collections.abc import Sequence

from shapely.geometry import shape

from chassis.context import Call
from chassis.errors import Taken
from chassis.ids import derived, fresh
from chassis.messaging.rpc_server import command, query
from chassis.persistence import write_plan
from chassis.persistence.tenant_data import TenantData
from chassis.types import Answer, Id, Listed, Page
from chassis.usecases.pages import listed
from chassis.usecases.records import change, shown
from chassis.usecases.service import Documents, Part
from services.org.access import must_administer
from services.org.api.grids import (
    MAIN,
    BuildingPlan,
    EstatePlan,
    EstatePlans,
    GridPlan,
    GridPlans,
    GridRevision,
    InGrids,
    ListEstates,
    ListGrids,
    Locate,
    Located,
    LocatedPlace,
)
from services.org.api.types import Code, ImportReport
from services.org.bulk_import import Outcome, imported, take_rows
from services.org.divisions import geometry
from services.org.divisions.division import Division
from services.org.grids.estate import Building, Estate
from services.org.grids.grid import LEVELS, Grid
from services.org.grids.grid_merge import GridMerge
from services.org.lookups import place_of
from services.org.tenants.tenant import Tenant
from vocabulary.tiers import DIVISION_TIERS

# More polygons than ever share one square; a bound for the memory, not for the answer.
_MOST_CANDIDATES = 1000


class GridCommands(Part):
    documents: Documents = (Grid, Estate, Building, GridMerge)

    @command
    def open_grid(self, call: Call, plan: GridPlan) -> Answer:
        data = self.data.of(call)
        above = place_of(data, plan.above)
        opened: Answer = data.create(Grid, lambda _: _planned(call, data, plan, above), shown)
        return opened

    @command
    def import_grids(self, call: Call, form: GridPlans) -> ImportReport:
        """At most 500, a base grid before or beside its micro-grids; may be repeated. A line is a plan's place."""
        data = self.data.of(call)
        outcomes: list[Outcome] = []
        for level in reversed(LEVELS):
            chosen = [(line, plan) for line, plan in enumerate(form.plans, start=1) if plan.level == level]
            outcomes += take_rows(chosen, lambda plan: _take(call, data, plan))
        return imported(outcomes)

    @command
    def revise_grid(self, call: Call, grid: Code, form: GridRevision) -> Answer:
        data = self.data.of(call)
        must_administer(call.principal, data.get(Grid, grid).path)
        return change(data, Grid, grid, lambda found: found.revise(form.name, form.geometry))

    @query
    def get_grid(self, call: Call, grid: Code) -> Answer:
        return shown(self.data.of(call).get(Grid, grid))

    @query
    def list_grids(self, call: Call, form: ListGrids) -> Listed[Answer]:
        where = {"inventory": form.inventory, "level": form.level}
        if form.parent:
            where = {"parent": form.parent, "state": "active"}
        return listed(self.data.of(call), Grid, where, form.after, form.limit)

    @query
    def count_grids(self, call: Call) -> dict[str, dict[str, int]]:
        """Active grids by inventory and level: inventories are counted apart and never added up."""
        grouped = {"$group": {"_id": {"inventory": "$inventory", "level": "$level"}, "grids": {"$sum": 1}}}
        counts: dict[str, dict[str, int]] = {MAIN: {}}
        for row in self.data.of(call).aggregate(Grid, {"state": "active"}, [grouped]):
            counts.setdefault(row["_id"]["inventory"], {})[row["_id"]["level"]] = row["grids"]
        return counts

    @query
    def locate(self, call: Call, form: Locate) -> Located:
        """The grids of the inventory and the divisions that hold the point."""
        data = self.data.of(call)
        longitude, latitude = form.longitude, form.latitude
        squares = {"$in": geometry.squares_at(longitude, latitude)}
        grids = data.find(Grid, {"squares": squares, "inventory": form.inventory}, limit=_MOST_CANDIDATES)
        divisions = data.find(Division, {"squares": squares}, limit=_MOST_CANDIDATES)
        inner = [grid for grid in grids if geometry.holds(grid.geometry or {}, longitude, latitude)]
        outer = [division for division in divisions if geometry.holds(division.outline or {}, longitude, latitude)]
        found: list[Grid | Division] = [*sorted(inner, key=_size), *sorted(outer, key=_depth)]
        return Located(places=[_located(place) for place in found])

    @command
    def open_estate(self, call: Call, plan: EstatePlan) -> Answer:
        data = self.data.of(call)
        division = data.get(Division, plan.division)
        must_administer(call.principal, division.path)
        grids = _grids(data, plan.grids)
        opened: Answer = data.create(Estate, lambda key: Estate.open(call.tenant, key, plan, division, grids), shown)
        return opened

    @command
    def import_estates(self, call: Call, form: EstatePlans) -> ImportReport:
        """At most 500; with the same idempotency key it may be repeated. A line is a plan's place."""
        data = self.data.of(call)
        request = call.dedup_key or fresh()

        def take(numbered: tuple[int, EstatePlan]) -> bool:
            line, plan = numbered
            division = data.get(Division, plan.division)
            must_administer(call.principal, division.path)
            key = derived(request, Estate.__name__, str(line))
            if data.add(Estate.open(call.tenant, key, plan, division, _grids(data, plan.grids))):
                return True
            write_plan.require_same_request(data.get(Estate, key), call)
            return False

        return imported(take_rows([(line, (line, plan)) for line, plan in enumerate(form.plans, 1)], take))

    @command
    def open_building(self, call: Call, plan: BuildingPlan) -> Answer:
        data = self.data.of(call)
        estate = data.get(Estate, plan.estate)
        must_administer(call.principal, estate.path)
        grids = _grids(data, plan.grids)
        opened: Answer = data.create(Building, lambda key: Building.open(call.tenant, key, plan, estate, grids), shown)
        return opened

    @command
    def link_estate(self, call: Call, estate: Id, form: InGrids) -> Answer:
        """Sets the grids that the estate lies in."""
        return self._link(call, Estate, estate, form.grids)

    @command
    def link_building(self, call: Call, building: Id, form: InGrids) -> Answer:
        """Sets the grids that the building lies in."""
        return self._link(call, Building, building, form.grids)

    @query
    def list_estates(self, call: Call, form: ListEstates) -> Listed[Answer]:
        return listed(self.data.of(call), Estate, {"division": form.division}, form.after, form.limit)

    @query
    def list_buildings(self, call: Call, estate: Id, page: Page) -> Listed[Answer]:
        return listed(self.data.of(call), Building, {"estate": estate}, page.after, page.limit)

    def _link(self, call: Call, model: type[Estate] | type[Building], key: str, codes: list[str]) -> Answer:
        data = self.data.of(call)
        must_administer(call.principal, data.get(model, key).path)
        grids = _grids(data, codes)
        return change(data, model, key, lambda found: found.link(grids))


def _planned(call: Call, data: TenantData, plan: GridPlan, above: Division | Grid) -> Grid:
    must_administer(call.principal, above.path)
    if plan.inventory != MAIN:
        data.get(Tenant, call.tenant).require_inventory(plan.inventory)
    return Grid.open(call.tenant, plan, above)


def _take(call: Call, data: TenantData, plan: GridPlan) -> bool:
    """Opens it; False where it is there as planned; raises `Taken` where another grid has its code."""
    grid = _planned(call, data, plan, place_of(data, plan.above))
    if data.add(grid):
        return True
    there = data.get(Grid, plan.code)
    if (there.name, there.level, there.path) != (grid.name, grid.level, grid.path):
        raise Taken(key=plan.code)
    return False


def _grids(data: TenantData, codes: Sequence[str]) -> list[Grid]:
    return [data.get(Grid, code) for code in codes]


def _located(place: Grid | Division) -> LocatedPlace:
    return LocatedPlace(code=place.key, tier=place.tier, name=place.name, path=place.path)


def _size(grid: Grid) -> tuple[int, float, str]:
    """Neighbours share an edge: a point on it belongs to the smaller one, and always to the same."""
    return LEVELS.index(grid.level), shape(grid.geometry).area, grid.key


def _depth(division: Division) -> tuple[int, str]:
    return -DIVISION_TIERS.index(division.tier), division.key
