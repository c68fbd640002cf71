"""API types of representatives (代理人), who act for a resident."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Id, Moment, Record
from services.residents.api.types import PersonName

MandateProof = Annotated[
    Literal["power_of_attorney", "guardianship", "kinship"],
    msgspec.Meta(description="What proves it: 授权委托书, 监护证明 or 亲属关系证明. Nothing of it is kept."),
]


class NewRepresentative(Form, frozen=True, kw_only=True):
    user: Annotated[Id, msgspec.Meta(description="The id of the representative's user (`GET /v1/me`).")]
    name: PersonName
    proof: MandateProof
    until: Annotated[Moment, msgspec.Meta(description="The last moment, at most five years from now.")]


class ShownRepresentative(Record, frozen=True, kw_only=True):
    """`acting`: whether they may act now."""

    name: str
    proof: str
    until: Moment
    acting: bool
