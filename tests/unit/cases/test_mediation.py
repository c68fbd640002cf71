from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.errors import Invalid
from chassis.security.principal import Principal
from services.cases.case.model.permissions import NotYours
from services.cases.mediation import events
from services.cases.mediation.model import (
    Mediation,
    NoSessionYet,
    NotDueYet,
    NothingToSign,
    Participant,
    Remedy,
    SessionIncomplete,
    State,
    WrongMediationState,
    remedy_for,
)
from vocabulary.access import WrongRole

pytestmark = pytest.mark.domain("3+X四方共议, 矛盾化解")

NOW = datetime(2026, 11, 19, 2, tzinfo=UTC)
DAY = timedelta(days=1)
AREA = "/1502/150204/150204001/150204001001/"
BODIES = ("community", "owners", "property")


def who(subject: str, *roles: str) -> Principal:
    return Principal(tenant="baotou", subject=subject, roles=frozenset(roles), area=AREA, unit="150204001001")


COMMUNITY = who("clerk", "community")
UPSTAIRS, DOWNSTAIRS, MEDIATOR = who("upstairs", "resident"), who("downstairs", "resident"), who("lin", "community")


def participants() -> list[Participant]:
    return [
        Participant(person="upstairs", capacity="party", name="sealed"),
        Participant(person="downstairs", capacity="party", name="sealed"),
        Participant(person="lin", capacity="mediator", body="community"),
        Participant(person="owners-chair", capacity="invited", body="owners"),
        Participant(person="manager", capacity="invited", body="property"),
        Participant(person="plumber", capacity="invited", body="x"),
    ]


def opened(category: str = "dispute.neighbour.neighbour") -> Mediation:
    return Mediation.open(
        "M1",
        COMMUNITY,
        area=AREA,
        category=category,
        topic="sealed",
        participants=participants(),
        standing=BODIES,
        now=NOW,
        case="C1",
    )


ALL = ["upstairs", "downstairs", "lin", "owners-chair", "manager"]


def proposed() -> Mediation:
    mediation = opened()
    mediation.hold_session(MEDIATOR, ALL, "sealed", NOW)
    mediation.propose(MEDIATOR, "sealed", NOW + 10 * DAY, NOW)
    return mediation


def agreed() -> Mediation:
    mediation = proposed()
    mediation.sign(UPSTAIRS, NOW)
    mediation.sign(DOWNSTAIRS, NOW)
    return mediation


def test_no_event_tells_a_participant_which_case_a_dispute_came_from() -> None:
    mediation = opened()
    [told] = mediation.pending
    assert mediation.event_visibility(told).internal == ("case",)


def test_only_participants_read_a_mediation() -> None:
    mediation = opened()
    inside = ["upstairs", "downstairs", "lin", "owners-chair", "manager", "plumber", "clerk"]
    assert all(mediation.seen_by(who(person, "resident")) for person in inside)
    assert mediation.seen_by(MEDIATOR)
    for role in ("centre", "street", "supervisor", "hotline", "community", "tenant_admin"):
        assert not mediation.seen_by(who(f"some-{role}", role))


def test_staff_of_the_area_open_a_mediation() -> None:
    with pytest.raises(WrongRole):
        Mediation.open("M1", UPSTAIRS, area=AREA, category="x", topic="", participants=participants(), now=NOW)


@pytest.mark.parametrize(
    "listed",
    [
        [("a", "party", ""), ("m", "mediator", "")],
        [("a", "party", ""), ("b", "party", "")],
        [("a", "party", ""), ("b", "party", ""), ("a", "mediator", "")],
    ],
)
def test_a_mediation_needs_two_parties_and_a_separate_mediator(listed: list[tuple[str, str, str]]) -> None:
    people = [Participant(person=person, capacity=capacity, body=body) for person, capacity, body in listed]
    with pytest.raises(Invalid):
        Mediation.open("M1", COMMUNITY, area=AREA, category="x", topic="", participants=people, now=NOW)


def test_the_three_standing_bodies_are_named_from_the_start() -> None:
    with pytest.raises(Invalid) as refusal:
        Mediation.open(
            "M1",
            COMMUNITY,
            area=AREA,
            category="x",
            topic="",
            participants=participants()[:3],
            standing=BODIES,
            now=NOW,
        )
    assert refusal.value.data["fields"][0]["reason"]["en"] == "needs the standing bodies “owners”, “property”"


@pytest.mark.parametrize("absent", ALL)
def test_a_session_without_a_party_a_mediator_or_a_standing_body_does_not_count(absent: str) -> None:
    with pytest.raises(SessionIncomplete):
        opened().hold_session(MEDIATOR, [person for person in ALL if person != absent], "", NOW)


def test_a_session_may_be_held_without_the_others_invited() -> None:
    mediation = opened()
    mediation.hold_session(MEDIATOR, ALL, "sealed", NOW)
    assert len(mediation.sessions) == 1


def test_an_agreement_needs_a_session_and_a_day_to_keep_it_by() -> None:
    with pytest.raises(NoSessionYet):
        opened().propose(MEDIATOR, "sealed", NOW + DAY, NOW)
    with pytest.raises(Invalid):
        proposed().propose(MEDIATOR, "sealed", NOW, NOW)


def test_only_the_mediator_leads_and_only_parties_sign() -> None:
    with pytest.raises(NotYours):
        opened().hold_session(UPSTAIRS, ALL, "", NOW)
    with pytest.raises(NotYours):
        proposed().sign(MEDIATOR, NOW)
    with pytest.raises(NotYours):
        proposed().give_up(COMMUNITY)


def test_a_mediation_is_agreed_when_the_last_party_signs() -> None:
    mediation = proposed()
    mediation.sign(UPSTAIRS, NOW)
    mediation.sign(UPSTAIRS, NOW)
    assert mediation.state == State.OPEN
    mediation.sign(DOWNSTAIRS, NOW)
    assert mediation.state == State.AGREED
    assert mediation.pending[-1] == events.MediationAgreed(case="C1", fulfil_by=NOW + 10 * DAY)


def test_signing_needs_a_proposed_agreement() -> None:
    with pytest.raises(NothingToSign):
        opened().sign(UPSTAIRS, NOW)


def test_a_new_text_needs_every_signature_again() -> None:
    mediation = proposed()
    mediation.sign(UPSTAIRS, NOW)
    mediation.propose(MEDIATOR, "sealed two", NOW + 5 * DAY, NOW)
    mediation.sign(DOWNSTAIRS, NOW)
    assert mediation.state == State.OPEN


def test_an_agreement_is_fulfilled_when_every_party_confirms() -> None:
    mediation = agreed()
    mediation.confirm_fulfilled(DOWNSTAIRS, NOW)
    assert mediation.state == State.AGREED
    mediation.confirm_fulfilled(UPSTAIRS, NOW)
    assert mediation.state == State.FULFILLED


def test_a_default_can_be_reported_only_after_the_day_agreed_on() -> None:
    mediation = agreed()
    with pytest.raises(NotDueYet):
        mediation.report_default(UPSTAIRS, NOW + 10 * DAY)
    mediation.report_default(UPSTAIRS, NOW + 10 * DAY + timedelta(seconds=1))
    assert (mediation.state, mediation.failure, mediation.remedy) == (State.FAILED, "not_fulfilled", "court")


def test_a_party_may_leave_until_it_has_agreed() -> None:
    mediation = proposed()
    mediation.leave(DOWNSTAIRS)
    assert mediation.failure == "party_left"
    with pytest.raises(WrongMediationState):
        agreed().leave(DOWNSTAIRS)


@pytest.mark.parametrize(
    ("category", "remedy"),
    [
        ("dispute.labour.wages", Remedy.ARBITRATION),
        ("dispute.neighbour.neighbour", Remedy.COURT),
        ("dispute.property.management", Remedy.COURT),
    ],
)
def test_a_failure_names_arbitration_or_court(category: str, remedy: Remedy) -> None:
    mediation = opened(category)
    mediation.give_up(MEDIATOR)
    assert mediation.pending[-1] == events.MediationFailed(case="C1", reason="no_agreement", remedy=remedy)
    assert remedy_for(category) is remedy


def test_a_failed_mediation_takes_no_further_steps() -> None:
    mediation = opened()
    mediation.give_up(MEDIATOR)
    with pytest.raises(WrongMediationState):
        mediation.hold_session(MEDIATOR, ALL, "", NOW)
