"""Sums of records by what lies directly below an area."""

from __future__ import annotations

from typing import Any

from chassis.security.principal import codes_of, path_of

Row = dict[str, Any]


def code_below(area: str) -> Row:
    """Returns the expression for the code of what lies directly below the area, "" for what lies in the area itself."""
    # "/1503/150302/" splits into "", "1503", "150302" and "".
    return {"$arrayElemAt": [{"$split": ["$area", "/"]}, len(codes_of(area)) + 1]}


def path_below(area: str, code: str) -> str:
    return path_of(*codes_of(area), code) if code else area
