"""Query of a household's sheet: all that is held about it, opened for a purpose."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import query
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.types import Answer, Id
from chassis.usecases.records import get, to_answer
from services.residents.api.people import Reading
from services.residents.directory.care import care_of
from services.residents.dwellings.model import Dwelling
from services.residents.households.model import Household
from services.residents.needs.model import Need
from services.residents.needs.queries import NeedQueries
from services.residents.people.model import Resident
from services.residents.visits.model import Visit
from services.residents.visits.queries import VisitQueries


class SheetQueries(NeedQueries, VisitQueries):
    @query
    def open_household_sheet(self, call: Call, household: Id, form: Reading) -> Answer:
        """All that is held about the household, to be shown to it; the reason stays in the audit log."""
        data = self.data.of(call)
        found = get(data, Household, household)
        members = data.find(Resident, {"household": household}, [("_id", 1)], ALL)
        ids = [each.key for each in members]
        self._note_opening(call, "household", [household, *ids], found.area, form)
        needs = data.find(Need, {"resident": {"$in": ids}}, [("_id", 1)], ALL)
        visits = data.find(Visit, {"household": household}, [("due", -1), ("_id", -1)], ALL)
        return to_answer(found, "area", "dwelling", "head", "state", "opened_at") | {
            "address": self._opened(call, data.get(Dwelling, found.dwelling).door, "dwelling.door"),
            "card": _card(data, found.colour),
            "members": [self._opened_resident(call, each) | {"history": self._history(call, each)} for each in members],
            "needs": [self._opened_need(call, each) for each in needs],
            "visits": [self._opened_visit(call, each) for each in visits],
        }


def _card(data: TenantData, colour: str) -> Answer:
    """Returns the colour with its names, which are empty for one that the settings have no more."""
    listed = next((each for each in care_of(data).colours if each.code == colour), None)
    return {"code": colour, "zh": listed.zh if listed else "", "en": listed.en if listed else ""}
