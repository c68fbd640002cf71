"""The tiers of the division tree, and the tier of a path."""

from __future__ import annotations

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


def depth_of(tier: str) -> int:
    """Returns the number of codes in a path of that tier: 1 for a city."""
    return TIERS.index(Tier(tier)) + 1


def tier_of(path: str) -> str:
    """Returns the tier of a path, by its number of codes."""
    return TIERS[min(max(len(codes_of(path)), 1), len(TIERS)) - 1]


def at_tier(path: str, tier: str) -> str:
    """Returns the division of that tier that contains `path`, or `path` itself if it is of a higher tier."""
    return path_of(*codes_of(path)[: depth_of(tier)])
