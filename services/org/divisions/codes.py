"""The codes of places: the national code of divisions (2-2-2-3-3 digits), and grids below them.

Source: 统计用区划代码 of the National Bureau of Statistics for divisions; a grid adds 3 digits to the 12 of
its community and a micro-grid 3 more. A tenant elsewhere has codes of its own in the same places.
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
    """Raises `Invalid` where the code's form, its tier or its place under `parent` ("" at the root) is wrong."""
    if not _DIVISION.fullmatch(code):
        raise Invalid(
            ("code", "1 to 20 lower-case letters, digits and hyphens", "须为 1 至 20 位小写字母、数字和连字符")
        )
    if tier not in DIVISION_TIERS:
        raise Invalid(one_of("tier", DIVISION_TIERS))
    if not is_national(parent or code):
        return
    if not is_national(code):
        raise Invalid(
            ("code", "a national code has 2, 4, 6, 9 or 12 digits", "统计用区划代码须为 2、4、6、9 或 12 位数字")
        )
    if (wanted := _NATIONAL_TIER[len(code)]) != tier:
        raise Invalid(
            (
                "tier",
                f"a code of {len(code)} digits is a {wanted}, not a {tier}",
                f"{len(code)} 位代码属于{wanted.zh}层级,须填 {wanted}",
            )
        )
    if not code.startswith(parent):
        raise Invalid(
            ("parent", f"the code {code} does not continue {parent}", f"代码 {code} 须以上级代码 {parent} 开头")
        )


def check_grid(code: str, inventory: str, level: str, above: str) -> None:
    """Raises `Invalid` unless `code` is `above` (its community, street or base grid) and 3 digits more.

    A general grid covers communities or a town, so 000 stands where its community would. A grid of a
    dedicated inventory carries that inventory's name in front: `party-health.150823100001001`.
    """
    stem = above + _NO_COMMUNITY if level == "general" else above
    if inventory != MAIN and not above.startswith(f"{inventory}."):
        stem = f"{inventory}.{stem}"
    if not (code.startswith(stem) and re.fullmatch(r"[0-9]{3}", code[len(stem) :])):
        raise Invalid(("code", f"{stem} and 3 digits", f"须为 {stem} 加 3 位数字"))
