"""Events of tables that were imported: ids and counts, never values."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class TableImported(Event, frozen=True, kw_only=True):
    """Every row is done."""

    type: ClassVar[str] = "residents.table.imported.v1"
    area: str
    made: int
    known: int
    rejected: int
