"""Who sees live events, by the gateway's table on what the service says in the envelope, beside who sees the case."""

from __future__ import annotations

from itertools import chain

import msgspec
import pytest

from chassis.context import Context
from chassis.envelope import Envelope, Event, encode
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.write_plan import envelope_of
from chassis.security.principal import Principal
from gateway.events.visibility import sees, shown
from services.cases.case.model import visibility
from services.cases.case.model.case import Case
from tests.contract.cases import case_stories as stories
from tests.unit.cases import people as p
from vocabulary.rights import AREA_ROLES
from vocabulary.roles import DUTIES

CASES = list(chain(*(part() for part in (stories.loop, stories.intake, stories.dispatch, stories.merging))))
EVERYBODY = [
    p.RESIDENT, p.NEIGHBOUR, p.COURIER, p.WORKER, p.LEADER, p.COUNTER, p.HOTLINE, p.COMMUNITY_STAFF, p.STREET_STAFF,
    p.OTHER_STREET_STAFF, p.CENTRE, p.CITY_CENTRE, p.URBAN, p.WATER, p.HOUSING, p.INSPECTOR, p.SUPERVISOR, p.ADMIN,
]  # fmt: skip


def told_of(case: Case) -> Envelope:
    """The event by which the case tells its present state."""
    return logged(case, case.state_event())


def logged(aggregate: Aggregate, event: Event) -> Envelope:
    """As it lies in the log."""
    context = Context(tenant=aggregate.tenant, actor="u-actor", now=p.START, correlation_id="c-1")
    return msgspec.json.decode(encode(envelope_of(aggregate, event, 1, context)), type=Envelope)


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
def test_who_sees_a_case_sees_its_events_but_its_hidden_reporter_whom_no_event_names(by: Principal) -> None:
    for case in CASES:
        hidden = any(party.person == by.subject and party.confidentiality != "named" for party in case.parties)
        assert sees(told_of(case), by) is (visibility.sees(case, by) and not hidden)


@pytest.mark.parametrize("role", DUTIES)
def test_a_role_follows_the_events_of_its_area_exactly_if_it_sees_cases_by_area(role: str) -> None:
    """The hotline apart: it sees every case, and follows the events of its post's area."""
    case = p.Story().case
    by = p.person("u-9", role, p.CITY, "")
    in_area = role in AREA_ROLES
    assert sees(told_of(case), by) is (in_area or role == "hotline")
    elsewhere = p.person("u-9", role, "/1599/", "")
    assert not sees(told_of(case), elsewhere)
    assert visibility.sees(case, elsewhere) is (role == "hotline")
    assert visibility.sees(case, by) is (in_area or role == "hotline")


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


WHO_MAY_SEE_IT = {"persons", "first_person", "about"}
WHO_OF_STAFF = {"handler", "first_post", "from_handler", "inspector"}


def test_only_staff_is_told_who_of_the_staff_is_at_a_case_and_nobody_who_may_see_it() -> None:
    for case in CASES:
        for event in case.pending:
            unscreened = set() if case.all_named else set(getattr(event, "unscreened", ()))
            for by, kept in ((p.RESIDENT, WHO_MAY_SEE_IT | WHO_OF_STAFF), (p.CENTRE, WHO_MAY_SEE_IT)):
                told = msgspec.json.decode(shown(logged(case, event), by))["data"]
                assert names_in(told) == names_in(msgspec.to_builtins(event)) - kept - unscreened


def names_in(part: object) -> set[str]:
    """Every field's name, at any depth."""
    if not isinstance(part, dict):
        return set()
    return set(part).union(*(names_in(value) for value in part.values()))
