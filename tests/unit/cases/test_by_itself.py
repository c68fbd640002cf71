"""What cases do by themselves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from chassis.errors import NotFound, Unavailable
from services.cases.by_itself import ByItself


class NoCopyYet:
    """A tenant's data to which the event of the grid has not come."""

    def of(self, event: Any) -> NoCopyYet:
        return self

    def get(self, model: type[Any], key: str) -> Any:
        raise NotFound()


@pytest.mark.domain("多网合一 (名山)")
def test_a_grid_merge_that_comes_before_its_grids_is_tried_again() -> None:
    told = {"grids": [{"old": "150302011001001", "path": "/1503/150302/150302011/150302011001/150302011001002/"}]}
    event = SimpleNamespace(as_=lambda kind: msgspec.convert(told, kind))
    by_itself = ByItself()
    by_itself.data = NoCopyYet()  # type: ignore[assignment]
    with pytest.raises(Unavailable):
        by_itself.follow_grids(event)  # type: ignore[arg-type]
