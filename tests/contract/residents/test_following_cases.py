"""Residents follows the case of a visit by every event that brings a case into another state."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from chassis.entrypoints.consumer import Handler
from services.cases.case.events import CaseEvent, CaseState
from services.residents.visits.commands import VisitCommands
from tests.contract.cases import case_stories

FOLLOWED = {
    kind
    for each in VisitCommands.follow_case.nameko_entrypoints  # type: ignore[attr-defined]
    if isinstance(each, Handler)
    for kind in each.types
}


def changing() -> Iterator[str]:
    """Yields the types of events that show another state or area than the event before."""
    for aggregate in case_stories.aggregates():
        told = [event for event in aggregate.pending if isinstance(event, CaseEvent)]
        yield from (after.type for before, after in pairwise(told) if shown(before.case) != shown(after.case))


def shown(case: CaseState) -> tuple[str, str]:
    return case.state, case.area


def test_every_event_that_brings_a_case_into_another_state_is_followed() -> None:
    assert set(changing()) - FOLLOWED == set()


def test_a_visit_learns_of_its_case_from_the_first_event_and_from_a_resync() -> None:
    assert {"cases.case.reported.v1", "cases.case.restated.v1"} <= FOLLOWED
    assert set(case_stories.EVENTS) >= FOLLOWED
