"""A method has so many workers and no more, and every call of it gets one, in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chassis.entrypoints.method_queue import MethodQueue


@given(st.integers(1, 5), st.lists(st.booleans(), max_size=60))
def test_never_more_than_its_workers_run_and_all_run_in_order(workers: int, adds: list[bool]) -> None:
    started: list[int] = []
    queue = MethodQueue(workers, started.append)
    added = ended = 0
    for adding in [*adds, *[False] * len(adds)]:
        if adding:
            queue.add(added)
            added += 1
        elif ended < len(started):
            ended += 1
            queue.ended()
        assert len(started) == min(added, ended + workers)
    assert started == list(range(added))
