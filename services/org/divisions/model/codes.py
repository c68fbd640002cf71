"""Validation of place codes: China's national codes, and the codes of any other scheme.

The root of a tenant's tree decides: if it is a national code (2, 4 or 6 digits), all codes below follow that scheme
(2-2-2-3-3 digits, each starting with its parent's; source: 统计用区划代码 of the National Bureau of Statistics), a grid
adds 3 digits to the 12 of its community, and a micro-grid 3 more. Below any other root a code says nothing by itself:
parent and tier are those that are declared (decision 0025).
"""

from __future__ import annotations

import re

from chassis.errors import Fault, Invalid, one_of, spoken_fault
from services.org.api.grids import MAIN
from vocabulary.tiers import DIVISION_TIERS, Tier

_NATIONAL_TIER = {2: Tier.PROVINCE, 4: Tier.CITY, 6: Tier.COUNTY, 9: Tier.STREET, 12: Tier.COMMUNITY}
_OWN = re.compile(r"[0-9a-z][0-9a-z-]{0,19}")
_NOT_OWN: Fault = (
    "code",
    "must be 1 to 20 lower-case letters, digits and hyphens",
    "须为 1 至 20 位小写字母、数字或连字符",
)
_NO_COMMUNITY = "000"


def is_national(root: str) -> bool:
    """Returns whether the codes of the tree below this root are national ones."""
    return root.isascii() and root.isdigit() and len(root) in _NATIONAL_TIER


def check_division(code: str, tier: str, parent: str, root: str) -> None:
    """Raises `Invalid` if the code, its tier or its parent is wrong. `parent`: the parent's code, "" for the root."""
    if not _OWN.fullmatch(code):
        raise Invalid(_NOT_OWN)
    if tier not in DIVISION_TIERS:
        raise Invalid(one_of("tier", DIVISION_TIERS))
    if is_national(root):
        _check_national(code, tier, parent)


def _check_national(code: str, tier: str, parent: str) -> None:
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
                f"a code of {len(code)} digits is a {expected.en}; give `{expected}`",
                f"{len(code)} 位代码属于{expected.zh}层级，须填 `{expected}`",
            )
        )
    if not code.startswith(parent):
        raise Invalid(
            spoken_fault(
                "parent",
                "the code {code:verbatim} must start with {parent:verbatim}",
                "代码{code:verbatim}须以上级代码{parent:verbatim}开头",
                code=code,
                parent=parent,
            )
        )


def check_grid(code: str, inventory: str, level: str, above: str, root: str) -> None:
    """Raises `Invalid` if the code is wrong. `above`: the code of its community, street or base grid.

    Below a national root it is `above` and 3 more digits; a general grid covers communities or a town, so it has 000 in
    place of a community. The code of a grid in a dedicated inventory starts with the inventory's name:
    `party-health.150823100001001`.
    """
    prefix = "" if inventory == MAIN else f"{inventory}."
    if not is_national(root):
        if not (code.startswith(prefix) and _OWN.fullmatch(code.removeprefix(prefix))):
            raise Invalid(_NOT_OWN if not prefix else _not_in_inventory(prefix))
        return
    stem = above + _NO_COMMUNITY if level == "general" else above
    if not above.startswith(prefix):
        stem = prefix + stem
    if not (code.startswith(stem) and re.fullmatch(r"[0-9]{3}", code[len(stem) :])):
        told = "must be {stem:verbatim} followed by 3 digits", "须为{stem:verbatim}加 3 位数字"
        raise Invalid(spoken_fault("code", *told, stem=stem))


def _not_in_inventory(prefix: str) -> Fault:
    field, en, zh = _NOT_OWN
    told = (
        f"must be {{prefix:verbatim}} and the grid's own code, which {en}",
        f"须为{{prefix:verbatim}}加本网格代码，本网格代码{zh}",
    )
    return spoken_fault(field, *told, prefix=prefix)
