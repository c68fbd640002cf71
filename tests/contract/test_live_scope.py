"""Who sees a case's live events, by the gateway's table on the event alone, beside who sees the case."""

from __future__ import annotations

from itertools import chain

import msgspec
import pytest

from chassis.security.principal import Principal
from gateway.events.visibility import Logged, sees
from services.cases.case.model import visibility
from services.cases.case.model.case import Case
from tests.contract import case_stories as stories
from tests.unit.cases import people as p

CASES = list(chain(*(part() for part in (stories.loop, stories.intake, stories.dispatch, stories.merging))))
EVERYBODY = [
    p.RESIDENT, p.NEIGHBOUR, p.COURIER, p.WORKER, p.LEADER, p.COUNTER, p.HOTLINE, p.COMMUNITY_STAFF, p.STREET_STAFF,
    p.OTHER_STREET_STAFF, p.CENTRE, p.CITY_CENTRE, p.URBAN, p.WATER, p.HOUSING, p.INSPECTOR, p.SUPERVISOR, p.ADMIN,
]  # fmt: skip


def told_of(case: Case) -> Logged:
    """The event by which the case tells its present state."""
    envelope = {
        "id": "e-1",
        "type": "linli.cases.case.changed.v1",
        "subject": case.key,
        "time": "2026-03-02T02:00:00Z",
        "sequence": 1,
        "area": case.event_area(),
        "units": case.event_units(),
        "data": case.state_event(),
    }
    return msgspec.json.decode(msgspec.json.encode(envelope), type=Logged)


@pytest.mark.parametrize("by", EVERYBODY, ids=lambda by: "+".join(by.roles) + " " + by.subject)
def test_nobody_sees_an_event_of_a_case_that_they_do_not_see(by: Principal) -> None:
    for case in CASES:
        assert not sees(told_of(case), by) or visibility.sees(case, by)


@pytest.mark.parametrize(
    "by",
    # Which inspectors a case has is told by the event that assigns them alone.
    [by for by in EVERYBODY if not by.has("inspector")],
    ids=lambda by: "+".join(by.roles) + " " + by.subject,
)
def test_who_sees_a_case_sees_its_events(by: Principal) -> None:
    for case in CASES:
        assert sees(told_of(case), by) or not visibility.sees(case, by)


def test_a_complaint_about_a_unit_is_kept_from_it_by_both() -> None:
    case = p.Story(about="150302011").case
    for by in (p.STREET_STAFF, p.CENTRE, p.RESIDENT):
        assert sees(told_of(case), by) is visibility.sees(case, by) is (by is not p.STREET_STAFF)


def test_who_took_a_report_at_a_counter_sees_its_events_and_their_colleague_at_the_same_post_does_not() -> None:
    case = p.Story(by=p.COUNTER).case
    colleague = p.person("c-2", "counter", p.COMMUNITY, post=p.COUNTER.post)
    assert sees(told_of(case), p.COUNTER) is visibility.sees(case, p.COUNTER) is True
    assert sees(told_of(case), colleague) is visibility.sees(case, colleague) is False


def test_an_event_does_not_name_a_hidden_reporter_who_is_of_the_staff() -> None:
    hidden = p.PartyIs(person=p.WORKER.subject, confidentiality="confidential")
    for party, named in ((hidden, ""), (p.RESIDENT_PARTY, p.WORKER.subject)):
        assert p.Story(by=p.WORKER, party=party).case.public_state().first_person == named
