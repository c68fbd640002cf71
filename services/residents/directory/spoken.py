"""The words of residents for the people of a tenant: names and time zone from the replicas of org's records."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from services.residents.directory.replicas import BuildingReplica, EstateReplica, PlaceReplica, zone_of
from vocabulary import spoken


class Spoken(spoken.Spoken):
    places = (PlaceReplica, EstateReplica, BuildingReplica)

    def _category(self, code: str) -> spoken.Names:
        return {}

    def _zone(self) -> ZoneInfo:
        return zone_of(self._data)
