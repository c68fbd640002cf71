"""Allocator of case numbers, hi/lo: a process takes a block of them with one write and gives them out from memory.

So a creation costs no round trip but its own. A process that ends loses the rest of its block, and a report that is
repeated or refused the number that it drew: numbers have gaps, but no two cases ever have the same (decision 0034).
"""

from __future__ import annotations

import random
from datetime import date

from chassis.concurrency.keyed_lock import KeyedLocks
from chassis.context import Context
from chassis.errors import NotFound
from chassis.persistence.tenant_data import TenantData
from chassis.process.runtime import Provided
from chassis.usecases.service import Documents, UseCases
from services.cases.directory.replicas import zone_of
from services.cases.numbering.model import DayNumbers, number_of

BLOCK = 50
#: Days of a city whose blocks are kept: around midnight, calls of both days are under way.
_MOST_DAYS = 2


class CaseNumbers:
    """The blocks of this process, by tenant and day; its greenlets share them."""

    def __init__(self) -> None:
        self._blocks: dict[str, dict[date, list[int]]] = {}
        self._locks = KeyedLocks()

    def draw(self, data: TenantData) -> str:
        """Returns a number that no other case of the tenant gets, with the date of `now` in the city."""
        tenant = data.context.tenant
        day = data.context.now.astimezone(zone_of(data)).date()
        days = self._blocks.setdefault(tenant, {})
        if not days.get(day):
            # One greenlet takes a block, and the others wait for it, instead of each taking one.
            with self._locks.of(f"{tenant}:{day}"):
                return number_of(day, (days.get(day) or self._refilled(days, data, day)).pop())
        return number_of(day, days[day].pop())

    @staticmethod
    def _refilled(days: dict[date, list[int]], data: TenantData, day: date) -> list[int]:
        block = _take_block(data, day)
        # In random order, two numbers do not tell how many reports came between them.
        random.shuffle(block)
        days[day] = block
        while len(days) > _MOST_DAYS:
            del days[min(days)]
        return block


def _take_block(data: TenantData, day: date) -> list[int]:
    def take(numbers: DayNumbers) -> list[int]:
        return numbers.take(BLOCK)

    try:
        taken: list[int] = data.change(DayNumbers, day.isoformat(), take)
    except NotFound:
        first = DayNumbers.of(data.context.tenant, day)
        taken = take(first)
        if not data.add(first):  # another process was first
            taken = data.change(DayNumbers, day.isoformat(), take)
    return taken


class Numbering(UseCases):
    """Base of the use cases that create cases."""

    documents: Documents = (DayNumbers,)
    numbers: CaseNumbers = Provided(lambda runtime: CaseNumbers())

    def _number(self, context: Context) -> str:
        # Without the idempotency key of a call: repeated, it would be given the block of the first attempt again.
        plain = Context(
            tenant=context.tenant, actor=context.actor, now=context.now, correlation_id=context.correlation_id
        )
        return self.numbers.draw(self.data.of(plain))
