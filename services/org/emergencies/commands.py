"""Commands, query and timer of emergency mode."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.consumer import every
from chassis.entrypoints.rpc_server import command, query
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import listed
from chassis.usecases.records import change, create
from chassis.usecases.service import Documents, UseCases
from services.org.api.emergencies import Declaration, ListEmergencies
from services.org.emergencies.model import Emergency, require_centres_role
from services.org.tenants.model.tenant import Tenant


class EmergencyCommands(UseCases):
    """Commands, query and timer of emergencies."""

    documents: Documents = (Emergency,)

    @command
    def declare_emergency(self, call: Call, declaration: Declaration) -> Answer:
        data = self.data.of(call)
        rules = data.get(Tenant, call.tenant).emergency
        return create(data, Emergency, lambda key: Emergency.declare(call.principal, key, declaration, rules, call.now))

    @command
    def end_emergency(self, call: Call, emergency: Id) -> Answer:
        require_centres_role(call.principal)
        data = self.data.of(call)
        data.get(Emergency, emergency).require_centre(call.principal)
        return change(data, Emergency, emergency, lambda each: each.end(call.principal, call.now))

    @query
    def list_emergencies(self, call: Call, form: ListEmergencies) -> Listed[Answer]:
        return listed(self.data.of(call), Emergency, {"state": form.state}, form.after, form.limit)

    @every(interval=5)
    def end_due_emergencies(self) -> None:
        """Timer: ends emergencies that have reached `until`."""
        self.data.each_due(Emergency, Emergency.expire)
