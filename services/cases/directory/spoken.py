"""What Chinese sentences to the people of a tenant say instead of codes and UTC: names, and local times."""

from __future__ import annotations

from datetime import datetime

from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import codes_of
from services.cases.directory.replicas import PlaceReplica, UnitReplica, zone_of

#: Fields of problems that hold units, places or their paths.
_NAMED = ("unit", "units", "ruler", "owner")


class Spoken:
    """Read only when a problem is answered, so nothing but the zone is cached."""

    def __init__(self, data: TenantData) -> None:
        self._data = data

    def name(self, field: str, code: str) -> str:
        if field not in _NAMED:
            return code
        key = next(iter(codes_of(code)[-1:]), "") if code.startswith("/") else code
        tenant = self._data.context.tenant
        for model in (UnitReplica, PlaceReplica):
            for row in self._data.rows(model, {"_id": f"{tenant}:{key}"}, ["name"], limit=1):
                return str(row.get("name") or code)
        return code

    def time(self, moment: datetime) -> str:
        local = moment.astimezone(zone_of(self._data))
        return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
