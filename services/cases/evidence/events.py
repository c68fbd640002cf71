"""Events of photos and comments; free text stays sealed in the document."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class PhotoAttached(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.photo.attached.v1"
    subject: str
    purpose: str


class PhotoRemoved(Event, frozen=True, kw_only=True):
    """`reason`: orphan (never attached), withdrawn or erased."""

    type: ClassVar[str] = "cases.photo.removed.v1"
    subject: str
    reason: str


class CommentAdded(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.comment.added.v1"
    case: str
    visibility: str
