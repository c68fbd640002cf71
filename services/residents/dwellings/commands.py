"""Commands and queries of dwellings."""

from __future__ import annotations

from functools import partial

from chassis.context import Call, Received
from chassis.entrypoints.consumer import handles
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import NotFound
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.security.principal import codes_of
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import in_key_order
from chassis.usecases.records import change, get, put, step_answer, to_answer
from chassis.usecases.service import Documents
from services.residents.api import dwellings as api
from services.residents.directory.lookups import estate_of, place_now, places_moved, require_home_place
from services.residents.dwellings.events import DwellingChanged
from services.residents.dwellings.keys import key_of_door
from services.residents.dwellings.model import Dwelling, RecordedElsewhere
from services.residents.households.model import ACTIVE, Household
from services.residents.placed import in_area
from services.residents.records import ResidentsUseCases
from services.residents.settling import settle
from vocabulary.access import require_in_area
from vocabulary.places import GridMerge, awaiting_places
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission

_LISTED = ("area", "estate", "building", "kind", "state")


class DwellingCommands(ResidentsUseCases):
    documents: Documents = (Dwelling,)

    @command
    def record_dwelling(self, call: Call, form: api.NewDwelling) -> Answer:
        """Records a dwelling; the same door of a place is the same dwelling."""
        data, by = self.data.of(call), call.principal
        require_in_area(by, Permission.KEEP_RESIDENTS, form.area)
        key = key_of_door(data, self.keys.of(call.tenant).blind, form.area, form.building, form.door)

        def act(dwelling: Dwelling) -> None:
            require_home_place(data, form.area)
            estate = estate_of(data, form.building, form.area) if form.building else ""
            door = self._seal(call, form.door, "dwelling.door")
            dwelling.record(by, estate=estate, building=form.building, door=door, kind=form.kind)

        try:
            return put(data, Dwelling.at(call.tenant, key, form.area), act, step_answer)
        except NotFound as unseen:
            raise RecordedElsewhere() from unseen

    @command
    def remove_dwelling(self, call: Call, dwelling: Id) -> Answer:
        data = self.data.of(call)

        def act(each: Dwelling) -> None:
            lived_in = data.count(Household, {"dwelling": dwelling, "state": ACTIVE})
            each.remove(call.principal, lived_in)

        return change(data, Dwelling, dwelling, act, step_answer)

    @query
    def get_dwelling(self, call: Call, dwelling: Id) -> Answer:
        """The dwelling with its households."""
        data = self.data.of(call)
        shown = get(data, Dwelling, dwelling)
        households = data.find(Household, {"dwelling": dwelling, "state": ACTIVE}, [("_id", 1)], ALL)
        rows = [to_answer(each, "head", "colour", "state") for each in households]
        return self._with_doors(call, [shown])[0] | {"households": rows}

    @query
    def list_dwellings(self, call: Call, form: api.ListDwellings) -> Listed[Answer]:
        """Dwellings of an area or building, by id."""
        where = in_area(call.principal, form.area or "")
        if form.building:
            where |= {"building": form.building}
        shown, following = in_key_order(self.data.of(call), Dwelling, where, form)
        return Listed(items=self._with_doors(call, shown), next=following)

    @handles("org.grid_merge.completed.v1")
    def follow_grids(self, event: Received) -> None:
        """The dwellings of merged grids lie in those that replaced them; after a crash the old grid finds the rest."""
        data = self.data.of(event)
        for old in places_moved(data, event.as_(GridMerge)):
            for row in data.rows(Dwelling, {"codes": codes_of(old)[-1]}, ["area"], limit=ALL):
                data.change(Dwelling, row["key"], partial(_follow_grid, data))

    @handles(DwellingChanged)
    def follow_grid_late(self, event: Received) -> None:
        """A dwelling that was recorded in a grid while that was merged lies in the one that replaced it."""
        data = self.data.of(event)
        settle(data, Dwelling, event.envelope.subject, partial(_follow_grid, data))

    def _with_doors(self, call: Call, dwellings: list[Dwelling]) -> list[Answer]:
        """Opens the doors that the caller may read; the read of all is audited as one."""
        readable = {
            each.key: {"dwelling.door": each.door}
            for each in dwellings
            if may(call.principal, Permission.OPEN_RESIDENT, Resource(area=each.area))
        }
        doors = self._open_all(call, readable)
        return [to_answer(each, *_LISTED) | doors.get(each.key, {"door": ""}) for each in dwellings]


def _follow_grid(data: TenantData, dwelling: Dwelling) -> None:
    with awaiting_places():
        now = place_now(data, dwelling.area)
    dwelling.follow(now)
