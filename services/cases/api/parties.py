"""API structs of the parties of a case, what they add to it, and the cases that were merged into it."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from chassis.types import Moment
from services.cases.api.states import Priority
from services.cases.api.types import CaseNumberIfAny, Confidentiality


class CaseParty(msgspec.Struct, frozen=True, kw_only=True):
    """A party (当事人) and its rating. `person`, `name`, `phone`: for callers who may know who it is."""

    confidentiality: Confidentiality
    channel: str
    answered_at: Moment | None
    contacted: bool | None
    solved: bool | None
    satisfied: int | None
    called_back_at: Moment | None
    person: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET


class Supplement(msgspec.Struct, frozen=True, kw_only=True):
    """What a party said when it reported the same matter again."""

    at: Moment
    note: str


class CaseChild(msgspec.Struct, frozen=True, kw_only=True):
    """A case merged into this one, and what its parties answered. `released`: it was split off again."""

    case: str
    sequence: int
    released: bool
    priority: Priority
    started_at: Moment | None = None
    parties: int
    contactable: bool
    answered: int
    unsolved: int
    lowest: int | None = None


class MergedCase(msgspec.Struct, frozen=True, kw_only=True):
    """What a case that was merged into this one says, and its parties, whom the lead contacts too."""

    case: str
    number: CaseNumberIfAny = ""
    text: str
    address: str
    photos: list[str]
    parties: list[CaseParty]
    supplements: list[Supplement]
