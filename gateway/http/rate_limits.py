"""Rate limits (fixed window) per replica: by tenant for all requests, by login and address against guessing.

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
        self._counts[counted_by] = count

    def state(self, *counted_by: str) -> str:
        """Returns the RateLimit header field (draft-ietf-httpapi-ratelimit-headers): remaining requests and seconds."""
        return f'"{self._name}";r={self._most - self._counts.get(counted_by, 0)};t={self._left(self._now())}'

    def _left(self, now: float) -> int:
        return max(1, math.ceil(self._ends - now))
