"""Commands and queries of dwellings."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import command, query
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import in_key_order
from chassis.usecases.records import change, create, get, step_answer, to_answer
from chassis.usecases.service import Documents
from services.residents.api import dwellings as api
from services.residents.directory.lookups import estate_of, require_place
from services.residents.dwellings.keys import key_of_door
from services.residents.dwellings.model import Dwelling
from services.residents.households.model import ACTIVE, Household
from services.residents.placed import in_area
from services.residents.records import ResidentsUseCases
from vocabulary.access import require_in_area
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission

_LISTED = ("area", "estate", "building", "kind", "state")


class DwellingCommands(ResidentsUseCases):
    documents: Documents = (Dwelling,)

    @command
    def record_dwelling(self, call: Call, form: api.NewDwelling) -> Answer:
        """Records a dwelling; the same door of a place is the same dwelling."""
        data, sealer = self.data.of(call), self.keys.of(call.tenant)
        require_in_area(call.principal, Permission.KEEP_RESIDENTS, form.area)
        require_place(data, form.area, "area")
        estate = estate_of(data, form.building, form.area) if form.building else ""
        key = key_of_door(sealer.blind, form.building or form.area, form.door)

        def build(_: str) -> Dwelling:
            return Dwelling.record(
                call.principal, key, area=form.area, estate=estate, building=form.building,
                door=self._seal(call, form.door, "dwelling.door"), kind=form.kind,
            )  # fmt: skip

        return create(data, Dwelling, build, step_answer)

    @command
    def remove_dwelling(self, call: Call, dwelling: Id) -> Answer:
        data = self.data.of(call)

        def act(found: Dwelling) -> None:
            lived_in = data.count(Household, {"dwelling": dwelling, "state": ACTIVE})
            found.remove(call.principal, lived_in)

        return change(data, Dwelling, dwelling, act, step_answer)

    @query
    def get_dwelling(self, call: Call, dwelling: Id) -> Answer:
        """The dwelling with its households."""
        data = self.data.of(call)
        found = get(data, Dwelling, dwelling)
        households = data.find(Household, {"dwelling": dwelling, "state": ACTIVE}, [("_id", 1)])
        shown = [to_answer(each, "head", "colour", "state") for each in households]
        return self._with_doors(call, [found])[0] | {"households": shown}

    @query
    def list_dwellings(self, call: Call, form: api.ListDwellings) -> Listed[Answer]:
        """Dwellings of an area or building, by id."""
        where = in_area(call.principal, form.area or "")
        if form.building:
            where |= {"building": form.building}
        found, following = in_key_order(self.data.of(call), Dwelling, where, form)
        return Listed(items=self._with_doors(call, found), next=following)

    def _with_doors(self, call: Call, dwellings: list[Dwelling]) -> list[Answer]:
        """Opens the doors that the caller may read; the read of all is audited as one."""
        readable = {
            each.key: {"dwelling.door": each.door}
            for each in dwellings
            if may(call.principal, Permission.OPEN_RESIDENT, Resource(area=each.area))
        }
        doors = self._open_all(call, readable)
        return [to_answer(each, *_LISTED) | doors.get(each.key, {"door": ""}) for each in dwellings]
