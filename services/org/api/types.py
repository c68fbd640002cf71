"""Types that several API structs of org share: constrained field types, and the report of an import."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from chassis.types import RejectedRow, exactly

Code = Annotated[str, msgspec.Meta(max_length=64, pattern=exactly("[0-9a-z][0-9a-z.-]*"))]
"""The code of a division or grid."""

Codes = Annotated[list[Code], msgspec.Meta(max_length=40)]
OwnPath = Annotated[
    str, msgspec.Meta(description="Its place in the division tree, which ends with its own id; no filter takes it.")
]
Geometry = Annotated[
    dict[str, Any],
    msgspec.Meta(
        description="GeoJSON Polygon or MultiPolygon, WGS-84.",
        extra_json_schema={
            "required": ["type", "coordinates"],
            "properties": {
                "type": {"type": "string", "enum": ["Polygon", "MultiPolygon"]},
                "coordinates": {"type": "array", "items": {"type": "array", "items": {}}},
            },
        },
    ),
]


RoughOutline = Annotated[
    list[list[list[float]]],
    msgspec.Meta(description="Rings of points around the outline, with a margin and at most some 100 points."),
]


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """The result of an import. `accepted`: imported rows; `known`: those of them that changed nothing."""

    accepted: int
    known: int
    rejected: list[RejectedRow]
