"""Shared field types of the API. Every text has a maximum length; a required text must not be blank."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.types import Id, Word, exactly

_CATEGORY = "A category code like `component.utility.manhole-cover`; `GET /v1/tenant` lists them under `categories`."
Category = Annotated[Id, msgspec.Meta(description=_CATEGORY)]
CategoryIfAny = Annotated[Word, msgspec.Meta(description=_CATEGORY)]
CategoryCode = Annotated[str, msgspec.Meta(max_length=80, pattern=exactly("[a-z0-9_.-]*"), description=_CATEGORY)]
_UNIT = "the id of a department (`GET /v1/units`), or the division code of a street, community or centre."
Unit = Annotated[Id, msgspec.Meta(description="A unit: " + _UNIT)]
UnitIfAny = Annotated[Word, msgspec.Meta(description="A unit: " + _UNIT)]
Lead = Annotated[Id, msgspec.Meta(description="The lead unit: " + _UNIT)]
LeadIfAny = Annotated[Word, msgspec.Meta(description="The lead unit: " + _UNIT)]
Code = Annotated[str, msgspec.Meta(max_length=64, description="The code returned by the report.")]
#: What a party or a caller may give.
SCORES = range(1, 6)
Score = Annotated[int, msgspec.Meta(ge=SCORES[0], le=SCORES[-1])]
Confidentiality = Literal["named", "confidential", "anonymous"]
