"""The event of an emergency."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from chassis.messaging.envelope import Event
from services.org.tenants.settings import Limits


class EmergencyChanged(Event, frozen=True, kw_only=True):
    """While `active`, cases registered in `area` have `limits`, and `roster` (posts) is on duty."""

    type: ClassVar[str] = "org.emergency.changed.v1"
    id: str
    hazard: str
    area: str
    state: str
    order: str
    since: datetime
    until: datetime
    limits: Limits
    roster: list[str]
    ended: datetime | None
