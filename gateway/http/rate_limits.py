"""Rate limits (fixed window) per replica: by tenant for all requests, by address against guessing.

Own code instead of a library: the available one starts a thread for nearly every request.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable

from chassis.settings import BadSetting
from gateway.http.problems import TooManyRequests

_LIMIT = re.compile(r"([1-9]\d*)/(second|minute|hour)")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
#: Keys that are counted at once; beyond them the oldest count is forgotten, so that nobody can fill the memory.
MOST_KEYS = 100_000


class Rate:
    """Fixed-window counter per key. `limit`: like `2000/second`."""

    def __init__(self, name: str, limit: str, *, now: Callable[[], float] = time.monotonic) -> None:
        found = _LIMIT.fullmatch(limit)
        if found is None:
            raise BadSetting(name=f"the limit {name}", reason=f"{limit!r} is not like 2000/second")
        self._name = name
        self._most, self._window = int(found[1]), _SECONDS[found[2]]
        self._now = now
        self._ends = 0.0
        self._counts: dict[tuple[str, ...], int] = {}
        self.policy = f'"{name}";q={self._most};w={self._window}'

    def take(self, *counted_by: str) -> None:
        """Counts one request. Raises `TooManyRequests` with the seconds until the next window."""
        now = self._now()
        if now >= self._ends:
            self._ends = now + self._window
            self._counts.clear()
        count = self._counts.get(counted_by, 0) + 1
        if count > self._most:
            raise TooManyRequests(retry_after=self._left(now))
        if len(self._counts) >= MOST_KEYS and counted_by not in self._counts:
            del self._counts[next(iter(self._counts))]
        self._counts[counted_by] = count

    def give_back(self, *counted_by: str) -> None:
        """Takes one request back that turned out not to count."""
        if counted_by in self._counts:
            self._counts[counted_by] -= 1

    def state(self, *counted_by: str) -> str:
        """Returns the RateLimit header field (draft-ietf-httpapi-ratelimit-headers): remaining requests and seconds."""
        return f'"{self._name}";r={self._most - self._counts.get(counted_by, 0)};t={self._left(self._now())}'

    def _left(self, now: float) -> int:
        return max(1, math.ceil(self._ends - now))
