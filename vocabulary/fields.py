"""Shared kernel of field types: what several services take and show about the same thing, with one bound each.

A code or id that one service lets somebody define is as long here, so that every other service can take it. The form
that may be empty also stands in filters and answers.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.types import AnyText, Id, Word, exactly, in_words

MOST_OF_CATEGORY = 80
"""Characters of the longest code that a tenant may define."""

_SLUG = in_words(
    exactly("[a-z][a-z0-9]*(-[a-z0-9]+)*"),
    "it must be lower-case letters, digits and single hyphens, and start with a letter",
    "须为小写字母、数字和单个连字符，以字母开头",
)
Slug = Annotated[str, msgspec.Meta(pattern=_SLUG, max_length=40)]

_CATEGORY = "A category code like `component.utility.manhole-cover`; `GET /v1/tenant` lists them under `categories`."
_UNIT = "the id of a department (`GET /v1/units`), or the division's code of a street, community or centre."
_ENTRY = "The id of an entry of a responsibility list (`GET /v1/list-entries`)."

CategoryCode = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=MOST_OF_CATEGORY, pattern=exactly("[a-z0-9_.-]+"), description=_CATEGORY),
]
CategoryCodeIfAny = Annotated[
    str, msgspec.Meta(max_length=MOST_OF_CATEGORY, pattern=exactly("[a-z0-9_.-]*"), description=_CATEGORY)
]
Unit = Annotated[Id, msgspec.Meta(description="A unit: " + _UNIT)]
UnitIfAny = Annotated[Word, msgspec.Meta(description="A unit: " + _UNIT)]
Lead = Annotated[Id, msgspec.Meta(description="The lead unit: " + _UNIT)]
LeadIfAny = Annotated[Word, msgspec.Meta(description="The lead unit: " + _UNIT)]
# `<category>.<tier>.<number>`
EntryId = Annotated[
    str, msgspec.Meta(min_length=1, max_length=100, pattern=exactly("[A-Za-z0-9_.:-]+"), description=_ENTRY)
]
EntryIdIfAny = Annotated[AnyText, msgspec.Meta(max_length=100, description=_ENTRY)]
Leaving = Annotated[
    bool, msgspec.Meta(description="Whether the figures leave the city; small counts are then suppressed.")
]
