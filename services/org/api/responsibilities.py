"""Shapes of what a tenant decides about its units: responsibility lists, whistle table, powers, sponsors."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.types import NOT_BLANK, Form, Id, Moment, Page, Path, Word
from services.org.api.types import Category, CategoryIfAny, Lead, LeadIfAny, ListedCategory, Unit, UnitIfAny

ListKind = Literal["duties", "public_services", "territorial"]
SponsorshipKind = Literal["sponsor", "overseer"]
_Unit = Annotated[str, msgspec.Meta(max_length=48)]


class NewEntry(Form, frozen=True, kw_only=True):
    """An entry to be made. `lead` and `supporting` are unit ids; `valid_from` is now where not given."""

    kind: ListKind
    category: ListedCategory
    tier: Annotated[str, msgspec.Meta(max_length=20)]
    lead: Lead
    legal_basis: Annotated[str, msgspec.Meta(pattern=NOT_BLANK, max_length=400)]
    supporting: Annotated[tuple[_Unit, ...], msgspec.Meta(max_length=20)] = ()
    valid_from: Moment | None = None
    valid_until: Moment | None = None


class EntryEnd(Form, frozen=True, kw_only=True):
    """It no longer holds from `at` (now, where not given) on."""

    at: Moment | None = None


class ListEntries(Page, frozen=True, kw_only=True):
    """Of one list (`kind`) and one category, or of all, past and coming ones too."""

    category: CategoryIfAny = ""
    kind: ListKind | None = None


class EntryAt(Form, frozen=True, kw_only=True):
    """The one entry that holds for the category and tier at the moment, or now."""

    category: Category
    tier: Word
    at: Moment | None = None


class EntryState(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of an entry of a responsibility list."""

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
    category: CategoryIfAny
    lead: LeadIfAny
    version: int


class NewWhistleRule(Form, frozen=True, kw_only=True):
    """`categories` empty: for every matter. `area`: where it holds."""

    caller: Annotated[str, msgspec.Meta(max_length=20)]
    units: Annotated[tuple[_Unit, ...], msgspec.Meta(min_length=1, max_length=50)]
    area: Path
    categories: Annotated[tuple[Word, ...], msgspec.Meta(max_length=50)] = ()


class WhistleRuleState(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of a rule of the whistle table."""

    id: str
    caller: str
    units: list[str]
    categories: list[str]
    area: str
    active: bool


class ListedWhistleRule(WhistleRuleState, frozen=True, kw_only=True):
    """No categories named: all."""

    version: int


class MatterAt(Form, frozen=True, kw_only=True):
    """A matter of the category at the place."""

    category: Category
    place: Path


class CallableUnits(msgspec.Struct, frozen=True, kw_only=True):
    """The units that the caller's roles may whistle for by the table."""

    units: list[str]


class PowerSetting(Form, frozen=True, kw_only=True):
    """The tiers that hold it; one of the tenant's own three is named with it."""

    tiers: Annotated[list[Word], msgspec.Meta(max_length=50)]
    name: Word = ""
    name_zh: Word = ""


class PowerState(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of a power."""

    id: str
    name: str
    name_zh: str
    tiers: list[str]


class ListedPower(PowerState, frozen=True, kw_only=True):
    version: int


class AuthorityMatrix(msgspec.Struct, frozen=True, kw_only=True):
    """All six places."""

    items: list[ListedPower]


class HoldingTier(msgspec.Struct, frozen=True, kw_only=True):
    """The tier of the caller's area, which holds the power."""

    tier: str


class Sponsor(Form, frozen=True, kw_only=True):
    """A leader, for a street or community."""

    area: Path
    subject: Id


class Overseer(Form, frozen=True, kw_only=True):
    """A department, for a grid."""

    area: Path
    unit: Unit


class SponsorshipEnd(Form, frozen=True, kw_only=True):
    kind: SponsorshipKind
    area: Path


class ListSponsorships(Page, frozen=True, kw_only=True):
    kind: SponsorshipKind


class SponsorshipState(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of a sponsor or overseer."""

    id: str
    kind: str
    area: str
    subject: str
    unit: str
    active: bool


class ListedSponsorship(SponsorshipState, frozen=True, kw_only=True):
    unit: UnitIfAny
    version: int
