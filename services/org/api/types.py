"""Types that several API structs of org share: constrained field types, and the report of an import."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from chassis.types import Id, RejectedRow, Word, exactly

_CATEGORY = "Its code, like `component.utility.manhole-cover`: `GET /v1/tenant` lists them under `categories`."
Category = Annotated[Id, msgspec.Meta(description=_CATEGORY)]
CategoryIfAny = Annotated[Word, msgspec.Meta(description=_CATEGORY)]
ListedCategory = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=64, pattern=exactly("[a-z0-9_.-]+"), description=_CATEGORY),
]
_UNIT = "the id of a department (`GET /v1/units`), or the division's code of a street, community or centre."
UnitId = Annotated[str, msgspec.Meta(min_length=1, max_length=48, pattern=exactly("[A-Za-z0-9_.:-]+"))]
Unit = Annotated[UnitId, msgspec.Meta(description="A unit: " + _UNIT)]
UnitIfAny = Annotated[Word, msgspec.Meta(description="A unit: " + _UNIT)]
Lead = Annotated[UnitId, msgspec.Meta(description="The unit that leads: " + _UNIT)]
LeadIfAny = Annotated[Word, msgspec.Meta(description="The unit that leads: " + _UNIT)]
Code = Annotated[str, msgspec.Meta(max_length=64, pattern=exactly("[0-9a-z][0-9a-z.-]*"))]
"""The code of a division or grid."""

Codes = Annotated[list[Code], msgspec.Meta(max_length=40)]
Geometry = Annotated[dict[str, Any], msgspec.Meta(description="GeoJSON Polygon or MultiPolygon, WGS-84.")]


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """The result of an import. `accepted`: imported rows; `known`: those of them that changed nothing."""

    accepted: int
    known: int
    rejected: list[RejectedRow]
