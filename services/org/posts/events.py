"""The events of units, posts and who holds them: no names of people.

Each carries the full public state of its aggregate, and every field of it, so that a copy never
keeps a value which has been taken away.
"""

from __future__ import annotations

from typing import ClassVar

from chassis.messaging.envelope import Event
from services.org.api.posts import AssignmentState, PostState, UnitState


class UnitChanged(UnitState, Event, frozen=True, kw_only=True):
    """A department or the like. `path` is the area that it serves."""

    type: ClassVar[str] = "org.unit.changed.v1"


class PostChanged(PostState, Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "org.post.changed.v1"


class AssignmentChanged(AssignmentState, Event, frozen=True, kw_only=True):
    """`subject` holds `post` from `valid_from` up to `valid_until`; with `backup_of`, only while that one is absent."""

    type: ClassVar[str] = "org.assignment.changed.v1"
