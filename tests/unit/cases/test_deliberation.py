from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.errors import Invalid
from chassis.security.principal import Principal
from services.cases.api.deliberation import DeliberationKind
from services.cases.case.model.embedded import Place
from services.cases.case.model.permissions import NotYours
from services.cases.deliberation import events
from services.cases.deliberation.model import (
    REQUIRED,
    Deliberation,
    FollowUp,
    Invitee,
    NotYetTime,
    PartiesMissing,
    State,
    WrongDeliberationState,
)
from vocabulary.access import WrongRole

pytestmark = [pytest.mark.domain("民情问需会, 四方共议")]

NOW = datetime(2026, 11, 19, 2, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
STREET_AREA = "/1506/150621/150621001/"
AREA = "/1506/150621/150621001/150621001001/"


def who(role: str, unit: str, area: str) -> Principal:
    return Principal(tenant="dalad", subject=f"{role}-1", roles=frozenset({role}), area=area, unit=unit)


COMMUNITY = who("community", "150621001001", AREA)
GRID = who("grid_worker", "", AREA + "150621001001001/")
FOUR = ["community", "owners", "property", "residents"]


def convened(
    kind: DeliberationKind = DeliberationKind.FOUR_PARTY, by: Principal = COMMUNITY, area: str = AREA
) -> Deliberation:
    invitees = [Invitee(kind=name) for name in sorted(REQUIRED[kind])] + [Invitee(kind="department", unit="water")]
    return Deliberation.convene(
        "D1", by, kind=kind, area=area, topic="sealed", at=LATER, invitees=invitees, now=NOW, series="2026-Q4"
    )


def held(kind: DeliberationKind = DeliberationKind.FOUR_PARTY) -> Deliberation:
    deliberation = convened(kind)
    deliberation.hold(COMMUNITY, sorted(REQUIRED[kind]), "sealed minutes", LATER)
    return deliberation


def follow_up(path: str = AREA) -> FollowUp:
    return FollowUp(category="component.utility.street-lamp", place=Place(path=path), text="sealed")


def test_a_four_party_deliberation_invites_all_four() -> None:
    with pytest.raises(Invalid):
        Deliberation.convene(
            "D1",
            COMMUNITY,
            kind=DeliberationKind.FOUR_PARTY,
            area=AREA,
            topic="",
            at=LATER,
            invitees=[Invitee(kind=kind) for kind in FOUR[:3]],
            now=NOW,
        )


@pytest.mark.parametrize("absent", FOUR)
def test_a_four_party_deliberation_is_not_valid_without_one_of_the_four(absent: str) -> None:
    with pytest.raises(PartiesMissing) as refusal:
        convened().hold(COMMUNITY, [kind for kind in FOUR if kind != absent], "", LATER)
    assert refusal.value.data["missing"] == [absent]


def test_a_needs_meeting_is_valid_with_residents_alone() -> None:
    assert held(DeliberationKind.NEEDS_MEETING).state == State.HELD


def test_staff_convene_in_their_own_area() -> None:
    with pytest.raises(WrongRole):
        convened(by=who("resident", "", AREA))
    with pytest.raises(NotYours):
        convened(area=STREET_AREA)


def test_only_the_convener_records_minutes_and_decides() -> None:
    street = who("street", "150621001", STREET_AREA)
    with pytest.raises(NotYours):
        convened().hold(street, FOUR, "", LATER)
    with pytest.raises(NotYours):
        held().decide(street, "", None, LATER)


def test_minutes_are_not_recorded_before_the_meeting() -> None:
    with pytest.raises(NotYetTime):
        convened().hold(COMMUNITY, FOUR, "", LATER - timedelta(seconds=1))


def test_a_decision_needs_minutes_first() -> None:
    with pytest.raises(WrongDeliberationState):
        convened().decide(COMMUNITY, "sealed", None, LATER)


def test_a_decision_asks_for_a_case_and_links_it_once_created() -> None:
    deliberation = held()
    deliberation.decide(COMMUNITY, "sealed", follow_up(), LATER)
    assert deliberation.pending[-1] == events.DeliberationDecided(
        kind="four_party", area=AREA, follow_up=True, category="component.utility.street-lamp"
    )
    deliberation.name_case("C9")
    assert deliberation.case == "C9"


def test_a_decision_needs_no_case() -> None:
    deliberation = held()
    deliberation.decide(COMMUNITY, "sealed", None, LATER)
    decided = deliberation.pending[-1]
    assert isinstance(decided, events.DeliberationDecided)
    assert decided.follow_up is False


def test_a_deliberation_cannot_ask_for_a_case_outside_its_area() -> None:
    with pytest.raises(Invalid):
        held().decide(COMMUNITY, "sealed", follow_up(STREET_AREA), LATER)


@pytest.mark.domain("大工委/大党委")
def test_a_council_resolution_becomes_a_case() -> None:
    council = held(DeliberationKind.COUNCIL)
    council.decide(COMMUNITY, "sealed", follow_up(), LATER)
    assert council.follow_up is not None
    assert isinstance(council.pending[-1], events.DeliberationDecided)
    assert council.pending[-1].kind == "council"


def test_a_deliberation_is_cancelled_only_before_it_is_held() -> None:
    deliberation = convened()
    deliberation.cancel(COMMUNITY)
    assert deliberation.state == State.CANCELLED
    with pytest.raises(WrongDeliberationState):
        held().cancel(COMMUNITY)


def test_what_a_street_deliberates_is_seen_in_its_grids_and_not_by_the_communities_in_it() -> None:
    street = who("street", "150621001", STREET_AREA)
    of_street = convened(by=street, area=STREET_AREA)
    assert [of_street.seen_by(by) for by in (street, GRID, COMMUNITY)] == [True, True, False]


def test_staff_of_the_area_and_invited_units_see_a_deliberation() -> None:
    deliberation = convened()
    inside = [COMMUNITY, GRID, who("street", "150621001", STREET_AREA), who("department", "water", "/1506/")]
    outside = [
        who("community", "150621001002", "/1506/150621/150621001/150621001002/"),
        who("department", "housing", "/1506/"),
        who("resident", "", AREA),
    ]
    assert [deliberation.seen_by(one) for one in inside] == [True] * 4
    assert [deliberation.seen_by(one) for one in outside] == [False] * 3
