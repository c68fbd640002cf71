"""Case numbers 工单号, as they are said on the phone: the date in the city and a number of that day, `20261129-0042`.

It tells cases apart, not which came first: each process gives out what it has taken in random order.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self

from mongoengine import IntField

from chassis.usecases.visibility import VisibleToNobody


class DayNumbers(VisibleToNobody):
    """Aggregate: how many numbers of one day are taken. Its key is the day, such as `2026-11-29`."""

    meta: ClassVar[dict[str, Any]] = {"collection": "day_numbers"}

    taken: int = IntField(default=0)

    @classmethod
    def of(cls, tenant: str, day: date) -> Self:
        return cls(id=cls.identity(tenant, day.isoformat()), tenant=tenant)

    def take(self, count: int) -> list[int]:
        """Takes the next numbers of the day, from 1, which nobody else gets."""
        first = self.taken + 1
        self.taken += count
        return list(range(first, first + count))


def number_of(day: date, of_day: int) -> str:
    """Returns the case number; the number of the day has four digits, and more on a day with 10,000 reports."""
    return f"{day:%Y%m%d}-{of_day:04d}"
