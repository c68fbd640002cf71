"""Test builders: divisions and grids of a small city, and principals that act in it."""

from __future__ import annotations

from typing import Any

from chassis.security.principal import Principal
from services.org.api.divisions import DivisionRow
from services.org.api.grids import GridPlan
from services.org.divisions.model.division import Division
from services.org.grids.model.grid import Grid

TENANT = "wuhai"
STREET, COMMUNITY = "150302003", "150302003014"
GRID = f"{COMMUNITY}001"


def someone(*roles: str, area: str = "/1503/", tenant: str = TENANT) -> Principal:
    return Principal(tenant=tenant, subject="u-1", roles=frozenset(roles), area=area)


def division(code: str, tier: str, name: str, above: Division | None = None) -> Division:
    row = DivisionRow(line=1, code=code, parent=above.key if above else "15", tier=tier, name=name)
    return Division.open(TENANT, row, above)


def city() -> Division:
    return division("1503", "city", "乌海市")


def county() -> Division:
    return division("150302", "county", "海勃湾区", city())


def street() -> Division:
    return division(STREET, "street", "新华街道", county())


def community() -> Division:
    return division(COMMUNITY, "community", "新海社区居委会", street())


def base_grid(code: str = GRID, **plan: Any) -> Grid:
    return Grid.open(TENANT, GridPlan(code=code, name="第一网格", level="base", above=COMMUNITY, **plan), community())


def micro_grid(code: str = f"{GRID}001", above: Grid | None = None, **plan: Any) -> Grid:
    above = above or base_grid()
    return Grid.open(TENANT, GridPlan(code=code, name="一号楼微网格", level="micro", above=above.key, **plan), above)


def square(west: float, south: float, side: float = 0.001) -> dict[str, Any]:
    """Returns a GeoJSON polygon."""
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}
