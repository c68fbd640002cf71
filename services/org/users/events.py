"""Events of users. Each carries the full public state, without personal data."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event
from chassis.types import Moment


class UserChanged(Event, frozen=True, kw_only=True):
    """A user changed. Tokens issued before `tokens_since`, or to an inactive user, are no longer valid."""

    type: ClassVar[str] = "org.user.changed.v1"
    id: str
    kind: str
    active: bool
    tokens_since: Moment
