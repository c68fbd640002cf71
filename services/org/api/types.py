"""Types that several API structs of org share: constrained field types, and the report of an import."""

from __future__ import annotations

from typing import Annotated, Any, Literal

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


RowResult = Literal["made", "changed", "known"]


class RowOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the row at this line: `made`, `changed` what existed, or `known` with the same content."""

    line: int
    result: RowResult


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """`made`: records created; `changed`: those that existed and were changed; `known`: those that already said the
    same; `rejected`: rows that cannot be imported. Together they are the rows of the request; `rows` names the others.
    """

    made: int
    changed: int
    known: int
    rows: list[RowOutcome]
    rejected: list[RejectedRow]
