"""API types of evidence: photos and comments."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.errors import Invalid
from chassis.types import Form, Moment, Prose, Record, RecordState, exactly
from vocabulary.fields import UnitIfAny

MOST_BYTES = 10_000_000
MOST_PIXELS = 25_000_000

Purpose = Literal["report", "verification", "proof", "inspection"]
Visibility = Literal["staff", "parties"]
PhotoId = Annotated[str, msgspec.Meta(max_length=64, pattern=exactly("[A-Za-z0-9_-]+"))]


class WantedPhoto(Form, frozen=True, kw_only=True):
    purpose: Purpose


class Stored(Form, frozen=True, kw_only=True):
    """What the gateway stored: always a re-encoded JPEG, without position or device metadata."""

    sha256: Annotated[str, msgspec.Meta(pattern=exactly("[0-9a-f]{64}"))]
    size: Annotated[int, msgspec.Meta(ge=1, le=MOST_BYTES)]
    width: Annotated[int, msgspec.Meta(ge=1)]
    height: Annotated[int, msgspec.Meta(ge=1)]

    def __post_init__(self) -> None:
        if self.width * self.height > MOST_PIXELS:
            raise Invalid(("width", f"must be at most {MOST_PIXELS} pixels in all", f"总像素数不得超过 {MOST_PIXELS}"))


class PhotoTicket(msgspec.Struct, frozen=True, kw_only=True):
    """What opens the bytes of a photo at the blob store, for the gateway alone: to put them or to get them."""

    id: str
    ticket: str
    expires: Moment


class PhotoKept(RecordState, frozen=True, kw_only=True):
    """A photo that may be used now."""


class Comment(Form, frozen=True, kw_only=True):
    """`visibility`: `staff`, or `parties` (the reporter can read it too)."""

    text: Prose
    visibility: Visibility = "staff"


class ListedComment(Record, frozen=True, kw_only=True):
    """`author`: visible to staff only, and empty for a confidential reporter."""

    unit: UnitIfAny
    visibility: str
    at: Moment
    author: str = ""
    text: str
