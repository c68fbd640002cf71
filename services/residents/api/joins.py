"""API types of joins: which sign-in is that of which resident, and by which proof."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Id, Moment, Record, RecordState, SomeText
from services.residents.api.types import PersonName

UserOfPerson = Annotated[
    Id, msgspec.Meta(description="The id of the person's user, as they see it under `GET /v1/me`.")
]
Proof = Annotated[
    Literal["identity_card", "household_register", "residence_permit", "passport"],
    msgspec.Meta(description="The kind of document that was shown; nothing of it is kept."),
]
NumberShown = Annotated[
    SomeText, msgspec.Meta(max_length=32, description="公民身份号码 of the card that is shown; it is not kept.")
]
NameShown = Annotated[PersonName, msgspec.Meta(description="As on the document; it is not kept.")]
JoinCode = Annotated[SomeText, msgspec.Meta(max_length=32, description="As on the paper from the grid worker.")]


class Identification(Form, frozen=True, kw_only=True):
    """What an identity card shows of a person who stands at the counter."""

    name: NameShown
    identity_number: NumberShown


class IdentifiedResident(Record, frozen=True, kw_only=True):
    """The record of whoever showed the card. `joined`: whether it has a sign-in."""

    area: str
    state: str
    joined: bool


class NewJoin(Form, frozen=True, kw_only=True):
    user: UserOfPerson
    proof: Proof


class IssuedCode(RecordState, frozen=True, kw_only=True):
    """`code`: to be handed over on paper; it is shown only once and holds until it is used or replaced."""

    code: str
    valid_until: Moment


class Redemption(Form, frozen=True, kw_only=True):
    code: JoinCode
    name: Annotated[PersonName, msgspec.Meta(description="Your name, as in the record.")]
