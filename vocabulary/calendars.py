"""Value objects of settings about time: the calendar that a tenant declares, and the text of a span.

`vocabulary.working_time` counts with them; these words alone need no library, so that the gateway can show them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

import msgspec

from chassis.errors import Fault
from chassis.types import Form, exactly, in_words

SPAN = in_words(
    exactly("([1-9][0-9]{0,3}(min|h|wh)|[1-9][0-9]{0,2}(wd|d))"),
    "it must be a span: 30min, 2h, 2wh (working hours), 5wd (working days) or 15d",
    "须为时长，如 30min（分钟）、2h（小时）、2wh（工作小时）、5wd（工作日）或 15d（自然日）",
)
SpanText = Annotated[str, msgspec.Meta(pattern=SPAN)]
"""A span: `10min`, `2h` (clock time), `2wh`, `5wd` (working hours, working days) or `15d` (natural days)."""


class Calendar(Form, frozen=True, kw_only=True):
    """The tenant's time zone and working time.

    `days_off` and `working_days` override weekends and public holidays (China's with their make-up days, or none).
    """

    zone: Annotated[str, msgspec.Meta(max_length=40)] = "Asia/Shanghai"
    opens: time = time(9)
    closes: time = time(17)
    holidays: Literal["china", "none"] = "china"
    days_off: Annotated[tuple[date, ...], msgspec.Meta(max_length=400)] = ()
    working_days: Annotated[tuple[date, ...], msgspec.Meta(max_length=400)] = ()

    def faults(self) -> Iterator[Fault]:
        """Yields each field, as one of `calendar`, that is meaningless or contradicts another."""
        if self.zone not in _zones():
            yield (
                "calendar.zone",
                "must be an IANA time zone, such as Asia/Shanghai",
                "须为 IANA 时区名，如 Asia/Shanghai",
            )
        if self.opens.tzinfo or self.closes.tzinfo:
            yield "calendar.opens", "must be local time, without an offset", "须为当地时间，不带时差"
        if self.opens.replace(tzinfo=None) >= self.closes.replace(tzinfo=None):
            yield "calendar.closes", "must be after `opens`", "须晚于 `opens`"
        if set(self.days_off) & set(self.working_days):
            yield (
                "calendar.working_days",
                "a day cannot be both a working day and a day off",
                "同一天不能既为工作日又为休息日",
            )


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
