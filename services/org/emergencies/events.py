"""Events of emergency mode. Each carries the full public state."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event
from services.org.api.emergencies import EmergencyState


class EmergencyChanged(EmergencyState, Event, frozen=True, kw_only=True):
    """While an emergency is `active`, cases registered in `area` have `limits`, and `roster` (posts) is on duty."""

    type: ClassVar[str] = "org.emergency.changed.v1"
