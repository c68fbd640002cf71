"""API structs of responsibility lists, whistle table, powers and sponsors."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.types import AnyText, Form, Id, Moment, Page, Path, SomeText, Word
from vocabulary.fields import CategoryCode, CategoryCodeIfAny, Lead, LeadIfAny, Unit, UnitIfAny

ListKind = Literal["duties", "public_services", "territorial"]
SponsorshipKind = Literal["sponsor", "overseer"]


class NewEntry(Form, frozen=True, kw_only=True):
    """An entry to add. `lead` and `supporting`: unit ids. `valid_from`: now by default."""

    kind: ListKind
    category: CategoryCode
    tier: Annotated[AnyText, msgspec.Meta(max_length=20)]
    lead: Lead
    legal_basis: Annotated[SomeText, msgspec.Meta(max_length=400)]
    supporting: Annotated[tuple[Unit, ...], msgspec.Meta(max_length=20)] = ()
    valid_from: Moment | None = None
    valid_until: Moment | None = None


class EntryEnd(Form, frozen=True, kw_only=True):
    """When the entry ends: at `at`, or now by default."""

    at: Moment | None = None


class ListEntries(Page, frozen=True, kw_only=True):
    """Entries of one list (`kind`) and category, or of all; past and future ones too."""

    category: CategoryCodeIfAny = ""
    kind: Annotated[ListKind | None, msgspec.Meta(description="Only entries of this list.")] = None


class EntryAt(Form, frozen=True, kw_only=True):
    """The only entry in force for the category and tier at `at`, or now by default."""

    category: CategoryCode
    tier: Annotated[Word, msgspec.Meta(description="A tier, such as `street`.")]
    at: Moment | None = None


class EntryState(msgspec.Struct, frozen=True, kw_only=True):
    """The public state of an entry of a responsibility list: the data of its event."""

    id: str
    kind: str
    category: str
    tier: str
    lead: str
    supporting: list[str]
    legal_basis: str
    valid_from: Moment
    valid_until: Moment | None


class ListedEntry(EntryState, frozen=True, kw_only=True):
    category: CategoryCodeIfAny
    lead: LeadIfAny
    version: int


class NewWhistleRule(Form, frozen=True, kw_only=True):
    """A rule to add to the whistle table. `categories`: empty for all. `area`: where it applies."""

    caller: Annotated[AnyText, msgspec.Meta(max_length=20)]
    units: Annotated[tuple[Unit, ...], msgspec.Meta(min_length=1, max_length=50)]
    area: Path
    categories: Annotated[tuple[CategoryCode, ...], msgspec.Meta(max_length=50)] = ()


class WhistleRuleState(msgspec.Struct, frozen=True, kw_only=True):
    """The public state of a rule of the whistle table: the data of its event."""

    id: str
    caller: str
    units: list[str]
    categories: list[str]
    area: str
    active: bool


class ListedWhistleRule(WhistleRuleState, frozen=True, kw_only=True):
    """A rule of the whistle table. Empty `categories`: all."""

    version: int


class MatterAt(Form, frozen=True, kw_only=True):
    """A matter of a category at a place."""

    category: CategoryCode
    place: Path


class CallableUnits(msgspec.Struct, frozen=True, kw_only=True):
    """The units that the whistle table lets the caller's roles whistle for."""

    units: list[str]


class PowerSetting(Form, frozen=True, kw_only=True):
    """The tiers that hold a power, and the names of a custom power."""

    tiers: Annotated[list[Word], msgspec.Meta(max_length=50)]
    name: Word = ""
    name_zh: Word = ""


class PowerState(msgspec.Struct, frozen=True, kw_only=True):
    """The public state of a power: the data of its event."""

    id: str
    name: str
    name_zh: str
    tiers: list[str]


class ListedPower(PowerState, frozen=True, kw_only=True):
    version: int


class AuthorityMatrix(msgspec.Struct, frozen=True, kw_only=True):
    """The authority matrix: all six powers."""

    items: list[ListedPower]


class HoldingTier(msgspec.Struct, frozen=True, kw_only=True):
    """The tier of the caller's area, which holds the power."""

    tier: str


class Sponsor(Form, frozen=True, kw_only=True):
    """A leader to name as sponsor of a street or community."""

    area: Path
    subject: Id


class Overseer(Form, frozen=True, kw_only=True):
    """A department to name as overseer of a grid."""

    area: Path
    unit: Unit


class SponsorshipEnd(Form, frozen=True, kw_only=True):
    kind: SponsorshipKind
    area: Path


class ListSponsorships(Page, frozen=True, kw_only=True):
    kind: Annotated[SponsorshipKind, msgspec.Meta(description="Sponsors or overseers.")]


class SponsorshipState(msgspec.Struct, frozen=True, kw_only=True):
    """The public state of a sponsor or overseer: the data of its event."""

    id: str
    kind: str
    area: str
    subject: str
    unit: str
    active: bool


class ListedSponsorship(SponsorshipState, frozen=True, kw_only=True):
    unit: UnitIfAny
    version: int
