"""The adaptive limit follows what comes back in time, and refuses no tenant below its share."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chassis.concurrency.adaptive_limit import BACKOFF, IN_TIME, LEAST, MOST, START, AdaptiveLimit, Ticket
from chassis.errors import Overloaded

TIMEOUT = 10.0
IN_TIME_SECONDS = TIMEOUT * IN_TIME


def taken(limit: AdaptiveLimit, tenant: str, now: float, number: int) -> list[Ticket]:
    return [limit.take(tenant, now, TIMEOUT) for _ in range(number)]


def refuses(limit: AdaptiveLimit, tenant: str, now: float) -> bool:
    try:
        limit.take(tenant, now, TIMEOUT).lost()
    except Overloaded:
        return True
    return False


class Stack:
    """Something that answers `capacity` calls a second, one after another, by a clock of the test.

    `offer`: so many calls a second, for so many seconds. Returns the times that the answers took, and the refusals.
    """

    def __init__(self, limit: AdaptiveLimit, capacity: float) -> None:
        self.limit = limit
        self.capacity = capacity
        self.now = 0.0
        self._free_at = 0.0
        self._queue: deque[tuple[float, float, Ticket]] = deque()

    def offer(self, rate: float, seconds: float) -> tuple[list[float], int]:
        took, refused = [], 0
        for _ in range(int(rate * seconds)):
            self.now += 1 / rate
            while self._queue and self._queue[0][0] <= self.now:
                took.append(self._answer())
            try:
                ticket = self.limit.take("wuhai", self.now, TIMEOUT)
            except Overloaded:
                refused += 1
                continue
            self._free_at = max(self._free_at, self.now) + 1 / self.capacity
            self._queue.append((self._free_at, self.now, ticket))
        return took, refused

    def _answer(self) -> float:
        done, started, ticket = self._queue.popleft()
        ticket.answered(done)
        return done - started


@pytest.mark.parametrize("capacity", [5, 10, 300])
@pytest.mark.parametrize("times", [2, 10])
def test_under_overload_as_many_are_answered_as_at_capacity_and_none_of_them_late(capacity: float, times: int) -> None:
    stack = Stack(AdaptiveLimit(), capacity)
    stack.offer(times * capacity, 30)  # it learns
    took, refused = stack.offer(times * capacity, 20)
    assert len(took) >= 0.95 * capacity * 20
    assert refused > 0
    assert max(took) < 2 * IN_TIME_SECONDS


def test_of_two_kinds_that_wait_for_the_same_the_one_with_the_longer_way_is_not_starved() -> None:
    peers: list[AdaptiveLimit] = []
    limits, way = [AdaptiveLimit(peers), AdaptiveLimit(peers)], (0.0, 0.5)
    answers: list[tuple[float, int, Ticket]] = []
    answered, capacity, free_at = [0, 0], 50, 0.0
    for number in range(60 * 10 * capacity):
        now, kind = number / (10 * capacity), number % 2
        while answers and answers[0][0] <= now:
            done, which, ticket = heappop(answers)
            ticket.answered(done)
            answered[which] += now > 30  # by then it has learned
        if not limits[kind].is_full("wuhai", now):
            free_at = max(free_at, now) + 1 / capacity
            heappush(answers, (free_at + way[kind], kind, limits[kind].take("wuhai", now, TIMEOUT)))
    assert sum(answered) >= 0.95 * capacity * 30
    assert min(answered) >= sum(answered) / 3


def test_of_cheap_and_dear_calls_as_many_are_answered_as_come_of_each() -> None:
    peers: list[AdaptiveLimit] = []
    limits, cost = [AdaptiveLimit(peers), AdaptiveLimit(peers)], (0.004, 0.02)
    answers: deque[tuple[float, int, Ticket]] = deque()
    answered, free_at = [0, 0], 0.0
    for number in range(60 * 600):
        now, kind = number / 600, int(number % 4 == 0)  # three cheap ones for a dear one
        while answers and answers[0][0] <= now:
            done, which, ticket = answers.popleft()
            ticket.answered(done)
            answered[which] += now > 30  # by then it has learned
        if not limits[kind].is_full("wuhai", now):
            free_at = max(free_at, now) + cost[kind]
            answers.append((free_at, kind, limits[kind].take("wuhai", now, TIMEOUT)))
    cheap, dear = answered
    assert 2 * dear <= cheap <= 4 * dear
    assert cheap * cost[0] + dear * cost[1] >= 0.95 * 30


@pytest.mark.parametrize("hammered", [300, 5000])
def test_a_flood_of_one_tenant_at_one_kind_of_call_starves_no_other_tenant_at_another(hammered: int) -> None:
    peers: list[AdaptiveLimit] = []
    limits, tenants, rates = [AdaptiveLimit(peers), AdaptiveLimit(peers)], ("wuhai", "yaan"), (60, hammered)
    calls = sorted((number / rate, kind) for kind, rate in enumerate(rates) for number in range(rate * 60))
    answers: deque[tuple[float, int, Ticket]] = deque()
    answered, free_at = [0, 0], 0.0
    for now, kind in calls:
        while answers and answers[0][0] <= now:
            done, which, ticket = answers.popleft()
            ticket.answered(done)
            answered[which] += now > 30  # by then it has learned
        if not limits[kind].is_full(tenants[kind], now):
            free_at = max(free_at, now) + 0.005
            answers.append((free_at, kind, limits[kind].take(tenants[kind], now, TIMEOUT)))
    assert answered[0] >= 0.9 * 60 * 30
    assert sum(answered) >= 0.95 * 200 * 30


@pytest.mark.parametrize("capacity", [10, 300])
def test_after_an_overload_what_is_below_capacity_is_served(capacity: float) -> None:
    stack = Stack(AdaptiveLimit(), capacity)
    stack.offer(10 * capacity, 20)
    stack.offer(0.8 * capacity, 5)
    _, refused = stack.offer(0.8 * capacity, 20)
    assert refused == 0


def test_it_rises_while_it_is_used_and_all_come_back_in_time() -> None:
    stack = Stack(AdaptiveLimit(), 1000)
    stack.offer(900, 20)
    assert stack.limit.allowed == START  # a tenth of it was in flight: nothing was learned about more
    stack = Stack(AdaptiveLimit(), 1000)
    stack.offer(2000, 30)
    assert stack.limit.allowed > 4 * START


def test_what_hangs_cuts_the_limit_before_it_is_answered() -> None:
    limit = AdaptiveLimit()
    taken(limit, "wuhai", 0.0, START - 2)
    late = IN_TIME_SECONDS + 0.1
    assert refuses(limit, "wuhai", late)
    assert limit.allowed == int((START - 2) * BACKOFF)
    assert refuses(limit, "wuhai", late + 0.1)
    assert limit.allowed == int((START - 2) * BACKOFF), "once in the time after which a cut can show"


def test_a_refusal_further_on_cuts_the_limit_and_a_lost_connection_does_not() -> None:
    limit = AdaptiveLimit()
    first, second, *_ = taken(limit, "wuhai", 0.0, START)
    first.lost()
    assert limit.allowed == START
    second.refused(0.1)
    assert limit.allowed == int((START - 1) * BACKOFF)


def test_a_slow_call_beside_nothing_else_is_no_load() -> None:
    limit = AdaptiveLimit()
    [cold] = taken(limit, "wuhai", 0.0, 1)
    cold.answered(IN_TIME_SECONDS + 0.1)
    left = int(START * BACKOFF)
    assert limit.allowed == left
    assert len(taken(limit, "wuhai", 3.0, left)) == left


def test_with_more_tenants_than_places_each_still_has_one() -> None:
    limit = AdaptiveLimit()
    for number, ticket in enumerate(taken(limit, "wuhai", 0.0, START)):
        ticket.refused(100.0 * number)
    assert limit.allowed == LEAST
    taken(limit, "wuhai", 99_999.0, LEAST)
    for tenant in "abcdefgh":
        limit.take(tenant, 99_999.0, TIMEOUT)


def test_a_flood_of_one_tenant_refuses_no_other_tenant_below_its_share() -> None:
    limit = AdaptiveLimit()
    taken(limit, "wuhai", 0.0, START)
    assert refuses(limit, "wuhai", 0.0)
    quiet = taken(limit, "yaan", 0.0, START // 2)
    assert refuses(limit, "yaan", 0.0)
    for ticket in quiet:
        ticket.lost()
    assert refuses(limit, "wuhai", 0.1), "the flood does not take what the others give back"


class Calls(RuleBasedStateMachine):
    """Whatever happens: a tenant below its share is taken, the limit keeps its bounds, and every place comes back."""

    def __init__(self) -> None:
        super().__init__()
        self.limit = AdaptiveLimit()
        self.now = 0.0
        self.open: list[Ticket] = []

    @rule(tenant=st.sampled_from("abcd"), seconds=st.floats(-1, 60), number=st.integers(1, 100))
    def take(self, tenant: str, seconds: float, number: int) -> None:
        for _ in range(number):
            own = [ticket.tenant for ticket in self.open].count(tenant)
            tenants = {ticket.tenant for ticket in self.open} | {tenant}
            try:
                self.open.append(self.limit.take(tenant, self.now, seconds))
            except Overloaded:
                assert len(self.open) >= self.limit.allowed
                assert own >= max(1, self.limit.allowed // len(tenants))

    @rule(seconds=st.floats(0, 20))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: self.open)
    @rule(data=st.data(), how=st.sampled_from(["answered", "refused", "lost"]))
    def end(self, data: st.DataObject, how: str) -> None:
        ticket = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        if how == "lost":
            ticket.lost()
        else:
            getattr(ticket, how)(self.now)

    @invariant()
    def bounds_hold(self) -> None:
        assert LEAST <= self.limit.allowed <= MOST
        assert self.limit.in_flight == len(self.open)

    def teardown(self) -> None:
        for ticket in self.open:
            ticket.lost()
        assert self.limit.in_flight == 0


TestCalls = Calls.TestCase


@given(st.integers(1, 3000), st.integers(2, 6))
def test_however_many_come_the_overshoot_for_other_tenants_is_bounded(number: int, tenants: int) -> None:
    limit = AdaptiveLimit()
    for tenant in range(tenants):
        for _ in range(number):
            if refuses(limit, str(tenant), 0.0):
                break
            limit.take(str(tenant), 0.0, TIMEOUT)
    assert limit.in_flight <= START * sum(1 / rank for rank in range(1, tenants + 1))
