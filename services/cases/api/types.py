"""Shared field types of the API. Every text has a maximum length; a required text must not be blank."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.types import AnyText

FollowCode = Annotated[AnyText, msgspec.Meta(max_length=64, description="The code returned by the report.")]
#: What a party or a caller may give.
SCORES = range(1, 6)
Score = Annotated[int, msgspec.Meta(ge=SCORES[0], le=SCORES[-1])]
Confidentiality = Literal["named", "confidential", "anonymous"]
LeadOfCase = Annotated[str, msgspec.Meta(description="The lead unit; empty until there is one.")]
CategoryOfCase = Annotated[str, msgspec.Meta(description="The category's code; `GET /v1/tenant` lists them.")]
