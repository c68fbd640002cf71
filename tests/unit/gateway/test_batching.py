from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.rpc.batching import BATCH, ConcurrencyLimit, FairQueue


@given(st.lists(st.sampled_from("abcde")), st.integers(min_value=1, max_value=10))
def test_every_waiting_call_is_taken_once_and_each_tenants_in_order(tenants: list[str], most: int) -> None:
    waiting: FairQueue[tuple[str, int]] = FairQueue()
    for number, tenant in enumerate(tenants):
        waiting.add(tenant, (tenant, number))
    taken: list[tuple[str, int]] = []
    while len(waiting):
        batch = waiting.take(most)
        assert 0 < len(batch) <= most
        taken += batch
    assert sorted(taken, key=lambda item: item[1]) == list(zip(tenants, range(len(tenants)), strict=True))
    for tenant in set(tenants):
        numbers = [number for name, number in taken if name == tenant]
        assert numbers == sorted(numbers)


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(min_value=1, max_value=50), min_size=2))
def test_tenants_take_turns_regardless_of_queue_length(queued: dict[str, int]) -> None:
    waiting: FairQueue[str] = FairQueue()
    for tenant, count in queued.items():
        for _ in range(count):
            waiting.add(tenant, tenant)
    rounds = min(queued.values()) * len(queued)
    first = waiting.take(rounds)
    assert {tenant: first.count(tenant) for tenant in queued} == dict.fromkeys(queued, min(queued.values()))


def test_the_limit_starts_at_two_messages_for_each_replica() -> None:
    limit = ConcurrencyLimit()
    assert limit.allowed() == 2
    limit.replicas = 3
    assert limit.allowed() == 6
    limit.replicas = 0
    assert limit.allowed() == 2


def test_slow_messages_halve_the_share_and_it_never_falls_below_one() -> None:
    limit = ConcurrencyLimit()
    for _ in range(5):
        limit.finished(8, ConcurrencyLimit.SLOW)
    assert limit.allowed() == 1


def test_the_share_recovers_and_rises_only_while_full_messages_return_quickly() -> None:
    limit = ConcurrencyLimit()
    limit.finished(8, ConcurrencyLimit.SLOW)
    for _ in range(100):
        limit.finished(8, 0.01)
    assert limit.allowed() == 2
    for _ in range(100):
        limit.finished(BATCH, 0.01)
    assert limit.allowed() == 4
    for _ in range(100):
        limit.finished(8, 0.01)
    assert limit.allowed() == 2
