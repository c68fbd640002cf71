"""Finding a place by its code, whatever its tier."""

from __future__ import annotations

from chassis.errors import NotFound
from chassis.persistence.tenant_data import TenantData
from services.org.divisions.division import Division
from services.org.grids.estate import Building
from services.org.grids.grid import Grid
from services.org.party.party_tree import Place


def place_of(data: TenantData, code: str) -> Division | Grid:
    """The division or grid of that code; raises `NotFound`."""
    try:
        return data.get(Division, code)
    except NotFound:
        return data.get(Grid, code)


def active_place(data: TenantData, code: str) -> Place:
    """A division or grid by its code, or a building by its id: that one stands at the path of its first grid."""
    try:
        found = place_of(data, code)
        return Place(tier=found.tier, path=found.path)
    except NotFound:
        building = data.get(Building, code)
    path = place_of(data, building.grids[0]).path if building.grids else building.path
    return Place(tier="building", path=path, building=building.key)
