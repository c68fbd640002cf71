"""The events of users: no names. Each carries the full public state."""

from __future__ import annotations

from typing import ClassVar

from chassis.messaging.envelope import Event
from chassis.types import Moment


class UserChanged(Event, frozen=True, kw_only=True):
    """A token issued before `tokens_since`, or to a user who is not active, no longer holds."""

    type: ClassVar[str] = "org.user.changed.v1"
    id: str
    kind: str
    active: bool
    tokens_since: Moment
