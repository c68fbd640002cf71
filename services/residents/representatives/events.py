"""Event of representatives: ids alone."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class RepresentativeChanged(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "residents.representative.changed.v1"
    id: str
    resident: str
    state: str
