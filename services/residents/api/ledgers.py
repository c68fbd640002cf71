"""API types of ledgers (台账)."""

from __future__ import annotations

import msgspec

from chassis.types import Form, Path


class LedgerOf(Form, frozen=True, kw_only=True):
    area: Path


class LedgerLine(msgspec.Struct, frozen=True, kw_only=True):
    """Of what lies directly below the area. `subjects`: how many have a value; `counts`: of a choice, how many by code;
    `sum`, `least`, `most`: of a number."""

    area: str
    subjects: int
    counts: dict[str, int]
    sum: float | None = None
    least: float | None = None
    most: float | None = None


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    field: str
    kind: str
    measure: str
    items: list[LedgerLine]
