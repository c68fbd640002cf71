"""Value object of the time for which an entry holds, within the tenant's retention."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from chassis.errors import Fault, Invalid, spoken_fault

_BEFORE_THE_END = timedelta(days=30)


class Term(NamedTuple):
    """Until when an entry holds, and when somebody is to look at it again."""

    valid_until: datetime
    review_at: datetime

    @classmethod
    def of(cls, now: datetime, latest: datetime, valid_until: datetime | None, review_at: datetime | None) -> Term:
        """`latest`: the last possible end, also the default. Raises `Invalid`."""
        until = valid_until or latest
        if not now < until <= latest:
            raise Invalid(_until(latest))
        review = review_at or (until - _BEFORE_THE_END if until - _BEFORE_THE_END > now else until)
        if not now < review <= until:
            raise Invalid(("review_at", "it must lie ahead, at the end or before it", "须晚于当前时间且不晚于终止时间"))
        return cls(until, review)


def _until(latest: datetime) -> Fault:
    return spoken_fault(
        "valid_until",
        "it must lie ahead, and not after {latest:time}",
        "须晚于当前时间且不晚于{latest:time}",
        latest=latest,
    )
