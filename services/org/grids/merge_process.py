"""Process manager (saga) of a grid merge: each step is one event and one write. See `grid_merge`."""

from __future__ import annotations

from typing import Any

from chassis.context import Call, Received
from chassis.entrypoints.consumer import handles
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import Invalid, NotFound, Refused, Taken
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import listed
from chassis.usecases.records import change, create, state_answer
from chassis.usecases.service import UseCases
from services.org.api.grids import GridMergeProposal, ListGridMerges, MergeStep
from services.org.divisions.model.division import Division
from services.org.grids.events import GridChanged, GridMergeAdvanced
from services.org.grids.model.estate import Building, Estate
from services.org.grids.model.grid import Grid
from services.org.grids.model.grid_merge import GridMerge
from services.org.lookups import administered
from services.org.party.model import PartyOrganisation
from services.org.spoken import Spoken


class GridMergeCommands(UseCases):
    """Commands and queries of grid merges, and the event handlers that run their steps."""

    @command
    def plan_grid_merge(self, call: Call, form: GridMergeProposal) -> Answer:
        """Plans a merge; no grid changes before `start_grid_merge`."""
        data, plan = self.data.of(call), form.plan
        division = administered(data, call.principal, Division, form.area)
        communities = _by_code(data, Division, [target.community for target in plan.targets])
        old = _by_code(data, Grid, [code for target in plan.targets for code in target.grids])
        return create(
            data, GridMerge, lambda key: GridMerge.draw_up(call.tenant, key, plan, division.path, communities, old)
        )

    @command
    def start_grid_merge(self, call: Call, merge: Id) -> Answer:
        """Starts a planned merge or resumes a halted one."""
        data = self.data.of(call)
        administered(data, call.principal, GridMerge, merge)
        return change(data, GridMerge, merge, GridMerge.start)

    @query
    def get_grid_merge(self, call: Call, merge: Id) -> dict[str, Any]:
        """Returns the progress of a merge, and its map of old grids to new ones."""
        record = self.data.of(call).get(GridMerge, merge)
        return state_answer(record) | {"state": record.state, "grids": record.successors()}

    @query
    def list_grid_merges(self, call: Call, form: ListGridMerges) -> Listed[Answer]:
        return listed(self.data.of(call), GridMerge, {"state": form.state}, form.after, form.limit)

    @handles(GridMergeAdvanced)
    def on_grid_merge_advanced(self, event: Received) -> None:
        """Runs the next step of a running merge; a refused step halts it."""
        merge = event.as_(GridMergeAdvanced)
        step = merge.next
        if merge.state != "running" or step is None:
            return
        data = self.data.of(event)
        try:
            written = _open(data, merge.id, step) if step.action == "open" else _retire(data, merge.id, step)
        except (Invalid, NotFound, Refused) as refusal:
            reason = refusal.in_short(Spoken(data))["en"]
            data.change(GridMerge, merge.id, lambda each: each.halt(step.grid, reason))
            return
        if not written:
            # An earlier delivery wrote the grid, and its event may have arrived while the merge was halted.
            data.change(GridMerge, merge.id, lambda each: each.step_done(step.grid))

    @handles(GridChanged)
    def on_grid_changed(self, event: Received) -> None:
        """Moves what lay in a retired grid to its successor, and advances the merge that wrote the grid."""
        grid = event.as_(GridChanged)
        data = self.data.of(event)
        if grid.state == "retired":
            _move_contents(data, grid, data.get(Grid, grid.merged_into))
        if grid.merge:
            data.change(GridMerge, grid.merge, lambda merge: merge.step_done(grid.code))


def _by_code(data: TenantData, model: type[Any], codes: list[str]) -> dict[str, Any]:
    ids = [model.identity(data.context.tenant, code) for code in dict.fromkeys(codes)]
    return {each.key: each for each in data.find(model, {"_id": {"$in": ids}}, limit=len(ids))}


def _open(data: TenantData, merge: str, step: MergeStep) -> bool:
    """Opens the grid of the step; returns False if this merge has opened it already. Raises `Taken`."""
    plan = data.get(GridMerge, merge).plan_of(step.grid)
    if data.add(Grid.open(data.context.tenant, plan, data.get(Division, plan.above), merge)):
        return True
    if data.get(Grid, step.grid).merge != merge:
        raise Taken(key=step.grid)
    return False


def _retire(data: TenantData, merge: str, step: MergeStep) -> bool:
    """Retires the grid of the step; returns False if this merge has retired it already.

    Raises `HasMicroGrids`, `GridRetired`.
    """
    micro_grids = data.count(Grid, {"parent": step.grid, "state": "active"})
    return bool(data.change(Grid, step.grid, lambda grid: grid.retire(step.into, merge, micro_grids)))


def _move_contents(data: TenantData, old: GridChanged, new: Grid) -> None:
    for model in (Estate, Building):
        for row in data.rows(model, {"grids": old.code}, ["grids"], limit=ALL):
            data.change(model, row["key"], lambda place: place.follow(old.code, new.key))
    for row in data.rows(PartyOrganisation, {"path": old.path}, ["path"], limit=ALL):
        data.change(PartyOrganisation, row["key"], lambda organisation: organisation.follow(old.path, new.path))
