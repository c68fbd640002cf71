"""Days are those of the calendar of the city."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chassis.errors import Invalid
from tests.contract.cases.rights.world import AREA, World
from tests.contract.dry import ask
from tests.contract.residents.rights.walk import caller, residents


@pytest.mark.domain("采集、动态更新")
def test_a_day_lies_in_the_future_by_the_calendar_of_the_city() -> None:
    """In the morning of the city it is still yesterday by UTC."""
    by, morning = caller(World("street", frozenset({AREA}))), datetime(2026, 3, 2, 23, tzinfo=UTC)
    born = {"household": "H1", "name": "李芳", "birthday": "2026-03-03"}
    ask(residents(), "record_death", by, {"resident": "R1", "on": "2026-03-03"}, now=morning)
    ask(residents(), "record_resident", by, born, now=morning)
    for method, args in (("record_death", {"resident": "R1", "on": "2026-03-04"}),
                         ("record_resident", born | {"birthday": "2026-03-04"})):  # fmt: skip
        with pytest.raises(Invalid):
            ask(residents(), method, by, args, now=morning)
