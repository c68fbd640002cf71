"""The position at which a page begins, as its `next` names it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.usecases.pages import NoPosition, position

_MOMENT = "2026-03-01T09:00:00+00:00"


def test_a_page_begins_after_the_last_row_of_the_previous_one() -> None:
    assert position(None) == (None, "")
    assert position([_MOMENT, "K1"]) == (datetime(2026, 3, 1, 9, tzinfo=UTC), "K1")
    assert position([None, "K1"], undated=True) == (None, "K1")


@pytest.mark.parametrize("after", [[None, "K1"], [_MOMENT], "x", 7, ["yesterday", "K1"], ["2026-03-01T09:00:00", "K1"]])
def test_what_is_no_position_is_refused(after: Any) -> None:
    with pytest.raises(NoPosition):
        position(after)
