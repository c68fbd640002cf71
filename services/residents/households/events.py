"""Events of households."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class HouseholdChanged(Event, frozen=True, kw_only=True):
    """Its colour is not in it: it says what people need."""

    type: ClassVar[str] = "residents.household.changed.v1"
    id: str
    dwelling: str
    area: str
    state: str


class HouseholdSplit(Event, frozen=True, kw_only=True):
    """`residents` become the new household; `out_of`: where they lived."""

    type: ClassVar[str] = "residents.household.split.v1"
    out_of: str
    residents: list[str]
