"""Small counts: what is too small to leave a tenant (docs/decisions/0011)."""

from __future__ import annotations

#: Smaller counts are not shown outside the tenant.
SMALLEST_SHOWN = 10
