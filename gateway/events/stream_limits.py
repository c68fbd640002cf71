"""Concurrency limits of live streams in this replica: in total, per tenant and per person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chassis.errors import Problem, Unavailable
from chassis.security.principal import Principal
from gateway import metrics


class TooManyStreams(Problem):
    """A person has reached their limit, `most`."""

    status = 429
    code = "too_many_streams"
    en = "You have {most} live streams open; close one of them first."
    zh = "您已打开 {most} 个实时事件流，请先关闭其中一个。"


class OpenStreams:
    """Counts open streams. `of_tenant` is less than `most`, so that no city can crowd out the others."""

    def __init__(self, most: int = 1000, of_tenant: int = 500, of_person: int = 5) -> None:
        self._most, self._of_tenant, self._of_person = most, of_tenant, of_person
        self._tenants: Counter[str] = Counter()
        self._persons: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def one_for(self, by: Principal) -> Iterator[None]:
        """Holds a slot while the stream is open. Raises `TooManyStreams` or `Unavailable`."""
        person = (by.tenant, by.subject)
        if self._persons[person] >= self._of_person:
            raise TooManyStreams(most=self._of_person)
        if self._tenants.total() >= self._most or self._tenants[by.tenant] >= self._of_tenant:
            raise Unavailable(retry_after=30)
        metrics.streams.inc()
        self._persons[person] += 1
        self._tenants[by.tenant] += 1
        try:
            yield
        finally:
            metrics.streams.dec()
            self._persons -= Counter([person])
            self._tenants -= Counter([by.tenant])
