"""Lookups across aggregates: a record that the caller administers, a place by its code or path, whatever its tier, and
the units that a form names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from chassis.errors import Invalid, NotFound, spoken_fault
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.security.principal import Principal, codes_of
from chassis.usecases.records import found
from chassis.usecases.visibility import Visible
from services.org.administrators import require_administrator, require_administrators_role
from services.org.divisions.model.division import Division
from services.org.divisions.model.geometry import Outlined
from services.org.grids.model.grid import Grid
from services.org.posts.model.unit import Unit
from services.org.tenants.model.tenant import Tenant

V = TypeVar("V", bound=Visible)


def place_of(data: TenantData, code: str) -> Division | Grid:
    """Returns the division or grid with this code. Raises `NotFound`."""
    try:
        return data.get(Division, code)
    except NotFound:
        return data.get(Grid, code)


def administered(data: TenantData, by: Principal, model: type[V], key: str) -> V:
    """Returns the record if the caller administers its area. Raises `NotAdministrator`, `NotFound`."""
    require_administrators_role(by)
    record = data.get(model, key)
    require_administrator(by, record.event_area())
    return record


def tier_at(data: TenantData, path: str) -> str:
    """Returns the tier of the place at this path. Raises `Invalid` if there is none, `GridRetired`."""
    codes = codes_of(path)
    try:
        place = place_of(data, codes[-1] if codes else "")
    except NotFound as error:
        raise Invalid(("area", "is not a place of this tenant", "本地没有该区域")) from error
    if place.path != path:
        told = "the path of {place:place} is {path:verbatim}", "{place:place}的路径应为{path:verbatim}"
        raise Invalid(spoken_fault("area", *told, place=place.key, path=place.path))
    if isinstance(place, Grid):
        place.require_active()
    return place.tier


def outline_around(data: TenantData, path: str) -> Outlined | None:
    """Returns the smallest place above the one at this path that has an outline."""
    for code in reversed(codes_of(path)[:-1]):
        place = place_of(data, code)
        geojson = place.outline if isinstance(place, Division) else place.geometry
        if geojson:
            return Outlined(code, geojson)
    return None


def outlines_inside(data: TenantData, code: str) -> list[Outlined]:
    """Returns the largest outlined places below the place: the outlines that must lie in its own."""
    outlined: list[Outlined] = []
    parents = [code]
    while parents:
        inside = {"parent": {"$in": parents}}
        rows = data.rows(Division, inside, ["outline"], limit=ALL)
        rows += data.rows(Grid, inside | {"state": "active"}, ["geometry"], limit=ALL)
        outlines = {row["key"]: row.get("outline") or row.get("geometry") for row in rows}
        outlined += [Outlined(key, outline) for key, outline in outlines.items() if outline]
        parents = [key for key, outline in outlines.items() if not outline]
    return outlined


def root_of(data: TenantData) -> str:
    """Returns the path of the tenant's root division."""
    path: str = data.get(Tenant, data.context.tenant).path
    return path


def require_units(data: TenantData, field: str, units: Iterable[str]) -> None:
    """Checks that each unit is an open department or the code of a division. Raises `Invalid`, `UnitClosed`."""
    for unit in units:
        department = found(data, Unit, unit)
        if department:
            department.require_open()
        elif found(data, Division, unit) is None:
            told = "{unit:unit} is not a department or division of this tenant", "{unit:unit}不是本地的部门或区划"
            raise Invalid(spoken_fault(field, *told, unit=unit))


def require_unused(data: TenantData, code: str, *models: type[Division] | type[Grid] | type[Unit]) -> None:
    """Checks that no record of these kinds has the code: a case names its units and places by the code alone.

    National codes and the ids of units cannot meet; those of a tree with codes of its own can. Raises `Invalid`.
    """
    if any(found(data, model, code) for model in models):
        raise Invalid(
            spoken_fault(
                "code",
                "{code:verbatim} is already a division, grid or unit of this tenant; choose another",
                "{code:verbatim}已是本地的区划、网格或单位，请另选",
                code=code,
            )
        )
