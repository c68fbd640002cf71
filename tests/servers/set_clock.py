"""A clock that tests set and advance."""

from __future__ import annotations

from datetime import datetime, timedelta


class SetClock:
    """Fake clock: it stands still until it is advanced."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        self._now += by
        return self._now
