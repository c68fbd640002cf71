"""Events of units, posts and assignments, without names of people.

Each carries every public field of its aggregate, so that a replica never keeps a value that was removed.
"""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event
from services.org.api.posts import AssignmentState, PostState, UnitState


class UnitChanged(UnitState, Event, frozen=True, kw_only=True):
    """A unit (a department, institution or enterprise) changed. `path`: the area that it serves."""

    type: ClassVar[str] = "org.unit.changed.v1"


class PostChanged(PostState, Event, frozen=True, kw_only=True):
    """A post changed."""

    type: ClassVar[str] = "org.post.changed.v1"


class AssignmentChanged(AssignmentState, Event, frozen=True, kw_only=True):
    """`subject` holds `post` from `valid_from` up to `valid_until`; a backup only while `backup_of` is absent."""

    type: ClassVar[str] = "org.assignment.changed.v1"
