"""What counts as unusual reading of personal data: the rules, and from when on a tenant is alerted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from typing import Annotated

import msgspec

from chassis.errors import Fault
from chassis.types import Form
from vocabulary.terms import Term

MOST_RECORDS = 500


class ReadingRule(Term):
    """Why reading is unusual; each has a threshold of its name in `UnusualReading`."""

    MANY = "many", "too many records", "查阅过多"
    OUTSIDE = "outside", "outside the area of their own posts", "超出本人岗位区域"
    AT_NIGHT = "at_night", "outside the usual hours", "非正常时段"
    LEAVING = "leaving", "shortly before they leave their posts", "离任前"


Threshold = Annotated[int, msgspec.Meta(ge=0, le=MOST_RECORDS)]


class UnusualReading(Form, frozen=True, kw_only=True):
    """From how many different records on, opened by one person on one day, a supervisor is alerted; 0: never.

    `many`: whatever they are; `outside`: of none of the person's own posts, such as while standing in for a colleague;
    `at_night`: before `day_from` or after `day_until`; `leaving`: in the last `leaving_days` of all their posts.
    An alert that was decided is kept for `keep_months`.
    """

    many: Threshold = 100
    outside: Threshold = 10
    at_night: Threshold = 10
    leaving: Threshold = 30
    day_from: Annotated[time, msgspec.Meta(description="Local time.")] = time(7)
    day_until: Annotated[time, msgspec.Meta(description="Local time.")] = time(21)
    leaving_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 14
    keep_months: Annotated[int, msgspec.Meta(ge=1, le=120)] = 12

    def faults(self) -> Iterator[Fault]:
        """Yields each field, as one of `unusual_reading`, that is meaningless or contradicts another."""
        if self.day_from.tzinfo or self.day_until.tzinfo:
            yield "unusual_reading.day_from", "must be local time, without an offset", "须为当地时间，不带时差"
        if self.day_from.replace(tzinfo=None) >= self.day_until.replace(tzinfo=None):
            yield "unusual_reading.day_until", "must be after `day_from`", "须晚于 `day_from`"
