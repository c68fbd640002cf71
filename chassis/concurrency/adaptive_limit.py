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
#: The share of the limit that calls of one kind may have at most, so that a kind that hangs leaves room for the others.
MOST_OF_KIND = 0.9
#: The weight of an answer in the share of those that were late (a moving average).
_WEIGHT = 1 / 8
#: Seconds after its last answer in which a kind counts as called.
_LATELY = 10.0
#: Seconds in which a cut does not show yet in what is refused further on.
_SETTLES = 1.5


@dataclass(slots=True, eq=False)
class Ticket:
    """A call in flight. It ends in one of three ways. Times are seconds of one clock; it is in time until `due`."""

    _limit: AdaptiveLimit
    kind: str
    tenant: str
    started: float
    due: float

    def answered(self, now: float) -> None:
        """It came back, in time or not."""
        self._limit.learn(self, now)
        self._limit.remove(self)

    def refused(self, now: float) -> None:
        """It was refused further on, where too many came together."""
        self._limit.refused(now)
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
        self._cut_at = -math.inf
        self._calls, self._reserved = _Calls(), _Calls()
        self._kinds: dict[str, _Kind] = defaultdict(_Kind)

    @property
    def allowed(self) -> int:
        """Returns how many calls may be in flight."""
        return int(self._limit)

    @property
    def in_flight(self) -> int:
        return self._calls.number

    def in_flight_of(self, kind: str) -> int:
        return self._kinds[kind].calls.number

    def reserve(self, kind: str, tenant: str) -> bool:
        """Returns whether a call that is about to come has room. If so, it has a place until `release`.

        While less than half of the limit is in flight, reserved places refuse nobody: some lead to no call at all.
        """
        beside = (self._reserved, self._kinds[kind].reserved) if self._is_used else (_NONE, _NONE)
        if not self._has_room(kind, tenant, *beside):
            return False
        self._reserved.add(tenant)
        self._kinds[kind].reserved.add(tenant)
        return True

    def release(self, kind: str, tenant: str) -> None:
        """Gives back a reserved place: the call takes its own now, or does not come."""
        self._reserved.remove(tenant)
        self._kinds[kind].reserved.remove(tenant)

    def take(self, kind: str, tenant: str, now: float, seconds: float) -> Ticket:
        """Starts a call that has `seconds` until its deadline. Raises `Overloaded` if the limit is reached."""
        if not self._has_room(kind, tenant, _NONE, _NONE):
            raise Overloaded()
        self._calls.add(tenant)
        self._kinds[kind].calls.add(tenant)
        return Ticket(self, kind, tenant, now, now + max(0.0, seconds) * IN_TIME * self._slack)

    def remove(self, ticket: Ticket) -> None:
        self._calls.remove(ticket.tenant)
        self._kinds[ticket.kind].calls.remove(ticket.tenant)

    def learn(self, ticket: Ticket, now: float) -> None:
        """Adjusts the limit, which rises by its square root while it is used and calls are in time.

        It is cut when most kinds of calls are late: one that hangs is in nobody's way, and what all wait for makes all
        late. What started before the last cut and is late says nothing about it.
        """
        late = now > ticket.due
        if late and ticket.started < self._cut_at:
            return
        self._kinds[ticket.kind].learn(now, late=late)
        if not self._is_used:
            return  # a few slow calls beside nothing else are no load
        if late and self._are_most_late(now):
            self._cut(now)
        elif not late:
            self._limit = min(MOST, self._limit + 1 / math.sqrt(self._limit))

    def refused(self, now: float) -> None:
        if now >= self._cut_at + _SETTLES:
            self._cut(now)

    def _cut(self, now: float) -> None:
        """Cuts from what was in flight, not from what might have been."""
        self._cut_at = now
        for kind in self._kinds.values():
            kind.late = 0.0
        held = min(self._limit, self.in_flight) if self._is_used else self._limit
        self._limit = max(LEAST, held * BACKOFF)

    def _are_most_late(self, now: float) -> bool:
        lately = [kind.late for kind in self._kinds.values() if now - kind.answered_at < _LATELY]
        return sum(lately) > len(lately) / 2

    def _has_room(self, kind: str, tenant: str, beside: _Calls, beside_of_kind: _Calls) -> bool:
        """Each place that comes free goes to whoever comes next, so as many of each kind are answered as come of it."""
        most_of_kind = max(1, int(self.allowed * MOST_OF_KIND))
        return self._calls.has_room(self.allowed, tenant, beside) and self._kinds[kind].calls.has_room(
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
        tenants = self._tenants.keys() | beside._tenants.keys() | {tenant}
        return self._tenants[tenant] + beside._tenants[tenant] < max(1, limit // len(tenants))

    def add(self, tenant: str) -> None:
        self.number += 1
        self._tenants[tenant] += 1

    def remove(self, tenant: str) -> None:
        self.number -= 1
        self._tenants[tenant] -= 1
        if not self._tenants[tenant]:
            del self._tenants[tenant]


class _Kind:
    """One kind of call. `late`: the share of its last answers that were late."""

    __slots__ = ("answered_at", "calls", "late", "reserved")

    def __init__(self) -> None:
        self.calls, self.reserved = _Calls(), _Calls()
        self.late = 0.0
        self.answered_at = -math.inf

    def learn(self, now: float, *, late: bool) -> None:
        self.late += (late - self.late) * _WEIGHT
        self.answered_at = now


_NONE = _Calls()
