"""The use cases of emergency mode."""

from __future__ import annotations

from datetime import datetime

from chassis.context import Call
from chassis.messaging.consumer import every
from chassis.messaging.rpc_server import command, query
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import listed
from chassis.usecases.records import change, shown
from chassis.usecases.service import Documents, Part
from services.org.api.emergencies import Declaration, ListEmergencies
from services.org.emergencies.emergency import Emergency
from services.org.tenants.tenant import Tenant

_SECONDS = 5


class EmergencyCommands(Part):
    documents: Documents = (Emergency,)

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
    def list_emergencies(self, call: Call, form: ListEmergencies) -> Listed[Answer]:
        return listed(self.data.of(call), Emergency, {"state": form.state}, form.after, form.limit)

    @every(interval=_SECONDS)
    def end_due_emergencies(self) -> None:
        self.data.each_due(Emergency, _lapse)


def _lapse(emergency: Emergency, now: datetime) -> None:
    emergency.lapse(now)
