"""The tiers of the division tree, and lookups of the place above a path."""

from __future__ import annotations

from chassis.errors import Refused
from chassis.security.principal import codes_of, path_of
from vocabulary.terms import Term


class Tier(Term):
    """Tiers from the top down. A tenant's tree may start at any tier and skip some."""

    PROVINCE = "province", "province", "省"
    CITY = "city", "city", "市"
    COUNTY = "county", "county", "区县"
    STREET = "street", "street", "街道"
    COMMUNITY = "community", "community", "社区"
    GRID = "grid", "grid", "网格"
    MICRO_GRID = "micro_grid", "micro-grid", "微网格"
    ESTATE = "estate", "estate", "小区"
    BUILDING = "building", "building", "楼栋"


#: Tiers of administrative divisions; grids, estates and buildings are below them.
DIVISION_TIERS = (Tier.PROVINCE, Tier.CITY, Tier.COUNTY, Tier.STREET, Tier.COMMUNITY)
#: Tiers that handle matters, by depth in the tree from the city down. An estate, below the micro-grid, has no code of
#: its own in a path.
TIERS = (Tier.CITY, Tier.COUNTY, Tier.STREET, Tier.COMMUNITY, Tier.GRID, Tier.MICRO_GRID, Tier.ESTATE)
#: Kinds of units that are divisions; every other unit is a department of the division that its path names.
DIVISION_KINDS = frozenset({Tier.CITY, Tier.COUNTY, "centre", Tier.STREET, Tier.COMMUNITY, Tier.GRID})


class NoTierAbove(Refused):
    """The matter is already at the highest tier."""

    code = "case.no_tier_above"
    en = "There is no tier above {tier}; handle the matter at this tier."
    zh = "{tier}已是最高层级，请在本级处理。"
    chinese = {"tier": Tier.zh_names()}


def depth_of(tier: str) -> int:
    """Returns the number of codes in a path of that tier: 1 for a city."""
    return TIERS.index(Tier(tier)) + 1


def tier_of(path: str) -> str:
    """Returns the tier of a path, by its number of codes."""
    return TIERS[min(max(len(codes_of(path)), 1), len(TIERS)) - 1]


def at_tier(path: str, tier: str) -> str:
    """Returns the division of that tier that contains `path`, or `path` itself if it is of a higher tier."""
    return path_of(*codes_of(path)[: depth_of(tier)])


def tier_above(tier: str) -> str:
    """Returns the next tier up. Raises `NoTierAbove` at the top."""
    depth = depth_of(tier)
    if depth == 1:
        raise NoTierAbove(tier=tier)
    return TIERS[depth - 2]


def common(*paths: str) -> str:
    """Returns the lowest division that contains all the paths, or "" if they share none."""
    shared: list[str] = []
    for codes in zip(*map(codes_of, paths), strict=False):
        if len(set(codes)) > 1:
            break
        shared.append(codes[0])
    return path_of(*shared) if shared else ""


def centre_above(path: str) -> str:
    """Returns the next centre up, for supervision: centres exist at county and city, and the top stays the top."""
    codes = codes_of(path)
    return path_of(*codes[: max(1, min(len(codes) - 1, 2))])


def coordinator_above(*units: tuple[str, str]) -> str:
    """Returns the path of the lowest street or centre that is above all the units, each `(kind, path)`, and not one
    of them.

    A division reports to the next tier up; a department reports to the centre (or street) of its own division.
    """
    shared = common(*(path for _, path in units))
    codes = codes_of(shared)
    depth = min(len(codes), depth_of(Tier.STREET))
    if any(kind in DIVISION_KINDS and len(codes_of(path)) <= depth for kind, path in units):
        depth = max(depth - 1, 1)
    return path_of(*codes[:depth])
