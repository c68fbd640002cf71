"""Lookups in the replicas: places, and the buildings of a dwelling."""

from __future__ import annotations

from chassis.errors import Invalid, NotFound
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.replicas import Unknown
from chassis.security.principal import codes_of, path_of
from services.residents.directory.replicas import BuildingReplica, PlaceReplica
from vocabulary.places import KnownPlaces
from vocabulary.tiers import DIVISION_TIERS, Tier

_unknown = Unknown()
_places = KnownPlaces(PlaceReplica, _unknown)
require_place = _places.require
place_now = _places.now
places_moved = _places.moved


def require_home_place(data: TenantData, area: str) -> None:
    """Raises unless dwellings may lie directly in the place: it is a grid, or no division lies in it.

    Raises `Invalid`, also for a wrong or retired path, and `NotKnownYet` for a place whose replica may be on its way.
    """
    require_place(data, area, "area")
    below = {"parent": codes_of(area)[-1], "tier": {"$in": list(DIVISION_TIERS)}}
    if data.rows(PlaceReplica, below, ["tier"], limit=1):
        raise Invalid(("area", "choose the grid, or the community without grids", "请选择网格；尚无网格的，请选择社区"))


def estate_of(data: TenantData, building: str, area: str) -> str:
    """Returns the estate of a building that stands in `area`, a grid or community.

    Raises `Invalid` for a building elsewhere, `NotKnownYet` for one whose replica may be on its way.
    """
    try:
        found = data.get(BuildingReplica, building)
    except NotFound:
        _unknown.raise_for(data, "building", building)
        raise
    if not _stands_in(data, found, area):
        raise Invalid(("building", "this building stands elsewhere", "该楼栋不在此区域内"))
    return found.estate


def merged_into(data: TenantData, area: str) -> list[str]:
    """Returns the paths of the grids that were merged into `area`, and into those."""
    merged = data.find(PlaceReplica, {"merged_into": codes_of(area)[-1]}, limit=ALL)
    return [path for place in merged for path in (place.path, *merged_into(data, place.path))]


def grids_in(data: TenantData, area: str) -> list[str]:
    """Returns the paths of the base grids in an area, which may be one itself."""
    where = {"tier": Tier.GRID, "path": {"$gte": area, "$lt": area + "\uffff"}, "merged_into": ""}
    return [row["path"] for row in data.rows(PlaceReplica, where, ["path"], [("path", 1)], ALL)]


def lowest_divisions(data: TenantData) -> list[str]:
    """Returns the codes of the divisions in which no other division lies: everybody lives in one of them."""
    rows = data.rows(PlaceReplica, {"tier": {"$in": list(DIVISION_TIERS)}}, ["parent"], limit=ALL)
    return sorted({row["key"] for row in rows} - {row["parent"] for row in rows})


def _stands_in(data: TenantData, building: BuildingReplica, area: str) -> bool:
    """A building that is in no grid yet may be in any of its community's."""
    if building.path.startswith(area):
        return True
    if not building.grids:
        return area.startswith(path_of(*codes_of(building.path)[:-2]))
    ids = [f"{data.context.tenant}:{code}" for code in building.grids]
    grids = data.find(PlaceReplica, {"_id": {"$in": ids}}, limit=ALL)
    return any(grid.path.startswith(area) or area.startswith(grid.path) for grid in grids)
