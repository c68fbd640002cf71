"""Commands and queries of the party tree."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import NotFound
from chassis.persistence.tenant_data import TenantData
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import listed
from chassis.usecases.records import change, create
from chassis.usecases.service import Documents, UseCases
from services.org.administrators import require_administrator, require_administrators_role
from services.org.api.party import ListPartyOrganisations, OrganisationPlan
from services.org.grids.model.estate import Building
from services.org.lookups import administered, place_of
from services.org.party.model import PartyOrganisation, Place


class PartyCommands(UseCases):
    """Commands and queries of party organisations."""

    documents: Documents = (PartyOrganisation,)

    @command
    def open_party_organisation(self, call: Call, plan: OrganisationPlan) -> Answer:
        require_administrators_role(call.principal)
        data = self.data.of(call)
        place = _place(data, plan.place)
        require_administrator(call.principal, place.path)
        parent = data.get(PartyOrganisation, plan.parent) if plan.parent else None
        return create(
            data, PartyOrganisation, lambda key: PartyOrganisation.open(call.tenant, key, plan, place, parent)
        )

    @command
    def close_party_organisation(self, call: Call, organisation: Id) -> Answer:
        data = self.data.of(call)
        administered(data, call.principal, PartyOrganisation, organisation)
        open_children = data.count(PartyOrganisation, {"parent": organisation, "active": True})
        return change(data, PartyOrganisation, organisation, lambda each: each.close(open_children))

    @query
    def list_party_organisations(self, call: Call, form: ListPartyOrganisations) -> Listed[Answer]:
        return listed(self.data.of(call), PartyOrganisation, {"parent": form.parent}, form.after, form.limit)


def _place(data: TenantData, code: str) -> Place:
    """Returns the division or grid with this code, or the building with this id, at the path of its first grid.

    Raises `NotFound`.
    """
    try:
        place = place_of(data, code)
        return Place(tier=place.tier, path=place.path)
    except NotFound:
        building = data.get(Building, code)
    path = place_of(data, building.grids[0]).path if building.grids else building.path
    return Place(tier="building", path=path, building=building.key)
