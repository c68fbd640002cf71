"""The events of units, posts and assignments: no names."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from chassis.messaging.envelope import Event, Moment


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
