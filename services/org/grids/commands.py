"""Commands and queries of grids, estates and buildings, and the spatial lookup of a point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shapely.geometry import shape

from chassis.context import Call
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import Invalid, Taken, spoken_fault
from chassis.ids import derived, fresh
from chassis.persistence import write_plan
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import codes_of, path_of
from chassis.types import Answer, Id, Listed, Page
from chassis.usecases.pages import listed
from chassis.usecases.records import change, create, found, state_answer
from chassis.usecases.service import Documents, UseCases
from services.org.administrators import require_administrator, require_administrators_role
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
from services.org.api.types import Code, ImportReport, RowResult
from services.org.bulk_import import Outcome, import_rows, report_of
from services.org.divisions.model import geometry
from services.org.divisions.model.codes import is_national
from services.org.divisions.model.division import Division
from services.org.grids.model.estate import Building, Estate
from services.org.grids.model.grid import LEVELS, Grid
from services.org.grids.model.grid_merge import GridMerge
from services.org.lookups import administered, outline_around, outlines_inside, place_of, require_unused
from services.org.posts.model.unit import Unit
from services.org.spoken import Spoken
from services.org.tenants.model.tenant import Tenant
from vocabulary.tiers import DIVISION_TIERS

# More polygons than ever share a square: this bounds memory, not the result.
_MOST_CANDIDATES = 1000


class GridCommands(UseCases):
    """Commands and queries of grids, estates and buildings; lookup by point."""

    documents: Documents = (Grid, Estate, Building, GridMerge)

    @command
    def open_grid(self, call: Call, plan: GridPlan) -> Answer:
        require_administrators_role(call.principal)
        data = self.data.of(call)
        above = place_of(data, plan.above)
        return create(data, Grid, lambda _: _new_grid(call, data, plan, above))

    @command
    def import_grids(self, call: Call, form: GridPlans) -> ImportReport:
        """Imports up to 500 grids, base grids before or with their micro-grids; idempotent. `line`: index from 1."""
        require_administrators_role(call.principal)
        data = self.data.of(call)
        outcomes: list[Outcome] = []
        for level in reversed(LEVELS):
            chosen = [(line, plan) for line, plan in enumerate(form.plans, start=1) if plan.level == level]
            outcomes += import_rows(chosen, lambda plan: _import_grid(call, data, plan), Spoken(data))
        return report_of(outcomes)

    @command
    def revise_grid(self, call: Call, grid: Code, form: GridRevision) -> Answer:
        data = self.data.of(call)
        path = administered(data, call.principal, Grid, grid).path
        if form.geometry is None:
            return change(data, Grid, grid, lambda each: each.revise(form.name, None))
        around, inside = outline_around(data, path), outlines_inside(data, grid)
        return change(data, Grid, grid, lambda each: each.revise(form.name, form.geometry, around, inside))

    @query
    def get_grid(self, call: Call, grid: Code) -> Answer:
        return state_answer(self.data.of(call).get(Grid, grid))

    @query
    def list_grids(self, call: Call, form: ListGrids) -> Listed[Answer]:
        where = {"inventory": form.inventory, "level": form.level}
        if form.parent:
            where = {"parent": form.parent, "state": "active"}
        return listed(self.data.of(call), Grid, where, form.after, form.limit)

    @query
    def count_grids(self, call: Call) -> dict[str, dict[str, int]]:
        """Counts active grids by inventory and level; inventories are never added up."""
        group = {"$group": {"_id": {"inventory": "$inventory", "level": "$level"}, "grids": {"$sum": 1}}}
        counts: dict[str, dict[str, int]] = {MAIN: {}}
        for row in self.data.of(call).aggregate(Grid, {"state": "active"}, [group]):
            counts.setdefault(row["_id"]["inventory"], {})[row["_id"]["level"]] = row["grids"]
        return counts

    @query
    def locate(self, call: Call, form: Locate) -> Located:
        """Returns the grids of the inventory and the divisions that contain the point, smallest first."""
        data = self.data.of(call)
        squares = {"$in": geometry.squares_at(form.lon, form.lat)}
        grids = data.find(Grid, {"squares": squares, "inventory": form.inventory}, limit=_MOST_CANDIDATES)
        divisions = data.find(Division, {"squares": squares}, limit=_MOST_CANDIDATES)
        inside = [each for each in grids if geometry.contains_point(each.geometry or {}, form.lon, form.lat)]
        around = [each for each in divisions if geometry.contains_point(each.outline or {}, form.lon, form.lat)]
        places: list[Grid | Division] = [*sorted(inside, key=_size), *sorted(around, key=_depth)]
        return Located(places=[_located(place) for place in places])

    @command
    def open_estate(self, call: Call, plan: EstatePlan) -> Answer:
        data = self.data.of(call)
        division = administered(data, call.principal, Division, plan.division)
        grids = _grids(data, plan.grids)
        return create(data, Estate, lambda key: Estate.open(call.tenant, key, plan, division, grids))

    @command
    def import_estates(self, call: Call, form: EstatePlans) -> ImportReport:
        """Imports up to 500 estates; idempotent with the same idempotency key. `line`: index from 1."""
        require_administrators_role(call.principal)
        data = self.data.of(call)
        request = call.dedup_key or fresh()

        def import_estate(numbered_plan: tuple[int, EstatePlan]) -> RowResult:
            line, plan = numbered_plan
            division = administered(data, call.principal, Division, plan.division)
            key = derived(request, Estate.__name__, str(line))
            if data.add(Estate.open(call.tenant, key, plan, division, _grids(data, plan.grids))):
                return "made"
            write_plan.require_same_request(data.get(Estate, key), call)
            return "known"

        rows = [(line, (line, plan)) for line, plan in enumerate(form.plans, start=1)]
        return report_of(import_rows(rows, import_estate, Spoken(data)))

    @command
    def open_building(self, call: Call, plan: BuildingPlan) -> Answer:
        data = self.data.of(call)
        estate = administered(data, call.principal, Estate, plan.estate)
        grids = _grids(data, plan.grids)
        return create(data, Building, lambda key: Building.open(call.tenant, key, plan, estate, grids))

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
        administered(data, call.principal, model, key)
        grids = _grids(data, codes)
        return change(data, model, key, lambda each: each.link(grids))


def _new_grid(call: Call, data: TenantData, plan: GridPlan, above: Division | Grid) -> Grid:
    require_administrator(call.principal, above.path)
    if plan.inventory != MAIN:
        data.get(Tenant, call.tenant).require_inventory(plan.inventory)
    around = outline_around(data, above.path + path_of(plan.code)[1:]) if plan.geometry is not None else None
    grid = Grid.open(call.tenant, plan, above, around=around)
    if not is_national(codes_of(above.path)[0]):
        require_unused(data, plan.code, Division, Unit)
        _require_covered(data, plan, above)
    return grid


def _require_covered(data: TenantData, plan: GridPlan, above: Division | Grid) -> None:
    """Below a national root, the codes alone show that the grid covers places of its street."""
    for code in plan.covers:
        if not (division := found(data, Division, code)) or not division.path.startswith(above.path):
            told = "{code:place} does not lie in {above:place}", "{code:place}不在{above:place}内"
            raise Invalid(spoken_fault("covers", *told, code=code, above=above.key))


def _import_grid(call: Call, data: TenantData, plan: GridPlan) -> RowResult:
    """Opens the grid; it is known if it exists as planned. Raises `Taken` if another grid has its code."""
    grid = _new_grid(call, data, plan, place_of(data, plan.above))
    if data.add(grid):
        return "made"
    existing = data.get(Grid, plan.code)
    if _planned(existing) != _planned(grid):
        raise Taken(key=plan.code)
    return "known"


def _planned(grid: Grid) -> tuple[Any, ...]:
    return grid.name, grid.level, grid.path, list(grid.covers), grid.geometry or None


def _grids(data: TenantData, codes: Sequence[str]) -> list[Grid]:
    return [data.get(Grid, code) for code in codes]


def _located(place: Grid | Division) -> LocatedPlace:
    return LocatedPlace(code=place.key, tier=place.tier, name=place.name, path=place.path)


def _size(grid: Grid) -> tuple[int, float, str]:
    """Sort key, smallest first: a point on a shared edge always belongs to the same, smaller grid."""
    return LEVELS.index(grid.level), shape(grid.geometry).area, grid.key


def _depth(division: Division) -> tuple[int, str]:
    """Sort key, lowest tier first."""
    return -DIVISION_TIERS.index(division.tier), division.key
