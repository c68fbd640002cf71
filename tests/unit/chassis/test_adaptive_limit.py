"""The adaptive limit follows what comes back in time, and refuses no tenant below its share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chassis.concurrency.adaptive_limit import BACKOFF, IN_TIME, LEAST, MOST, MOST_OF_KIND, START, AdaptiveLimit, Ticket
from chassis.errors import Overloaded

TIMEOUT = 10.0
IN_TIME_SECONDS = TIMEOUT * IN_TIME
KINDS = ("read", "list")


def taken(limit: AdaptiveLimit, tenant: str, now: float, number: int) -> list[Ticket]:
    """Calls of both kinds in turn."""
    return [limit.take(KINDS[each % 2], tenant, now, TIMEOUT) for each in range(number)]


def refuses(limit: AdaptiveLimit, tenant: str, now: float, kind: str = "read") -> bool:
    try:
        limit.take(kind, tenant, now, TIMEOUT).lost()
    except Overloaded:
        return True
    return False


class Server:
    """Answers calls of several kinds one after another. `cost`, `way`: seconds of work and on the way, by kind.

    `answered`, `refused`, and the seconds that each answer `took`: all after it has learned.
    """

    def __init__(self, cost: dict[str, float], way: dict[str, float] | None = None) -> None:
        self.limit = AdaptiveLimit()
        self.answered: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.took: list[float] = []
        self._cost = cost
        self._way = way or {}
        self._free_at = 0.0
        self._answers: list[tuple[float, int, Ticket]] = []
        self._number = 0

    def offer(self, calls: Iterable[tuple[float, str, str]], learned: float = 0.0) -> None:
        """`calls`: when each comes, its kind and tenant. `learned`: by when it has."""
        for now, kind, tenant in calls:
            while self._answers and self._answers[0][0] <= now:
                done, _, ticket = heappop(self._answers)
                ticket.answered(done)
                if now > learned:
                    self.answered[ticket.kind] += 1
                    self.took.append(done - ticket.started)
            try:
                ticket = self.limit.take(kind, tenant, now, TIMEOUT)
            except Overloaded:
                self.refused[kind] += now > learned
                continue
            self._free_at = max(self._free_at, now) + self._cost[kind]
            self._number += 1
            heappush(self._answers, (self._free_at + self._way.get(kind, 0.0), self._number, ticket))


def steady(rate: float, seconds: float, begin: float = 0.0) -> Iterator[tuple[float, str, str]]:
    """Yields so many reads a second."""
    return ((begin + number / rate, "read", "wuhai") for number in range(int(rate * seconds)))


@pytest.mark.parametrize("capacity", [5, 10, 300])
@pytest.mark.parametrize("times", [2, 10])
def test_under_overload_as_many_are_answered_as_at_capacity_and_none_of_them_late(capacity: float, times: int) -> None:
    server = Server({"read": 1 / capacity})
    server.offer(steady(times * capacity, 50), learned=30)
    assert len(server.took) >= 0.95 * capacity * 20
    assert server.refused["read"] > 0
    assert max(server.took) < 2 * IN_TIME_SECONDS


def test_of_two_kinds_that_wait_for_the_same_the_one_with_the_longer_way_is_not_starved() -> None:
    server, random = Server({"read": 1 / 50, "batched": 1 / 50}, {"batched": 0.5}), Random(7)
    server.offer(((n / 500, random.choice(["read", "batched"]), "wuhai") for n in range(60 * 500)), learned=30)
    assert server.answered.total() >= 0.95 * 50 * 30
    assert min(server.answered.values()) >= server.answered.total() / 3


@pytest.mark.parametrize("beside", [0, 10])
def test_of_cheap_and_dear_calls_as_many_are_answered_as_come_of_each(beside: int) -> None:
    """`beside`: calls of another tenant for the dear ones, which hardly anybody notices."""
    cost = {"cheap": 0.004, "dear": 0.02}
    server, number, random = Server(cost), 60 * 600, Random(7)

    def tenant(n: int) -> str:
        return "yaan" if beside and n % (number // beside) == 0 else "wuhai"

    server.offer(((n / 600, random.choice(["cheap"] * 3 + ["dear"]), tenant(n)) for n in range(number)), learned=30)
    assert 2.5 * server.answered["dear"] <= server.answered["cheap"] <= 3.5 * server.answered["dear"]
    assert sum(cost[kind] * server.answered[kind] for kind in cost) >= 0.95 * 30


@pytest.mark.parametrize("hammered", [300, 5000])
def test_a_flood_of_one_tenant_at_one_kind_of_call_starves_no_other_tenant_at_another(hammered: int) -> None:
    server, rates = Server({"read": 0.005, "list": 0.005}), {"read": (60, "yaan"), "list": (hammered, "wuhai")}
    calls = ((n / rate, kind, tenant) for kind, (rate, tenant) in rates.items() for n in range(rate * 60))
    server.offer(sorted(calls), learned=30)
    assert server.answered["read"] >= 0.95 * 60 * 30
    assert server.answered.total() >= 0.95 * 200 * 30


def test_a_kind_that_hangs_refuses_no_call_of_another_kind() -> None:
    server = Server({"read": 0.005, "hangs": 0.0}, {"hangs": TIMEOUT})
    calls = [(n / 100, "read", "wuhai") for n in range(60 * 100)] + [(n / 50, "hangs", "wuhai") for n in range(60 * 50)]
    server.offer(sorted(calls), learned=10)
    assert server.refused["hangs"] > 0
    assert server.refused["read"] == 0


@pytest.mark.parametrize("reads", [2, 16])
def test_a_kind_that_hangs_refuses_none_of_the_few_calls_of_another(reads: int) -> None:
    server, random = Server({"read": 0.005, "hangs": 0.0}, {"hangs": TIMEOUT}), Random(7)
    pages = [120 * random.random() for _ in range(120 * reads // 4)]  # of four reads each
    calls = [(at + n / 1000, "read", "wuhai") for at in pages for n in range(4)]
    calls += [(n / 50, "hangs", "wuhai") for n in range(120 * 50)]
    server.offer(sorted(calls), learned=20)
    assert server.refused["read"] == 0


def test_requests_that_arrive_together_do_not_all_find_the_last_places_free() -> None:
    limit = AdaptiveLimit()
    taken(limit, "wuhai", 0.0, START - 2)
    assert [limit.reserve("read", "wuhai") for _ in range(4)] == [True, True, False, False]
    assert limit.reserve("read", "yaan"), "a tenant below its share has room"
    taken(limit, "wuhai", 0.0, 2)  # they are what was expected, and count once
    for tenant in ("wuhai", "wuhai", "yaan"):
        limit.release("read", tenant)
    assert not limit.reserve("read", "wuhai")


def test_requests_that_lead_to_no_call_refuse_nobody_while_nothing_is_in_flight() -> None:
    limit = AdaptiveLimit()
    assert all(limit.reserve("read", "wuhai") for _ in range(10 * START))


def test_tenants_that_arrive_together_share_the_limit() -> None:
    limit = AdaptiveLimit()
    taken(limit, "wuhai", 0.0, START // 2)
    let_in = sum(limit.reserve(KINDS[n // 4 % 2], "abcd"[n % 4]) for n in range(40 * START))
    assert START // 2 + let_in <= START * sum(1 / rank for rank in range(1, 6))


@pytest.mark.parametrize("capacity", [10, 300])
def test_after_an_overload_what_is_below_capacity_is_served(capacity: float) -> None:
    server = Server({"read": 1 / capacity})
    server.offer([*steady(10 * capacity, 20), *steady(0.8 * capacity, 25, begin=20)], learned=25)
    assert server.refused["read"] == 0


def test_it_rises_while_it_is_used_and_all_come_back_in_time() -> None:
    server = Server({"read": 0.001})
    server.offer(steady(900, 20))
    assert server.limit.allowed == START  # a tenth of it was in flight: nothing was learned about more
    server = Server({"read": 0.001})
    server.offer(steady(2000, 30))
    assert server.limit.allowed > 4 * START


def test_a_kind_that_hangs_leaves_room_for_the_others() -> None:
    limit = AdaptiveLimit()
    for _ in range(int(START * MOST_OF_KIND)):
        limit.take("hangs", "wuhai", 0.0, TIMEOUT)
    assert refuses(limit, "wuhai", 0.0, "hangs")
    assert not refuses(limit, "wuhai", 0.0, "read")


def test_a_few_late_calls_among_many_are_no_load() -> None:
    limit = AdaptiveLimit()
    for number, ticket in enumerate(taken(limit, "wuhai", 0.0, START)):
        ticket.answered(IN_TIME_SECONDS + 1 if number % 3 == 0 else 1.0)
    assert limit.allowed >= START


def test_a_refusal_further_on_cuts_the_limit_and_a_lost_connection_does_not() -> None:
    limit = AdaptiveLimit()
    first, second, *_ = taken(limit, "wuhai", 0.0, START)
    first.lost()
    assert limit.allowed == START
    second.refused(0.1)
    assert limit.allowed == int((START - 1) * BACKOFF)


def test_slow_calls_beside_nothing_else_are_no_load() -> None:
    limit, now = AdaptiveLimit(), 0.0
    for _ in range(60):
        [slow] = taken(limit, "wuhai", now, 1)
        now += IN_TIME_SECONDS + 0.1
        slow.answered(now)
    assert limit.allowed == START


def test_a_cut_for_calls_that_may_take_long_does_not_keep_others_from_the_next_cut() -> None:
    limit = AdaptiveLimit()
    long = [limit.take(KINDS[n % 2], "wuhai", 0.0, 60.0) for n in range(START)]
    for ticket in long:
        ticket.answered(60 * IN_TIME + 1)
    after = limit.allowed
    assert after < START
    now = 60 * IN_TIME + 2
    for ticket in taken(limit, "wuhai", now, after):
        ticket.answered(now + IN_TIME_SECONDS + 0.1)
    assert limit.allowed < after


def test_with_more_tenants_than_places_each_still_has_one() -> None:
    limit = AdaptiveLimit()
    for number, ticket in enumerate(taken(limit, "wuhai", 0.0, START)):
        ticket.refused(100.0 * number)
    assert limit.allowed == LEAST
    taken(limit, "wuhai", 99_999.0, LEAST)
    for tenant in "abcdefgh":
        limit.take("read", tenant, 99_999.0, TIMEOUT)


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

    @rule(
        kind=st.sampled_from(KINDS),
        tenant=st.sampled_from("abcd"),
        seconds=st.floats(-1, 60),
        number=st.integers(1, 100),
    )
    def take(self, kind: str, tenant: str, seconds: float, number: int) -> None:
        for _ in range(number):
            of_kind = [ticket for ticket in self.open if ticket.kind == kind]
            most_of_kind = max(1, int(self.limit.allowed * MOST_OF_KIND))
            full = self._is_full(self.open, self.limit.allowed, tenant) or self._is_full(of_kind, most_of_kind, tenant)
            try:
                self.open.append(self.limit.take(kind, tenant, self.now, seconds))
            except Overloaded:
                assert full
            else:
                assert not full

    @staticmethod
    def _is_full(calls: list[Ticket], most: int, tenant: str) -> bool:
        """A tenant below its share is not refused."""
        tenants = [ticket.tenant for ticket in calls]
        return len(calls) >= most and tenants.count(tenant) >= max(1, most // len({*tenants, tenant}))

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
            kind = KINDS[limit.in_flight % 2]
            if refuses(limit, str(tenant), 0.0, kind):
                break
            limit.take(kind, str(tenant), 0.0, TIMEOUT)
    assert limit.in_flight <= START * sum(1 / rank for rank in range(1, tenants + 1))
