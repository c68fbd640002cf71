"""Validation of place codes: the national codes of divisions (2-2-2-3-3 digits), and the codes of grids.

Source: 统计用区划代码 of the National Bureau of Statistics for divisions. A grid adds 3 digits to the 12 of its
community, and a micro-grid 3 more. A tenant outside China uses its own codes for the same tiers.
"""

from __future__ import annotations

import re

from chassis.errors import Invalid, one_of
from services.org.api.grids import MAIN
from vocabulary.tiers import DIVISION_TIERS, Tier

_NATIONAL_TIER = {2: Tier.PROVINCE, 4: Tier.CITY, 6: Tier.COUNTY, 9: Tier.STREET, 12: Tier.COMMUNITY}
_DIVISION = re.compile(r"[0-9a-z][0-9a-z-]{0,19}")
_NO_COMMUNITY = "000"


def is_national(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) in _NATIONAL_TIER


def check_division(code: str, tier: str, parent: str) -> None:
    """Raises `Invalid` if the code, its tier or its parent is wrong. `parent`: the parent's code, "" for the root."""
    if not _DIVISION.fullmatch(code):
        raise Invalid(
            ("code", "must be 1 to 20 lower-case letters, digits and hyphens", "须为 1 至 20 位小写字母、数字或连字符")
        )
    if tier not in DIVISION_TIERS:
        raise Invalid(one_of("tier", DIVISION_TIERS))
    if not is_national(parent or code):
        return
    if not is_national(code):
        raise Invalid(
            (
                "code",
                "must have 2, 4, 6, 9 or 12 digits, as a national code",
                "统计用区划代码须为 2、4、6、9 或 12 位数字",
            )
        )
    if (expected := _NATIONAL_TIER[len(code)]) != tier:
        raise Invalid(
            (
                "tier",
                f"a code of {len(code)} digits is a {expected}, not a {tier}",
                f"{len(code)} 位代码属于{expected.zh}层级，须填 {expected}",
            )
        )
    if not code.startswith(parent):
        raise Invalid(
            (
                "parent",
                f"the code {code} must start with {parent}",
                f"代码 {code} 须以上级代码 {parent} 开头",
            )
        )


def check_grid(code: str, inventory: str, level: str, above: str) -> None:
    """Raises `Invalid` unless `code` is `above` (the code of its community, street or base grid) and 3 more digits.

    A general grid covers communities or a town, so it has 000 in place of a community. The code of a grid in a
    dedicated inventory starts with the inventory's name: `party-health.150823100001001`.
    """
    stem = above + _NO_COMMUNITY if level == "general" else above
    if inventory != MAIN and not above.startswith(f"{inventory}."):
        stem = f"{inventory}.{stem}"
    if not (code.startswith(stem) and re.fullmatch(r"[0-9]{3}", code[len(stem) :])):
        raise Invalid(("code", f"must be {stem} followed by 3 digits", f"须为 {stem} 加 3 位数字"))
