"""Concurrency limits of live streams in this replica: in total, per tenant, per address and per person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chassis.errors import Problem
from chassis.security.principal import Principal
from gateway import metrics
from gateway.http.places import Places
from gateway.http.rate_limits import Rate


class TooManyStreams(Problem):
    """A person has reached their limit, `most`."""

    status = 429
    code = "too_many_streams"
    en = "You have {most} live streams open; close one of them first."
    zh = "您已打开 {most} 个实时事件流，请先关闭其中一个。"


class OpenStreams:
    """Counts open streams: each takes a place, and a person has at most `of_person`, and opens no more a minute than
    somebody does whose connection breaks often: reading a log from far behind is the dearest request there is."""

    def __init__(self, most: int, of_person: int = 5, openings: str = "60/minute") -> None:
        self._places = Places(most, retry_after=30)
        self._of_person = of_person
        self._openings = Rate("live events", openings)
        self._persons: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def one_for(self, by: Principal, address: str) -> Iterator[None]:
        """Holds a place while the stream is open. Raises `TooManyStreams`, `TooManyRequests`, `Overloaded`."""
        person = (by.tenant, by.subject)
        if self._persons[person] >= self._of_person:
            raise TooManyStreams(most=self._of_person)
        self._openings.take(*person)
        with self._places.one_for(by.tenant, address), metrics.streams.track_inprogress():
            self._persons[person] += 1
            try:
                yield
            finally:
                self._persons -= Counter([person])
