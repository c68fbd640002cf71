"""The use cases of the second tree."""

from __future__ import annotations

from chassis.context import Call
from chassis.messaging.rpc_server import command, query
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import listed
from chassis.usecases.records import change, shown
from chassis.usecases.service import Documents, Part
from services.org.access import must_administer
from services.org.api.party import ListPartyOrganisations, OrganisationPlan
from services.org.lookups import active_place
from services.org.party.party_tree import PartyOrganisation


class PartyCommands(Part):
    documents: Documents = (PartyOrganisation,)

    @command
    def open_party_organisation(self, call: Call, plan: OrganisationPlan) -> Answer:
        data = self.data.of(call)
        place = active_place(data, plan.place)
        must_administer(call.principal, place.path)
        parent = data.get(PartyOrganisation, plan.parent) if plan.parent else None
        opened: Answer = data.create(
            PartyOrganisation, lambda key: PartyOrganisation.open(call.tenant, key, plan, place, parent), shown
        )
        return opened

    @command
    def close_party_organisation(self, call: Call, organisation: Id) -> Answer:
        data = self.data.of(call)
        must_administer(call.principal, data.get(PartyOrganisation, organisation).path)
        below = data.count(PartyOrganisation, {"parent": organisation, "active": True})
        return change(data, PartyOrganisation, organisation, lambda found: found.close(below))

    @query
    def list_party_organisations(self, call: Call, form: ListPartyOrganisations) -> Listed[Answer]:
        return listed(self.data.of(call), PartyOrganisation, {"parent": form.parent}, form.after, form.limit)
