"""Case numbers: no two cases of a city have the same, whichever processes draw them, at midnight, and after crashes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import eventlet
from hypothesis import given
from hypothesis import strategies as st

from chassis.context import Call, Context
from chassis.errors import NotFound
from chassis.persistence.data_source import DataSource
from chassis.persistence.tenant_data import TenantData
from services.cases.numbering.allocation import BLOCK, CaseNumbers, Numbering
from services.cases.numbering.model import DayNumbers, number_of
from tests.unit.cases import people as p

#: A second before midnight in Wuhai.
LATE = datetime(2026, 11, 29, 15, 59, 59, tzinfo=UTC)


class Stored:
    """Fake: the database of all replicas. Other greenlets act while it reads and writes; it locks optimistically."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[int, int]] = {}
        self.writes = 0

    def write(self, document: DayNumbers, version: int) -> bool:
        eventlet.sleep(0)
        if self.rows.get(document.id, (0, 0))[1] != version:
            return False
        self.rows[document.id] = document.taken, version + 1
        self.writes += 1
        return True


class Data:
    """Fake: `TenantData` over what is stored."""

    def __init__(self, stored: Stored, tenant: str, now: datetime) -> None:
        self._stored = stored
        self.context = Context(tenant=tenant, actor="", now=now, correlation_id="c")

    def rows(self, *query: Any, **more: Any) -> list[Any]:
        return []  # settings: the city has the standard time zone

    def add(self, document: DayNumbers) -> bool:
        return self._stored.write(document, 0)

    def change(self, model: type[DayNumbers], key: str, act: Callable[[DayNumbers], Any]) -> Any:
        identity = model.identity(self.context.tenant, key)
        while True:
            eventlet.sleep(0)
            if identity not in self._stored.rows:
                raise NotFound()
            taken, version = self._stored.rows[identity]
            document = model(id=identity, tenant=self.context.tenant, taken=taken)
            answer = act(document)
            if self._stored.write(document, version):
                return answer


def drawn(numbers: CaseNumbers, stored: Stored, now: datetime = LATE, tenant: str = p.TENANT) -> str:
    return numbers.draw(cast(TenantData, Data(stored, tenant, now)))


def test_a_number_is_the_date_and_four_digits_or_more() -> None:
    day = LATE.date()
    assert [number_of(day, sequence) for sequence in (1, 42, 9999, 10_000)] == [
        "20261129-0001", "20261129-0042", "20261129-9999", "20261129-10000",
    ]  # fmt: skip


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["draw", "draw many", "crash", "wait"]),
        st.integers(0, 2),
        st.sampled_from(["wuhai", "yaan"]),
        st.sampled_from([-72, -1, 0, 1, 24]),
    ),
    max_size=40,
)


@given(STEPS)
def test_no_number_is_drawn_twice_by_whatever_replicas_on_whatever_days(
    steps: list[tuple[str, int, str, int]],
) -> None:
    stored, replicas, pool = Stored(), [CaseNumbers() for _ in range(3)], eventlet.GreenPool(1000)
    found: list[tuple[str, str]] = []

    def draw(numbers: CaseNumbers, tenant: str, now: datetime) -> None:
        number = drawn(numbers, stored, now, tenant)
        assert number.startswith(f"{now + timedelta(hours=8):%Y%m%d}-")
        found.append((tenant, number))

    asked = 0
    for what, replica, tenant, hours in steps:
        match what:
            case "crash":
                replicas[replica] = CaseNumbers()
            case "wait":
                pool.waitall()
            case _:
                times = BLOCK + 3 if what == "draw many" else 1
                asked += times
                for _ in range(times):
                    pool.spawn(draw, replicas[replica], tenant, LATE + timedelta(hours=hours))
    pool.waitall()
    assert (len(found), len(set(found))) == (asked, asked)


def test_those_who_draw_at_the_same_time_share_a_block() -> None:
    stored, numbers, pool = Stored(), CaseNumbers(), eventlet.GreenPool(1000)
    found = list(pool.imap(lambda _: drawn(numbers, stored), range(4 * BLOCK)))
    assert sorted(found) == [number_of(LATE.date(), sequence) for sequence in range(1, 4 * BLOCK + 1)]
    assert stored.writes == 4


def test_around_midnight_the_blocks_of_both_days_are_used_up() -> None:
    stored, numbers = Stored(), CaseNumbers()
    moments = [LATE, LATE + timedelta(seconds=1)]
    found = [drawn(numbers, stored, moments[turn % 2]) for turn in range(2 * BLOCK)]
    assert {number[:8] for number in found} == {"20261129", "20261130"}
    assert stored.writes == 2


def test_a_replica_that_starts_again_leaves_a_gap_and_repeats_nothing() -> None:
    stored = Stored()
    first, second = drawn(CaseNumbers(), stored), drawn(CaseNumbers(), stored)
    assert int(first[-4:]) <= BLOCK < int(second[-4:])


def test_two_numbers_do_not_tell_how_many_reports_came_between_them() -> None:
    stored, numbers = Stored(), CaseNumbers()
    found = [drawn(numbers, stored) for _ in range(BLOCK)]
    assert found != sorted(found)


def test_a_repeated_call_is_not_given_the_block_of_the_first_attempt_again() -> None:
    """An idempotency key would bring back the stored answer, which another process may have used up."""
    seen: list[Context] = []

    class Source:
        def of(self, context: Context) -> Any:
            seen.append(context)
            return Data(Stored(), context.tenant, context.now)

    service = Numbering()
    service.data, service.numbers = cast(DataSource, Source()), CaseNumbers()
    service._number(Call(tenant=p.TENANT, actor="r-1", now=LATE, correlation_id="c", principal=p.RESIDENT, key="k"))
    assert [type(context) for context in seen] == [Context]


def test_a_case_keeps_the_number_that_it_was_reported_with() -> None:
    story = p.Story(number="20261129-0042").in_progress()
    assert story.case.number == story.case.public_state().number == "20261129-0042"
