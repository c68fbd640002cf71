"""API types of the requests by which people exercise the rights to their own data (个人信息权利请求)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.types import AnyText, Form, Moment, Note, NoteIfAny, Page, Path, Record
from vocabulary.rights_requests import RefusalReason

CorrectableField = Literal["name", "identity_number", "phone", "birthday", "sex"]
RequestState = Literal["OPEN", "ACCEPTED", "REFUSED", "WITHDRAWN"]
WantedValue = Annotated[
    AnyText,
    msgspec.Meta(max_length=64, description="Like a birthday `1950-05-01`; empty: nothing. Kept sealed."),
]


class CorrectionRequest(Form, frozen=True, kw_only=True):
    """What is wrong in the profile, and what it should be."""

    field: CorrectableField
    value: WantedValue = ""
    note: Annotated[NoteIfAny, msgspec.Meta(description="What proves it; kept sealed.")] = ""


class Refusal(Form, frozen=True, kw_only=True):
    reason: RefusalReason
    note: Annotated[Note, msgspec.Meta(description="What it means for the person, who reads it; kept sealed.")]


class ListRightsRequests(Page, frozen=True, kw_only=True):
    """Requests of an area, by id: by default those that are open."""

    area: Path | None = None
    state: Annotated[RequestState, msgspec.Meta(description="Only requests in this state.")] = "OPEN"
    overdue: Annotated[bool, msgspec.Meta(description="Only open ones whose deadline has passed.")] = False


class ListedRightsRequest(Record, frozen=True, kw_only=True):
    """`name`: of the resident, masked. `due`: until when it must be decided."""

    resident: str
    name: str
    area: str
    kind: str
    field: str
    state: str
    asked_at: Moment
    due: Moment
    overdue: bool


class OwnRightsRequest(Record, frozen=True, kw_only=True):
    """A request as its person sees it. `held`, `wanted`: both values until it is decided, then empty.

    `represented_by`: who asked in the person's name, if somebody did. `answer`: why it was refused, in words.
    """

    kind: str
    field: str
    held: str
    wanted: str
    note: str
    state: str
    represented_by: str
    asked_at: Moment
    due: Moment
    overdue: bool
    decided_at: Moment | None = None
    reason: str
    answer: str


class OpenedRightsRequest(OwnRightsRequest, frozen=True, kw_only=True):
    """A request as whoever answers it sees it. `name`: of the resident."""

    resident: str
    name: str
    area: str
    decided_by: str
