"""Event of the join of a record to a sign-in: which sign-in, is in none."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class JoinChanged(Event, frozen=True, kw_only=True):
    """`id`: of the resident."""

    type: ClassVar[str] = "residents.join.changed.v1"
    id: str
    area: str
    state: str
