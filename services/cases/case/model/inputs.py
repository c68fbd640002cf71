"""What a step of intake is told: typed forms, with personal data already sealed."""

from __future__ import annotations

from typing import Literal

import msgspec

from services.cases.api.states import Priority
from services.cases.api.types import Confidentiality


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what a step is told."""


class PlaceAt(Form, frozen=True, kw_only=True):
    path: str
    lon: float | None = None
    lat: float | None = None
    cell: str = ""
    address: str = ""
    on_site: bool = True


class PartyIs(Form, frozen=True, kw_only=True):
    """`person`: subject id, blind index of a phone, or `code:…`; name and phone are sealed."""

    person: str
    channel: Literal["account", "phone", "code"] = "account"
    name: str = ""
    phone: str = ""
    confidentiality: Confidentiality = "named"


class Report(Form, frozen=True, kw_only=True):
    """What is known at the door. `priority` is the category's provisional one; `spans`: further areas it touches."""

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


class ReportAgain(Form, frozen=True, kw_only=True):
    """What a party's next report of its open matter brings. `words` are sealed."""

    words: str = ""
    photos: tuple[str, ...] = ()
    confidential: bool = False


class Registration(Form, frozen=True, kw_only=True):
    """`nobody`: there is no party to contact or to rate. `tier`: where it is dispatched.

    `listed_tiers`: those at which a list names an owner for the category; one of the highest severity goes to
    the highest of them.
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
