"""The use cases of tenants, divisions, the second tree and emergency mode."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

from chassis.context import Call, Received
from chassis.messaging.consumer import every, handles
from chassis.messaging.rpc_server import command, query
from chassis.messaging.tenant_log import declare_tenant_log
from chassis.usecases.pages import listed
from chassis.usecases.records import change, shown
from chassis.usecases.service import Documents
from services.org.access import must_administer
from services.org.bulk_import import Imported
from services.org.divisions.bulk_import import DivisionImport
from services.org.divisions.division import Division, DivisionRow
from services.org.divisions.events import TenantChanged
from services.org.divisions.lookups import active_place
from services.org.emergencies.emergency import Declaration, Emergency
from services.org.grids.commands import Grids
from services.org.grids.grid import Code
from services.org.grids.merge_process import Merging
from services.org.pages import After, Limit, Listed
from services.org.party.party_tree import OrganisationPlan, PartyOrganisation
from services.org.records import Answer, Id, Word
from services.org.tenants.settings import Settings
from services.org.tenants.tenant import OPERATOR, RootTier, Tenant

_SECONDS = 5
Rows = Annotated[list[DivisionRow], msgspec.Meta(min_length=1, max_length=500)]


class Structure(Grids, Merging):
    """Part of the service `Org`."""

    documents: Documents = (Tenant, Division, PartyOrganisation, Emergency)
    broker: Any

    # tenants

    @command
    def open_tenant(self, call: Call, root: Code, settings: Settings, tier: RootTier = "city") -> Answer:
        """Opens the caller's tenant, whose division tree begins at the code `root`."""
        tenant = Tenant.open(call.principal, root, tier, settings)
        # Before its first event, so that every publication has somewhere to go.
        declare_tenant_log(self.broker, tenant.key)
        opened: Answer = self.data.of(call).create(Tenant, lambda _: tenant, shown)
        return opened

    @query
    def get_tenant(self, call: Call) -> Answer:
        return shown(self.data.of(call).get(Tenant, call.tenant))

    @command
    def change_settings(self, call: Call, settings: Settings) -> Answer:
        data = self.data.of(call)
        return change(data, Tenant, call.tenant, lambda tenant: tenant.change(call.principal, settings))

    @handles(TenantChanged)
    def on_tenant_changed(self, event: Received) -> None:
        """A new tenant gets the root of its tree, so that its first administrator has an area."""
        data = self.data.of(event)
        data.add(data.get(Tenant, event.tenant).top())

    # divisions

    @command
    def import_divisions(self, call: Call, rows: Rows) -> Imported:
        """At most 500 rows, a parent before or beside its children; may be repeated. The operator may too."""
        data = self.data.of(call)
        tenant = data.get(Tenant, call.tenant)
        if not call.principal.has(OPERATOR):
            must_administer(call.principal, tenant.path)
        return DivisionImport(data, tenant).run(rows)

    @command
    def draw_division(self, call: Call, division: Code, outline: dict[str, Any]) -> Answer:
        data = self.data.of(call)
        must_administer(call.principal, data.get(Division, division).path)
        return change(data, Division, division, lambda found: found.draw(outline))

    @query
    def get_division(self, call: Call, division: Code) -> Answer:
        return shown(self.data.of(call).get(Division, division))

    @query
    def list_divisions(self, call: Call, parent: Word = "", limit: Limit = 50, after: After = "") -> Listed:
        """What lies directly below `parent`; the root itself without one."""
        return listed(self.data.of(call), Division, {"parent": parent}, after, limit)

    # the second tree

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
    def list_party_organisations(self, call: Call, parent: Word = "", limit: Limit = 50, after: After = "") -> Listed:
        """What belongs directly to `parent`; the tops of the tree without one."""
        return listed(self.data.of(call), PartyOrganisation, {"parent": parent}, after, limit)

    # emergency mode

    @command
    def declare_emergency(self, call: Call, declaration: Declaration) -> Answer:
        data = self.data.of(call)
        rules = data.get(Tenant, call.tenant).emergency
        declared: Answer = data.create(
            Emergency, lambda key: Emergency.declare(call.principal, key, declaration, rules, call.now), shown
        )
        return declared

    @command
    def end_emergency(self, call: Call, emergency: Id) -> Answer:
        data = self.data.of(call)
        return change(data, Emergency, emergency, lambda found: found.end(call.principal, call.now))

    @query
    def list_emergencies(self, call: Call, state: Word = "active", limit: Limit = 50, after: After = "") -> Listed:
        """`state`: `active` or `ended`."""
        return listed(self.data.of(call), Emergency, {"state": state}, after, limit)

    @every(interval=_SECONDS)
    def end_due_emergencies(self) -> None:
        self.data.each_due(Emergency, _lapse)


def _lapse(emergency: Emergency, now: datetime) -> None:
    emergency.lapse(now)
