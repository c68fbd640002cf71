"""The events of posts, people and their duties: no names.

Each carries the full public state of its aggregate, and every field of it, so that a copy never keeps a
value which has been taken away.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

import msgspec

from chassis.messaging.envelope import Event

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """A declared absence: from `start`, up to and without `end`."""

    start: Moment
    end: Moment


class UnitChanged(Event, frozen=True, kw_only=True):
    """A department or the like. `path` is the area that it serves."""

    type: ClassVar[str] = "org.unit.changed.v1"
    id: str
    name: str
    kind: str
    path: str
    active: bool


class PostChanged(Event, frozen=True, kw_only=True):
    """The full public state of a post."""

    type: ClassVar[str] = "org.post.changed.v1"
    id: str
    kind: str
    title: str
    unit: str
    area: str
    roles: list[str]
    duties: list[str]
    active: bool


class AssignmentChanged(Event, frozen=True, kw_only=True):
    """`subject` holds `post` from `valid_from` up to `valid_until`; with `backup_of`, only while that one is absent."""

    type: ClassVar[str] = "org.assignment.changed.v1"
    id: str
    subject: str
    post: str
    unit: str
    area: str
    roles: list[str]
    valid_from: Moment
    valid_until: Moment | None
    backup_of: str
    absences: list[Absence]
    ended: bool


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


class UserChanged(Event, frozen=True, kw_only=True):
    """A token issued before `tokens_since`, or to a user who is not active, no longer holds."""

    type: ClassVar[str] = "org.user.changed.v1"
    id: str
    kind: str
    active: bool
    tokens_since: Moment
