"""Commands, query and event handler of tenants."""

from __future__ import annotations

from typing import Any

from chassis.context import Call, Received
from chassis.entrypoints.consumer import handles
from chassis.entrypoints.rpc_server import command, query
from chassis.messaging.tenant_log import declare_tenant_log
from chassis.types import Answer
from chassis.usecases.records import change, state_answer
from chassis.usecases.service import Documents, UseCases
from services.org.api.settings import Settings
from services.org.api.tenants import TenantOpening
from services.org.tenants.events import TenantChanged
from services.org.tenants.model.tenant import Tenant


class TenantCommands(UseCases):
    """Commands, query and event handler of tenants."""

    documents: Documents = (Tenant,)
    broker: Any

    @command
    def open_tenant(self, call: Call, form: TenantOpening) -> Answer:
        """Opens the caller's tenant."""
        tenant = Tenant.open(call.principal, form.root, form.tier, form.settings)
        # The log must exist before the first event of the tenant is published.
        declare_tenant_log(self.broker, tenant.key)
        opened: Answer = self.data.of(call).create(Tenant, lambda _: tenant, state_answer)
        return opened

    @query
    def get_tenant(self, call: Call) -> Answer:
        return state_answer(self.data.of(call).get(Tenant, call.tenant))

    @command
    def change_settings(self, call: Call, settings: Settings) -> Answer:
        """Replaces the tenant's settings as a whole."""
        data = self.data.of(call)
        return change(data, Tenant, call.tenant, lambda tenant: tenant.change(call.principal, settings))

    @handles(TenantChanged)
    def on_tenant_changed(self, event: Received) -> None:
        """Adds the root division of a new tenant, so that its first administrator has an area."""
        data = self.data.of(event)
        data.add(data.get(Tenant, event.tenant).root_division())
