"""Events of dwellings."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class DwellingChanged(Event, frozen=True, kw_only=True):
    """`door` is not in it: with an exact address, people could be found."""

    type: ClassVar[str] = "residents.dwelling.changed.v1"
    id: str
    area: str
    estate: str = ""
    building: str = ""
    kind: str
    state: str
