"""Routing rules (strategy): the division above a place or above units, which coordinates, supervises or takes over."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.errors import Refused
from chassis.security.principal import codes_of, path_of
from vocabulary.roles import GRID_ROLES, Role
from vocabulary.tiers import TIERS, Tier, depth_of

#: Who acts for a unit that is a division, by its kind; every other unit is a department of the division of its path.
_ACTING: Mapping[str, frozenset[str]] = {
    **dict.fromkeys((Tier.CITY, Tier.COUNTY, "centre"), frozenset({Role.CENTRE})),
    Tier.STREET: frozenset({Role.STREET}),
    Tier.COMMUNITY: frozenset({Role.COMMUNITY}),
    **dict.fromkeys((Tier.GRID, Tier.MICRO_GRID), frozenset(GRID_ROLES)),
}
DIVISION_KINDS = frozenset(_ACTING)


def acting_roles(kind: str) -> frozenset[str]:
    """Returns the roles of those who act for a unit of this kind."""
    return _ACTING.get(kind, frozenset({Role.DEPARTMENT}))


class NoTierAbove(Refused):
    """The matter is already at the highest tier."""

    code = "case.no_tier_above"
    en = "There is no tier above the {tier}; handle the matter there."
    zh = "{tier}已是最高层级，请在本级处理。"
    chinese = {"tier": Tier.zh_names()}
    english = {"tier": Tier.en_names()}


def tier_above(tier: str) -> str:
    """Returns the next tier up. Raises `NoTierAbove` at the top."""
    depth = depth_of(tier)
    if depth == 1:
        raise NoTierAbove(tier=tier)
    return TIERS[depth - 2]


def above(path: str, division: str) -> str:
    """Returns the part of the path above the division, or the whole path if it does not lead into it."""
    upper, found, _ = path.partition(f"/{division}/") if division else (path, "", "")
    return f"{upper}/" if found else path


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
