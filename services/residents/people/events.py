"""Events of residents: ids and names of fields, never values."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class ResidentChanged(Event, frozen=True, kw_only=True):
    """The public state, and which fields of the profile have changed."""

    type: ClassVar[str] = "residents.resident.changed.v1"
    id: str
    household: str = ""
    area: str
    state: str
    merged_into: str = ""
    fields: list[str] = []
