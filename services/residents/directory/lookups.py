"""Lookups in the replicas: places, and the buildings of a dwelling."""

from __future__ import annotations

from chassis.errors import Invalid, NotFound
from chassis.persistence.tenant_data import TenantData
from chassis.replicas import Unknown
from chassis.security.principal import codes_of
from services.residents.directory.replicas import BuildingReplica, PlaceReplica
from vocabulary.places import KnownPlaces

_unknown = Unknown()
_places = KnownPlaces(PlaceReplica, _unknown)
require_place = _places.require
place_now = _places.now


def estate_of(data: TenantData, building: str, area: str) -> str:
    """Returns the estate of a building that stands in `area`, a grid or community.

    Raises `Invalid` for a building elsewhere, `NotKnownYet` for one whose replica may be on its way.
    """
    try:
        found = data.get(BuildingReplica, building)
    except NotFound:
        _unknown.raise_for(data, "building", building)
        raise
    code = codes_of(area)[-1]
    if code not in found.grids and not found.path.startswith(area):
        raise Invalid(("building", "this building stands in another grid", "该楼栋不在此网格内"))
    return found.estate
