"""Finding a place by its code or path, whatever its tier, and what stands at it."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.errors import Invalid, NotFound
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import codes_of
from chassis.usecases.records import found
from services.org.divisions.division import Division
from services.org.grids.estate import Building
from services.org.grids.grid import Grid
from services.org.party.party_tree import Place
from services.org.posts.unit import Unit
from services.org.tenants.tenant import Tenant


def place_of(data: TenantData, code: str) -> Division | Grid:
    """The division or grid of that code; raises `NotFound`."""
    try:
        return data.get(Division, code)
    except NotFound:
        return data.get(Grid, code)


def active_place(data: TenantData, code: str) -> Place:
    """A division or grid by its code, or a building by its id: that one stands at the path of its first grid."""
    try:
        place = place_of(data, code)
        return Place(tier=place.tier, path=place.path)
    except NotFound:
        building = data.get(Building, code)
    path = place_of(data, building.grids[0]).path if building.grids else building.path
    return Place(tier="building", path=path, building=building.key)


def tier_at(data: TenantData, path: str) -> str:
    """The tier of the place; raises `Invalid` for a path that leads to none, `GridRetired`."""
    codes = codes_of(path)
    try:
        place = place_of(data, codes[-1] if codes else "")
    except NotFound as error:
        raise Invalid(("area", "no place of this tenant", "本地没有该区域")) from error
    if place.path != path:
        raise Invalid(("area", f"{codes[-1]} lies at {place.path}", f"{codes[-1]} 位于 {place.path}"))
    if isinstance(place, Grid):
        place.require_active()
    return place.tier


def root_of(data: TenantData) -> str:
    """The path of the tenant's root."""
    path: str = data.get(Tenant, data.context.tenant).path
    return path


def require_units(data: TenantData, field: str, units: Iterable[str]) -> None:
    """Each is an open department, or the code of a division. Raises `Invalid`, `UnitClosed`."""
    for unit in units:
        department = found(data, Unit, unit)
        if department:
            department.require_open()
        elif found(data, Division, unit) is None:
            raise Invalid(
                (field, f"{unit} is no department or division of this tenant", f"{unit} 不是本地的部门或区划")
            )
