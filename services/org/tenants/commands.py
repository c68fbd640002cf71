"""Commands, query and event handler of tenants."""

from __future__ import annotations

from typing import Any

from chassis.context import Call, Received
from chassis.entrypoints.consumer import every, handles
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import VersionMissing
from chassis.messaging.tenant_log import TenantLogs, declare_tenant_log
from chassis.persistence.write_plan import version_after_save
from chassis.process.runtime import Provided
from chassis.types import Answer
from chassis.usecases.records import change
from chassis.usecases.service import Documents, UseCases
from services.org.api.tenants import SettingChange, TenantOpening
from services.org.emergencies.model import Emergency
from services.org.grids.model.grid import Grid
from services.org.tenants.events import TenantChanged
from services.org.tenants.model.tenant import Tenant


class TenantCommands(UseCases):
    """Commands, query and event handler of tenants."""

    documents: Documents = (Tenant,)
    broker: Any
    logs: Any = Provided(lambda runtime: TenantLogs(runtime.settings.amqp_uri))

    @command
    def open_tenant(self, call: Call, form: TenantOpening) -> Answer:
        """Opens the caller's tenant."""
        tenant = Tenant.open(call.principal, form.root, form.tier, form.settings)
        # The log must exist before the first event of the tenant is published.
        declare_tenant_log(self.broker, tenant.key)
        opened: Answer = self.data.of(call).create(Tenant, lambda _: tenant, _shown)
        return opened

    @every(interval=5)
    def keep_logs(self) -> None:
        """Timer: makes the logs again that the broker has lost; until then the tenants' events wait in outboxes."""
        tenants: list[str] = []
        self.data.each_tenant(lambda data: tenants.append(data.context.tenant))
        self.logs.keep(tenants)

    @query
    def get_tenant(self, call: Call) -> Answer:
        return _shown(self.data.of(call).get(Tenant, call.tenant))

    @command
    def change_settings(self, call: Call, patch: Answer) -> Answer:
        """Changes settings, and says what changed. `patch`: a JSON Merge Patch (RFC 7396) of what `get_tenant` returns.

        Raises `NotAdministrator`, `VersionMissing`, `Stale`, `Invalid`.
        """
        data = self.data.of(call)
        data.get(Tenant, call.tenant).require_may_change(call.principal)  # before its version is compared
        made: list[SettingChange] = []

        def is_used(field: str, code: str) -> bool:
            if field == "inventories":
                return bool(data.rows(Grid, {"inventory": code, "state": "active"}, ["state"], limit=1))
            return bool(data.rows(Emergency, {"hazard": code, "state": "active"}, ["state"], limit=1))

        def act(tenant: Tenant) -> None:
            if call.if_match is None:
                raise VersionMissing
            made[:] = tenant.change(call.principal, patch, is_used)

        return change(data, Tenant, call.tenant, act, lambda tenant: {**_shown(tenant), "changed": made})

    @handles(TenantChanged)
    def on_tenant_changed(self, event: Received) -> None:
        """Adds the root division of a new tenant, so that its first administrator has an area."""
        data = self.data.of(event)
        data.add(data.get(Tenant, event.tenant).root_division())


def _shown(tenant: Tenant) -> Answer:
    return {**tenant.shown(), "version": version_after_save(tenant)}
