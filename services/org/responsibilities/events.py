"""The events of responsibility lists, the whistle table, the authority matrix and sponsorships."""

from __future__ import annotations

from typing import ClassVar

from chassis.messaging.envelope import Event, Moment


class ListEntryChanged(Event, frozen=True, kw_only=True):
    """Who leads matters of `category` at `tier`, who supports them, and on what legal basis. `kind`: which list."""

    type: ClassVar[str] = "org.list_entry.changed.v1"
    id: str
    kind: str
    category: str
    tier: str
    lead: str
    supporting: list[str]
    legal_basis: str
    valid_from: Moment
    valid_until: Moment | None


class WhistleRuleChanged(Event, frozen=True, kw_only=True):
    """Which `caller` role may call which `units` for which `categories` (none named: all), and where."""

    type: ClassVar[str] = "org.whistle_rule.changed.v1"
    id: str
    caller: str
    units: list[str]
    categories: list[str]
    area: str
    active: bool


class PowerChanged(Event, frozen=True, kw_only=True):
    """A power of the authority matrix and the tiers that hold it; without a tier nobody does."""

    type: ClassVar[str] = "org.power.changed.v1"
    id: str
    name: str
    name_zh: str
    tiers: list[str]


class SponsorshipChanged(Event, frozen=True, kw_only=True):
    """The sponsor (a post holder) of a street or community, or the overseer (a department) of a grid."""

    type: ClassVar[str] = "org.sponsorship.changed.v1"
    id: str
    kind: str
    area: str
    subject: str
    unit: str
    active: bool
