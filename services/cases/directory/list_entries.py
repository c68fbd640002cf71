"""Responsibility list entries as value objects, for lookups and suggestions."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a responsibility list. `kind`: which of the three lists (三张清单)."""

    id: str
    kind: str
    category: str
    tier: str
    lead: str
    supporting: tuple[str, ...] = ()
    legal_basis: str = ""
    valid_from: datetime
    valid_until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return self.valid_from <= now and (self.valid_until is None or now < self.valid_until)
