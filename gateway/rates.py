"""Rate limits, counted in this replica: by tenant for everything, by login and address for guessing."""

from __future__ import annotations

import math
import time

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from gateway.problems import TooManyRequests


class Rate:
    """So many requests in so long, for each of what it counts by. `limit`: like `2000/second`."""

    def __init__(self, name: str, limit: str) -> None:
        self._item = parse(limit)
        self._name = name
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self.policy = f'"{name}";q={self._item.amount};w={self._item.get_expiry()}'

    def take(self, *counted_by: str) -> None:
        """Count one; raises `TooManyRequests` with the seconds until the next may pass."""
        if not self._limiter.hit(self._item, self._name, *counted_by):
            reset = self._limiter.get_window_stats(self._item, self._name, *counted_by).reset_time
            raise TooManyRequests(retry_after=max(1, math.ceil(reset - time.time())))

    def state(self, *counted_by: str) -> str:
        """The RateLimit header field (draft-ietf-httpapi-ratelimit-headers): what remains, and until when."""
        stats = self._limiter.get_window_stats(self._item, self._name, *counted_by)
        return f'"{self._name}";r={stats.remaining};t={max(0, math.ceil(stats.reset_time - time.time()))}'
