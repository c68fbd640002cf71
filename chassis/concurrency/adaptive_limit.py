"""Adaptive concurrency limit (AIMD, as in TCP): calls in flight, bounded by how many of them come back in time.

While calls come back in time the limit rises; when most are late, or one is refused further on, it is cut. So it
settles near the number that can be answered in that time (Little's law), without knowing how fast the other side is.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

from chassis.errors import Overloaded

#: The limit of a new one, and its bounds.
START, LEAST, MOST = 64, 4, 4096
#: The share of its time limit within which a call comes back in time. The rest is for what waits elsewhere.
IN_TIME = 0.15
#: What is left of the limit after a cut.
BACKOFF = 0.7
#: The share of the limit that calls of one kind may have, so that a kind that hangs leaves room for the others.
MOST_OF_KIND = 0.9
#: The weight of an answer in the share of those that were late (a moving average).
_WEIGHT = 1 / 8


@dataclass(slots=True, eq=False)
class Ticket:
    """A call in flight. It ends in one of three ways. Times are seconds of one clock; `due`: until then it is in time.

    `seconds`: from its start until `due`.
    """

    _limit: AdaptiveLimit
    kind: str
    tenant: str
    due: float
    seconds: float

    def answered(self, now: float) -> None:
        """It came back, in time or not."""
        self._limit.learn(now, self.seconds, late=now > self.due)
        self._limit.remove(self)

    def refused(self, now: float) -> None:
        """It was refused further on, where too many came together."""
        self._limit.cut(now, self.seconds)
        self._limit.remove(self)

    def lost(self) -> None:
        """It says nothing about the load: the connection was lost."""
        self._limit.remove(self)


class AdaptiveLimit:
    """Limit of all calls to one service.

    `slack`: how many times more it allows at the start, and waits, than the limit in front of it. So that one finds
    what can be borne, and refuses before a call has gone any way.
    """

    def __init__(self, *, slack: int = 1) -> None:
        self._slack = slack
        self._limit = float(START * slack)
        self._calls = _Calls()
        self._kinds: dict[str, _Calls] = defaultdict(_Calls)
        self._expected = _Calls()
        self._expected_kinds: dict[str, _Calls] = defaultdict(_Calls)
        self._late = 0.0
        self._next_cut = -math.inf

    @property
    def allowed(self) -> int:
        """Returns how many calls may be in flight."""
        return int(self._limit)

    @property
    def in_flight(self) -> int:
        return self._calls.number

    def in_flight_of(self, kind: str) -> int:
        return self._kinds[kind].number

    def expects(self, kind: str, tenant: str) -> bool:
        """Returns whether a call that is about to come has room beside the others that are. If so, it counts as one of
        them until it `came`.
        """
        if not self._has_room(kind, tenant, self._expected, self._expected_kinds[kind]):
            return False
        self._expected.add(tenant)
        self._expected_kinds[kind].add(tenant)
        return True

    def came(self, kind: str, tenant: str) -> None:
        """Ends what `expects` began, whether the call was started or not."""
        self._expected.remove(tenant)
        self._expected_kinds[kind].remove(tenant)

    def take(self, kind: str, tenant: str, now: float, seconds: float) -> Ticket:
        """Starts a call that has `seconds` until its deadline. Raises `Overloaded` if the limit is reached."""
        if not self._has_room(kind, tenant, _NONE, _NONE):
            raise Overloaded()
        in_time = max(0.0, seconds) * IN_TIME * self._slack
        self._calls.add(tenant)
        self._kinds[kind].add(tenant)
        return Ticket(self, kind, tenant, now + in_time, in_time)

    def remove(self, ticket: Ticket) -> None:
        self._calls.remove(ticket.tenant)
        self._kinds[ticket.kind].remove(ticket.tenant)

    def learn(self, now: float, seconds: float, *, late: bool) -> None:
        """Adjusts the limit, which rises by its square root while it is used and calls are in time.

        It is cut when most are late: a few slow ones among the others are no load.
        """
        if late and now < self._next_cut:
            return  # it started before the last cut
        self._late += (late - self._late) * _WEIGHT
        if self._late > 0.5:
            self.cut(now, seconds)
        elif not late and self._is_used:
            self._limit = min(MOST, self._limit + 1 / math.sqrt(self._limit))

    def cut(self, now: float, seconds: float) -> None:
        """Cuts once in the time after which the last cut can show.

        From what was in flight, not from what might have been; but a few slow calls beside nothing else are no load.
        """
        if now >= self._next_cut:
            self._next_cut = now + seconds
            self._late = 0.0
            held = min(self._limit, self.in_flight) if self._is_used else self._limit
            self._limit = max(LEAST, held * BACKOFF)

    def _has_room(self, kind: str, tenant: str, beside: _Calls, beside_of_kind: _Calls) -> bool:
        """Each place that comes free goes to whoever comes next, so as many of each kind are answered as come of it."""
        most_of_kind = max(1, int(self.allowed * MOST_OF_KIND))
        return self._calls.has_room(self.allowed, tenant, beside) and self._kinds[kind].has_room(
            most_of_kind, tenant, beside_of_kind
        )

    @property
    def _is_used(self) -> bool:
        return 2 * self.in_flight >= self.allowed


class _Calls:
    """Calls in flight, by tenant."""

    __slots__ = ("_tenants", "number")

    def __init__(self) -> None:
        self.number = 0
        self._tenants: Counter[str] = Counter()

    def has_room(self, limit: int, tenant: str, beside: _Calls) -> bool:
        """Returns whether another call has room; if the tenant has less than its share, the others must wait instead
        until their own have come back.
        """
        if self.number + beside.number < limit:
            return True
        return self._tenants[tenant] + beside._tenants[tenant] < self._share(limit, tenant)

    def add(self, tenant: str) -> None:
        self.number += 1
        self._tenants[tenant] += 1

    def remove(self, tenant: str) -> None:
        self.number -= 1
        self._tenants[tenant] -= 1
        if not self._tenants[tenant]:
            del self._tenants[tenant]

    def _share(self, limit: int, tenant: str) -> int:
        return max(1, limit // (len(self._tenants) + (tenant not in self._tenants)))


_NONE = _Calls()
