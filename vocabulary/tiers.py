"""The tiers of the division tree, and which place stands above which."""

from __future__ import annotations

from chassis.errors import Refused
from chassis.security.principal import codes_of, path_of
from vocabulary.terms import Term


class Tier(Term):
    """From the top. A tenant's tree may begin at any tier, and leave some out."""

    PROVINCE = "province", "province", "省"
    CITY = "city", "city", "市"
    COUNTY = "county", "county", "区县"
    STREET = "street", "street", "街道"
    COMMUNITY = "community", "community", "社区"
    GRID = "grid", "grid", "网格"
    MICRO_GRID = "micro_grid", "micro-grid", "微网格"
    ESTATE = "estate", "estate", "小区"
    BUILDING = "building", "building", "楼栋"


#: Tiers of divisions; below them lie grids, estates and buildings.
DIVISION_TIERS = (Tier.PROVINCE, Tier.CITY, Tier.COUNTY, Tier.STREET, Tier.COMMUNITY)
#: Tiers at which a matter is answered, by depth in the tree, from the city down. An estate has no code of its own in
#: it: it is below the micro-grid.
TIERS = (Tier.CITY, Tier.COUNTY, Tier.STREET, Tier.COMMUNITY, Tier.GRID, Tier.MICRO_GRID, Tier.ESTATE)
#: Units that are divisions themselves; every other unit is a department of the division that its path names.
DIVISION_KINDS = frozenset({Tier.CITY, Tier.COUNTY, "centre", Tier.STREET, Tier.COMMUNITY, Tier.GRID})


class NoTierAbove(Refused):
    code = "case.no_tier_above"
    en = "There is no tier above {tier}: decide it there."
    zh = "{tier} 之上没有更高层级,请在本级处理。"
    chinese = {"tier": Tier.zh_names()}


def depth_of(tier: str) -> int:
    """1 for a city: as many codes as a path of that tier has."""
    return TIERS.index(Tier(tier)) + 1


def tier_of(path: str) -> str:
    return TIERS[min(max(len(codes_of(path)), 1), len(TIERS)) - 1]


def at_tier(path: str, tier: str) -> str:
    """The division of that tier in which `path` lies; `path` itself when it lies higher."""
    return path_of(*codes_of(path)[: depth_of(tier)])


def tier_above(tier: str) -> str:
    depth = depth_of(tier)
    if depth == 1:
        raise NoTierAbove(tier=tier)
    return TIERS[depth - 2]


def common(*paths: str) -> str:
    """The lowest division in which all the paths lie: `""` when they share none."""
    shared: list[str] = []
    for codes in zip(*map(codes_of, paths), strict=False):
        if len(set(codes)) > 1:
            break
        shared.append(codes[0])
    return path_of(*shared) if shared else ""


def centre_above(path: str) -> str:
    """One tier up for supervision: centres exist at county and city; beyond the top it stays."""
    codes = codes_of(path)
    return path_of(*codes[: max(1, min(len(codes) - 1, 2))])


def desk_above(*units: tuple[str, str]) -> str:
    """Path of the lowest street or centre above all of these units, each `(kind, path)`, and none of them.

    A division is below the next tier up; a department is below the centre (or street) of its own division.
    """
    shared = common(*(path for _, path in units))
    codes = codes_of(shared)
    depth = min(len(codes), depth_of(Tier.STREET))
    if any(kind in DIVISION_KINDS and len(codes_of(path)) <= depth for kind, path in units):
        depth = max(depth - 1, 1)
    return path_of(*codes[:depth])
