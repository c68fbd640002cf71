"""Rules of access that every service has."""

from __future__ import annotations

from chassis.errors import NotFound


def require_seen(seen: bool) -> None:
    """What somebody may not see answers like an id that does not exist."""
    if not seen:
        raise NotFound()
