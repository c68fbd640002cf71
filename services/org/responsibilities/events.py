"""Events of responsibility lists, whistle table, powers and sponsors.

Each carries every public field of its aggregate, so that a replica never keeps a value that was removed.
"""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event
from services.org.api.responsibilities import EntryState, PowerState, SponsorshipState, WhistleRuleState


class ListEntryChanged(EntryState, Event, frozen=True, kw_only=True):
    """Who leads matters of `category` at `tier`, who supports, and on what legal basis. `kind`: which list."""

    type: ClassVar[str] = "org.list_entry.changed.v1"


class WhistleRuleChanged(WhistleRuleState, Event, frozen=True, kw_only=True):
    """Which `caller` role may call which `units`, for which `categories` (empty: all) and in which area."""

    type: ClassVar[str] = "org.whistle_rule.changed.v1"


class PowerChanged(PowerState, Event, frozen=True, kw_only=True):
    """A power of the authority matrix and the tiers that hold it; without tiers nobody holds it."""

    type: ClassVar[str] = "org.power.changed.v1"


class SponsorshipChanged(SponsorshipState, Event, frozen=True, kw_only=True):
    """The sponsor (a post holder) of a street or community, or the overseer (a department) of a grid."""

    type: ClassVar[str] = "org.sponsorship.changed.v1"
