"""Shared field types of the API. Every text has a maximum length; a required text must not be blank."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.types import AnyText, SomeText, exactly, in_words

_CODE = "The code returned by the report, in upper or lower case, with or without blanks and hyphens."
FollowCode = Annotated[SomeText, msgspec.Meta(max_length=64, description=_CODE)]
FollowCodeIfAny = Annotated[AnyText, msgspec.Meta(max_length=64, description=_CODE)]
#: What a party or a caller may give.
SCORES = range(1, 6)
Score = Annotated[int, msgspec.Meta(ge=SCORES[0], le=SCORES[-1])]
Confidentiality = Literal["named", "confidential", "anonymous"]
LeadOfCase = Annotated[str, msgspec.Meta(description="The lead unit; empty until there is one.")]
_NUMBER, _WORDS = "[0-9]{8}-[0-9]{4,9}", ("it must be a number like 20261129-0042", "须为工单号，如 20261129-0042")
_OF_CASE = (
    "The case number (工单号), to be said on the phone: the day on which the case came in, and a number that no other "
    "case of that day has. It does not tell in which order cases came in."
)
CaseNumber = Annotated[
    str, msgspec.Meta(pattern=in_words(exactly(_NUMBER), *_WORDS), max_length=18, description=_OF_CASE)
]
CaseNumberIfAny = Annotated[
    str,
    msgspec.Meta(
        pattern=in_words(exactly(f"({_NUMBER})?"), *_WORDS),
        max_length=18,
        description=f"{_OF_CASE} Empty for cases from before there were numbers.",
    ),
]
CategoryOfCase = Annotated[str, msgspec.Meta(description="The category's code; `GET /v1/tenant` lists them.")]
