"""Events of divisions. Each carries the full public state."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event
from services.org.api.divisions import DivisionState


class DivisionChanged(DivisionState, Event, frozen=True, kw_only=True):
    """A division changed: any tier from the tenant's root down to a community."""

    type: ClassVar[str] = "org.division.changed.v1"
