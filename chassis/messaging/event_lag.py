"""Watermark: up to which moment this process knows the events that its service's queue brought."""

from __future__ import annotations

from datetime import datetime, timedelta

from chassis.clock import EPOCH, Clock


class EventLag:
    """Set by the consumer; nothing is known before it has come by once.

    Another process of the service may still be handling what it took from the same queue; that takes it moments.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known_until = EPOCH
        self._back_at = EPOCH

    @property
    def known_until(self) -> datetime:
        """Never later than now. An event that was tried and failed is not waited for: it may fail for ever."""
        return min(self._known_until, self._clock.now())

    def handled(self, made_at: datetime) -> None:
        """The last handled event was made then; what is behind it in the queue was made later."""
        if self._clock.now() >= self._back_at:
            self._known_until = made_at

    def queue_is_empty(self) -> None:
        self.handled(self._clock.now())

    def put_back(self, longest: timedelta) -> None:
        """Events went back untried, and are in the queue again after `longest` at the latest."""
        self._back_at = self._clock.now() + longest
