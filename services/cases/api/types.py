"""The types of fields that the shapes of this service share. Every text has a bound, and where it must be there it
says something."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.errors import Invalid
from chassis.types import Id, Word, exactly

_CATEGORY = "Its code, like `component.utility.manhole-cover`: `GET /v1/tenant` lists them under `categories`."
Category = Annotated[Id, msgspec.Meta(description=_CATEGORY)]
CategoryIfAny = Annotated[Word, msgspec.Meta(description=_CATEGORY)]
CategoryCode = Annotated[str, msgspec.Meta(max_length=80, pattern=exactly("[a-z0-9_.-]*"), description=_CATEGORY)]
_UNIT = "the id of a department (`GET /v1/units`), or the division's code of a street, community or centre."
Unit = Annotated[Id, msgspec.Meta(description="A unit: " + _UNIT)]
UnitIfAny = Annotated[Word, msgspec.Meta(description="A unit: " + _UNIT)]
Lead = Annotated[Id, msgspec.Meta(description="The unit that leads: " + _UNIT)]
LeadIfAny = Annotated[Word, msgspec.Meta(description="The unit that leads: " + _UNIT)]
Code = Annotated[str, msgspec.Meta(max_length=64, description="The code that the report answered.")]
Score = Annotated[int, msgspec.Meta(ge=1, le=5)]
Confidentiality = Literal["named", "confidential", "anonymous"]


class NoPosition(Invalid):
    """An `after` that is not from `next`."""

    def __init__(self) -> None:
        super().__init__(("after", "take it from `next` of the page before", "须取自上一页的 next"))
