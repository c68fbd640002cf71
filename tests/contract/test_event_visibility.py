"""Who may see live events is said by the aggregates of every service, for every type of event."""

from __future__ import annotations

from types import ModuleType

import pytest

from chassis.persistence.aggregate import Aggregate
from tests.contract.stories import stories_of_all


@pytest.mark.parametrize("stories", stories_of_all(), ids=lambda stories: stories.__name__)
def test_who_may_see_an_event_is_said_on_purpose_for_every_type(stories: ModuleType) -> None:
    said = {kind for aggregate in stories.aggregates() if is_said(type(aggregate)) for kind in types_of(aggregate)}
    assert said == set(stories.EVENTS)


def types_of(aggregate: Aggregate) -> set[str]:
    events = [*aggregate.pending, aggregate.state_event()]
    return {event.type for event in events if event is not None}


def is_said(kind: type[Aggregate]) -> bool:
    """Whether the aggregate, or a base of it that its service made, says who may see its events."""
    own = kind.__mro__[: kind.__mro__.index(Aggregate)]
    return any(name in vars(each) for each in own for name in ("visible_to", "event_visibility"))
