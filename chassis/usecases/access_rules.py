"""Access rules that all services share."""

from __future__ import annotations

from chassis.errors import NotFound


def require_seen(seen: bool) -> None:
    """Raises `NotFound` unless the caller may see the record: a hidden record looks like an unknown id."""
    if not seen:
        raise NotFound()
