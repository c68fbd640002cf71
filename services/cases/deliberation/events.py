"""Events of deliberations; free text stays sealed in the document."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from chassis.envelope import Event


class DeliberationConvened(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.deliberation.convened.v1"
    kind: str
    area: str
    at: datetime


class DeliberationDecided(Event, frozen=True, kw_only=True):
    """`follow_up`: whether a case is to be created; `category` is set only then."""

    type: ClassVar[str] = "cases.deliberation.decided.v1"
    kind: str
    area: str
    follow_up: bool
    category: str = ""


class DeliberationFollowed(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.deliberation.followed.v1"
    case: str


class DeliberationCancelled(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.deliberation.cancelled.v1"
    kind: str
    area: str
