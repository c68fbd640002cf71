"""Commands and queries of households."""

from __future__ import annotations

from functools import partial

from chassis.context import Call, Received
from chassis.entrypoints.consumer import handles
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import Invalid
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import in_key_order
from chassis.usecases.records import change, create, get, named, step_answer, to_answer
from chassis.usecases.service import Documents
from services.residents.api import households as api
from services.residents.dwellings.events import DwellingChanged
from services.residents.dwellings.model import Dwelling
from services.residents.households.events import HouseholdChanged
from services.residents.households.model import ACTIVE, Household
from services.residents.people.model import Resident, home_of, members_of
from services.residents.people.queries import PeopleQueries
from services.residents.placed import in_area
from services.residents.settling import settle
from vocabulary.access import require_in_area
from vocabulary.roles import Permission

_LISTED = ("area", "dwelling", "head", "colour", "state")


class HouseholdCommands(PeopleQueries):
    documents: Documents = (Household,)

    @command
    def open_household(self, call: Call, form: api.NewHousehold) -> Answer:
        data = self.data.of(call)

        def build(key: str) -> Household:
            dwelling = named(data, Dwelling, form.dwelling, "dwelling")
            return Household.open(call.principal, key, dwelling, call.now)

        return create(data, Household, build, step_answer)

    @command
    def move_household(self, call: Call, household: Id, form: api.Move) -> Answer:
        """All members move with it."""
        data = self.data.of(call)

        def act(found: Household) -> None:
            require_in_area(call.principal, Permission.KEEP_RESIDENTS, found.area)
            found.move(call.principal, named(data, Dwelling, form.dwelling, "dwelling"))

        return change(data, Household, household, act, step_answer)

    @command
    def split_household(self, call: Call, household: Id, form: api.SplitOff) -> Answer:
        """Some members become a household of their own. Returns the new one; they follow within moments."""
        data = self.data.of(call)

        def build(key: str) -> Household:
            old = get(data, Household, household)
            require_in_area(call.principal, Permission.KEEP_RESIDENTS, old.area)
            dwelling = named(data, Dwelling, form.dwelling or old.dwelling, "dwelling")
            for resident in form.residents:
                if home_of(named(data, Resident, resident, "residents")) != household:
                    raise Invalid(("residents", "somebody does not belong to this household", "其中有人不属于此户"))
            return Household.split(call.principal, key, old, dwelling, list(form.residents), call.now)

        return create(data, Household, build, step_answer)

    @command
    def name_head(self, call: Call, household: Id, form: api.NewHead) -> Answer:
        data = self.data.of(call)

        def act(found: Household) -> None:
            require_in_area(call.principal, Permission.KEEP_RESIDENTS, found.area)
            resident = named(data, Resident, form.resident, "resident")
            found.name_head(call.principal, resident.key, home_of(resident))

        return change(data, Household, household, act, step_answer)

    @command
    def dissolve_household(self, call: Call, household: Id) -> Answer:
        data = self.data.of(call)

        def act(found: Household) -> None:
            found.dissolve(call.principal, data.count(Resident, members_of(household)))

        return change(data, Household, household, act, step_answer)

    @query
    def get_household(self, call: Call, household: Id) -> Answer:
        """The household with its members, masked."""
        data = self.data.of(call)
        found = get(data, Household, household)
        members = data.find(Resident, members_of(household), [("_id", 1)], ALL)
        return to_answer(found, *_LISTED) | {"members": self._masked(call, members)}

    @query
    def list_households(self, call: Call, form: api.ListHouseholds) -> Listed[Answer]:
        """Households of an area, by id."""
        where = in_area(call.principal, form.area or "")
        found, following = in_key_order(self.data.of(call), Household, where, form)
        return Listed(items=[to_answer(each, *_LISTED) for each in found], next=following)

    @handles(DwellingChanged)
    def follow_dwelling(self, event: Received) -> None:
        """Its households lie where the dwelling lies."""
        data = self.data.of(event)
        for row in data.rows(Household, {"dwelling": event.envelope.subject}, ["dwelling"], limit=ALL):
            data.change(Household, row["key"], partial(_follow_dwelling, data))

    @handles(HouseholdChanged)
    def settle_in_dwelling(self, event: Received) -> None:
        """A household that moved in while the dwelling was removed, or followed its grid, agrees with it again."""
        data, key = self.data.of(event), event.envelope.subject
        settle(data, Household, key, partial(_follow_dwelling, data))
        dwelling = data.get(Household, key).dwelling

        def receive(found: Dwelling) -> None:
            household = data.get(Household, key)
            if household.state == ACTIVE and household.dwelling == dwelling:
                found.receive()

        settle(data, Dwelling, dwelling, receive)


def _follow_dwelling(data: TenantData, household: Household) -> None:
    household.follow(data.get(Dwelling, household.dwelling))
