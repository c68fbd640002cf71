"""Input values of the intake steps, with personal data already sealed."""

from __future__ import annotations

from typing import Literal

import msgspec

from services.cases.api.states import Priority
from services.cases.api.types import Confidentiality


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what a step of the model takes; a request is a `Form`, which is not sealed yet."""


class PlaceAt(Input, frozen=True, kw_only=True):
    """`outside`: the point lies far from the place, so it has no `cell`."""

    path: str
    lon: float | None = None
    lat: float | None = None
    cell: str = ""
    address: str = ""
    on_site: bool = True
    outside: bool = False


class PartyIs(Input, frozen=True, kw_only=True):
    """`person`: a subject id, the blind index of a phone number, or `code:…`; name and phone are sealed."""

    person: str
    channel: Literal["account", "phone", "code"] = "account"
    name: str = ""
    phone: str = ""
    confidentiality: Confidentiality = "named"


class Report(Input, frozen=True, kw_only=True):
    """`number`: the case number; `priority`: the category's provisional one; `spans`: further areas that it touches.

    `resolution`, `visit`: the deliberation or visit that it follows from.
    """

    number: str = ""
    category: str
    place: PlaceAt
    spans: tuple[str, ...] = ()
    text: str = ""
    photos: tuple[str, ...] = ()
    priority: Priority = Priority.P3
    party: PartyIs | None = None
    about: str = ""
    personal_claim: bool = False
    emergency: bool = False
    limits_version: str = ""
    resolution: str = ""
    visit: str = ""


class ReportAgain(Input, frozen=True, kw_only=True):
    """What a party adds when it reports its open matter again. `words` is sealed."""

    words: str = ""
    photos: tuple[str, ...] = ()
    confidential: bool = False


class Registration(Input, frozen=True, kw_only=True):
    """`nobody`: there is no party to contact or ask for a rating. `tier`: the tier that dispatches.

    `listed_tiers`: tiers at which a responsibility list names an owner for the category; a P1 case goes to the highest.
    """

    category: str
    priority: Priority
    place: PlaceAt | None = None
    party: PartyIs | None = None
    nobody: bool = False
    tier: str = ""
    limits_version: str = ""
    emergency: bool = False
    personal_claim: bool | None = None
    listed_tiers: tuple[str, ...] = ()
