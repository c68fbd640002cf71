"""Events of needs: ids alone. What is needed is in none of them."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class NeedChanged(Event, frozen=True, kw_only=True):
    """`residents`, `households`: whose it is now and, if that has changed, whose it was."""

    type: ClassVar[str] = "residents.need.changed.v1"
    id: str
    residents: list[str]
    households: list[str] = []
    area: str
    state: str
