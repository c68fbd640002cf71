"""Tiers of the division tree, and which of them stands above whom."""

from __future__ import annotations

from chassis.errors import Refused
from chassis.security.principal import codes_of, path_of
from services.cases.case.texts_zh import TIER_NAMES

#: By depth in the tree, from the city down. An estate has no code of its own in it: it is below the micro-grid.
TIERS = ("city", "county", "street", "community", "grid", "micro_grid", "estate")
#: Units that are divisions themselves; every other unit is a department of the division that its path names.
DIVISION_KINDS = frozenset({"city", "county", "centre", "street", "community", "grid"})


class NoTierAbove(Refused):
    code = "case.no_tier_above"
    en = "There is no tier above {tier}: decide it there."
    zh = "{tier} 之上没有更高层级,请在本级处理。"
    chinese = {"tier": TIER_NAMES}


def depth_of(tier: str) -> int:
    """1 for a city: as many codes as a path of that tier has."""
    return TIERS.index(tier) + 1


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
    depth = min(len(codes), depth_of("street"))
    if any(kind in DIVISION_KINDS and len(codes_of(path)) <= depth for kind, path in units):
        depth = max(depth - 1, 1)
    return path_of(*codes[:depth])
