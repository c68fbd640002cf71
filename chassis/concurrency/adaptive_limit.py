"""Adaptive concurrency limit (AIMD, as in TCP): calls in flight, bounded by how many of them come back in time.

What comes back in time raises the limit, what is late or refused further on cuts it. So it settles near the number
that can be answered in that time (Little's law), without knowing how fast the other side is.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

from chassis.errors import Overloaded

#: The limit of a new one, and its bounds.
START, LEAST, MOST = 32, 4, 4096
#: The share of its time limit within which a call comes back in time. The rest is for what waits elsewhere.
IN_TIME = 0.15
#: What is left of the limit after a cut.
BACKOFF = 0.7
#: Seconds after which a call that came counts half for the share of its kind.
HALF_LIFE = 5.0
#: Of more tenants than these, those who did not call for so many seconds are forgotten.
_MOST_TENANTS, _FORGOTTEN = 1_000, 60.0


@dataclass(slots=True, eq=False)
class Ticket:
    """A call in flight. It ends in one of three ways. Times are seconds of one clock; `due`: until then it is in time.

    `seconds`: from its start until `due`.
    """

    _limit: AdaptiveLimit
    tenant: str
    due: float
    seconds: float

    def answered(self, now: float) -> None:
        """It came back, in time or not."""
        self._limit.learn(self, now, late=now > self.due)

    def refused(self, now: float) -> None:
        """It was refused further on, where too many came together."""
        self._limit.cut(now, self.seconds)
        self._limit.remove(self)

    def lost(self) -> None:
        """It says nothing about the load: the connection was lost."""
        self._limit.remove(self)


class AdaptiveLimit:
    """Limit of one kind of call: a slow kind must not take the place of a quick one.

    `peers`: the limits of all kinds that the same service answers; the new one joins them. `slack`: how many times more
    it allows at the start, and waits, than the limit in front of it. So that one finds what can be borne, and refuses
    before a call has gone any way.
    """

    def __init__(self, peers: list[AdaptiveLimit] | None = None, *, slack: int = 1) -> None:
        self._peers = [] if peers is None else peers
        self._peers.append(self)
        self._slack = slack
        self._limit = float(START * slack)
        self._open: dict[Ticket, None] = {}  # in the order in which they started
        self._tenants: Counter[str] = Counter()
        self._next_cut = -math.inf
        self._came: dict[str, tuple[float, float]] = {}  # by tenant: how many calls lately, and until when

    @property
    def allowed(self) -> int:
        """Returns how many calls may be in flight."""
        return int(self._limit)

    @property
    def in_flight(self) -> int:
        return len(self._open)

    def is_full(self, tenant: str, now: float) -> bool:
        """Returns whether the limit is reached, unless the tenant has less than its share of it: then the others must
        wait until their own have come back.

        Whoever asks has a call, which counts as one that came if it is refused.
        """
        refused = self._is_full(tenant, now)
        if refused:
            self._count(tenant, now)
        return refused

    def _is_full(self, tenant: str, now: float) -> bool:
        oldest = next(iter(self._open), None)
        if oldest is not None and now > oldest.due and self._has_share(now):
            self.cut(now, oldest.seconds)  # what hangs must not be waited for
        return self.in_flight >= self.allowed and self._tenants[tenant] >= self._share(tenant)

    def take(self, tenant: str, now: float, seconds: float) -> Ticket:
        """Starts a call that has `seconds` until its deadline. Raises `Overloaded` if the limit `is_full`."""
        if self.is_full(tenant, now):
            raise Overloaded()
        in_time = max(0.0, seconds) * IN_TIME * self._slack
        ticket = Ticket(self, tenant, now + in_time, in_time)
        self._count(tenant, now)
        self._open[ticket] = None
        self._tenants[tenant] += 1
        return ticket

    def learn(self, ticket: Ticket, now: float, *, late: bool) -> None:
        """Ends a call and adjusts the limit, which rises by its square root while it is used and all are in time.

        Below its share it rises even if calls are late: then others are in their way.
        """
        if late and self._has_share(now):
            self.cut(now, ticket.seconds)
        elif self._is_used:
            self._limit = min(MOST, self._limit + 1 / math.sqrt(self._limit))
        self.remove(ticket)

    def remove(self, ticket: Ticket) -> None:
        del self._open[ticket]
        self._tenants[ticket.tenant] -= 1
        if not self._tenants[ticket.tenant]:
            del self._tenants[ticket.tenant]

    @property
    def _is_used(self) -> bool:
        return 2 * self.in_flight >= self.allowed

    def _share(self, tenant: str) -> int:
        return max(1, self.allowed // (len(self._tenants) + (tenant not in self._tenants)))

    def _has_share(self, now: float) -> bool:
        """Returns whether it has its share of what the service has in flight, by the votes of those who call.

        Each tenant has one vote, split over the kinds that it asks for: as many dear calls as cheap ones would be
        answered with equal shares, however few of them come; and by calls alone, a flood of one tenant would decide.
        """
        lately = {peer: peer._lately(now) for peer in self._peers if peer.in_flight}
        asked: dict[str, float] = defaultdict(float)
        for came in lately.values():
            for tenant, calls in came.items():
                asked[tenant] += calls
        votes = {
            peer: sum(calls / asked[tenant] for tenant, calls in came.items() if calls) for peer, came in lately.items()
        }
        in_flight = sum(peer.in_flight for peer in lately)
        return self.in_flight * sum(votes.values()) >= votes[self] * in_flight

    def _lately(self, now: float) -> dict[str, float]:
        """Returns how many calls of this kind came lately, by tenant."""
        return {tenant: self._came_lately(tenant, now) for tenant in self._came}

    def _came_lately(self, tenant: str, now: float) -> float:
        calls, until = self._came.get(tenant, (0.0, now))
        return calls * math.pow(0.5, (now - until) / HALF_LIFE)

    def _count(self, tenant: str, now: float) -> None:
        self._came[tenant] = self._came_lately(tenant, now) + 1, now
        if len(self._came) > _MOST_TENANTS:
            self._forget(now)

    def _forget(self, now: float) -> None:
        self._came = {tenant: each for tenant, each in self._came.items() if now - each[1] < _FORGOTTEN}

    def cut(self, now: float, seconds: float) -> None:
        """Cuts once in the time after which the last cut can show.

        From what was in flight, not from what might have been; but a slow call or two beside nothing else are no load.
        """
        if now >= self._next_cut:
            self._next_cut = now + seconds
            held = min(self._limit, self.in_flight) if self._is_used else self._limit
            self._limit = max(LEAST, held * BACKOFF)
