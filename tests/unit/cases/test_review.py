from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from msgspec import structs

from chassis.security.principal import Principal
from services.cases.analytics.model.indicators import SATISFIED
from services.cases.api.reviews import Grounds, ProceedingState
from services.cases.case.model.limits import Limits
from services.cases.case.model.permissions import NotYours, OwnWork
from services.cases.reviews import events
from services.cases.reviews.model import (
    Accountability,
    AppealTooLate,
    NoGrounds,
    NotHeardYet,
    NothingToReview,
    Period,
    Review,
    WrongProceedingState,
)
from tests.unit.cases import people as p
from tests.unit.cases.people import Story
from vocabulary.access import WrongRole

pytestmark = pytest.mark.domain("满意度评价→考核→问责")

LIMITS = Limits.default()
NOW = datetime(2026, 11, 19, 2, tzinfo=UTC)
DAY = timedelta(days=1)
PLACE = "/1503/150302/150302011/150302011001/"
CENTRE = Principal(tenant="wuhai", subject="c1", roles=frozenset({"centre"}), area="/1503/150302/", unit="150302")
OTHER_CENTRE = msgspec.structs.replace(CENTRE, subject="c2")
DEPARTMENT = Principal(
    tenant="wuhai", subject="d1", roles=frozenset({"department"}), area="/1503/", unit="urban-management"
)
OTHER = Principal(tenant="wuhai", subject="d2", roles=frozenset({"department"}), area="/1503/", unit="water")
STREET = Principal(
    tenant="wuhai", subject="s1", roles=frozenset({"street"}), area="/1503/150302/150302011/", unit="150302011"
)
SUPERVISOR = Principal(tenant="wuhai", subject="j1", roles=frozenset({"supervisor"}), area="/1503/150302/")


def opened(unit: str = "urban-management", score: int = 2) -> Review:
    return Review.of_rating("wuhai", "R1", case="C1", unit=unit, area=PLACE, score=score, now=NOW, limits=LIMITS)


def heard() -> Review:
    review = opened()
    review.hear(DEPARTMENT, "sealed statement", NOW + DAY)
    return review


def founded() -> Review:
    review = heard()
    review.conclude(CENTRE, True, "sealed finding", NOW + DAY, LIMITS)
    return review


def appealed() -> Review:
    review = founded()
    review.appeal(DEPARTMENT, "sealed grounds", NOW + 2 * DAY)
    return review


@pytest.mark.parametrize("score", [1, 2])
def test_a_rating_of_one_or_two_opens_a_review(score: int) -> None:
    (event,) = opened(score=score).pending
    assert event == events.ReviewOpened(
        unit="urban-management", area=PLACE, case="C1", cause="rating", hearing_until=NOW + 3 * DAY
    )


@pytest.mark.parametrize("score", [0, 3, 4, 5])
def test_a_better_rating_opens_none(score: int) -> None:
    with pytest.raises(NothingToReview):
        opened(score=score)


def test_the_department_is_heard_before_the_centre_concludes() -> None:
    with pytest.raises(NotHeardYet):
        opened().conclude(CENTRE, True, "", NOW + 3 * DAY - timedelta(seconds=1), LIMITS)
    assert founded().state == ProceedingState.FOUNDED


def test_a_department_that_makes_no_statement_does_not_stop_the_review() -> None:
    review = opened()
    review.conclude(CENTRE, True, "", NOW + 3 * DAY, LIMITS)
    assert review.state == ProceedingState.FOUNDED


def test_only_the_department_itself_is_heard_and_appeals() -> None:
    with pytest.raises(NotYours):
        opened().hear(OTHER, "", NOW)
    with pytest.raises(NotYours):
        founded().appeal(OTHER, "", NOW + DAY)


@pytest.mark.parametrize("by", [STREET, DEPARTMENT, SUPERVISOR])
def test_only_the_centre_concludes_and_rules(by: Principal) -> None:
    with pytest.raises(WrongRole):
        heard().conclude(by, True, "", NOW, LIMITS)
    with pytest.raises(WrongRole):
        appealed().rule_on_appeal(by, True, "")


def test_no_centre_concludes_about_itself() -> None:
    review = opened(unit="150302")
    with pytest.raises(OwnWork):
        review.conclude(CENTRE, False, "", NOW + 4 * DAY, LIMITS)


def test_a_department_may_appeal_within_three_days() -> None:
    review = founded()
    assert review.appeal_until == NOW + 4 * DAY
    with pytest.raises(AppealTooLate):
        review.appeal(DEPARTMENT, "", NOW + 4 * DAY + timedelta(seconds=1))
    review.appeal(DEPARTMENT, "", NOW + 4 * DAY)
    assert review.state == ProceedingState.APPEALED


@pytest.mark.parametrize(("granted", "state"), [(True, ProceedingState.STRUCK), (False, ProceedingState.UPHELD)])
def test_an_appeal_strikes_the_case_from_the_adjusted_figure_or_is_refused(
    granted: bool, state: ProceedingState
) -> None:
    review = appealed()
    review.rule_on_appeal(OTHER_CENTRE, granted, "sealed")
    assert review.state == state
    assert review.pending[-1] == events.ReviewAppealRuled(
        unit="urban-management", area=PLACE, case="C1", granted=granted
    )


def test_who_concluded_does_not_rule_on_the_appeal() -> None:
    review = appealed()
    with pytest.raises(OwnWork, match="you concluded it"):
        review.rule_on_appeal(CENTRE, True, "")
    review.rule_on_appeal(OTHER_CENTRE, True, "")


def test_there_is_one_appeal_only() -> None:
    review = appealed()
    review.rule_on_appeal(OTHER_CENTRE, False, "")
    with pytest.raises(WrongProceedingState):
        review.appeal(DEPARTMENT, "", NOW + 2 * DAY)


@pytest.mark.parametrize(
    ("make", "act"),
    [
        (heard, lambda review: review.hear(DEPARTMENT, "", NOW)),
        (founded, lambda review: review.conclude(CENTRE, True, "", NOW, LIMITS)),
        (opened, lambda review: review.appeal(DEPARTMENT, "", NOW)),
        (founded, lambda review: review.rule_on_appeal(OTHER_CENTRE, True, "")),
    ],
)
def test_a_step_out_of_turn_is_refused(make: Callable[[], Review], act: Callable[[Review], None]) -> None:
    review = make()
    before = review.state
    with pytest.raises(WrongProceedingState):
        act(review)
    assert review.state == before


def test_the_department_the_centre_and_the_supervisor_of_the_area_see_it_and_nobody_else() -> None:
    review = opened()
    assert [review.seen_by(who) for who in (CENTRE, DEPARTMENT, SUPERVISOR)] == [True, True, True]
    elsewhere = Principal(tenant="wuhai", subject="c2", roles=frozenset({"centre"}), area="/1503/150303/")
    assert [review.seen_by(who) for who in (OTHER, STREET, elsewhere)] == [False, False, False]


def test_accountability_opens_from_a_founded_review() -> None:
    record = Accountability.of_review(founded(), CENTRE, NOW, LIMITS)
    assert (record.unit, record.case, record.review, record.cause) == ("urban-management", "C1", "R1", "review")
    for unsettled in (opened, heard, appealed):
        with pytest.raises(NoGrounds):
            Accountability.of_review(unsettled(), CENTRE, NOW, LIMITS)


def breach(by: Principal = CENTRE) -> Accountability:
    breached = Story().dispatched(p.WATER_ORDER).after(8 * DAY).case
    return Accountability.of_breach(by, breached, NOW, LIMITS)


def test_accountability_opens_from_a_breach_and_names_the_unit_that_had_the_case_then() -> None:
    story = Story().dispatched(p.WATER_ORDER).after(8 * DAY)
    story.case.redirect(p.STREET_STAFF, p.ORDER, LIMITS, story.now)
    record = Accountability.of_breach(CENTRE, story.case, NOW, LIMITS)
    assert (record.cause, record.unit, story.case.lead) == ("breach", "water", "urban-management")


def test_without_a_breach_no_unit_is_held_accountable() -> None:
    in_time = Story().inspecting().after(30 * DAY).case
    for case in (in_time, Story().dispatched().case, Story().case):
        with pytest.raises(NoGrounds):
            Accountability.of_breach(CENTRE, case, NOW, LIMITS)


def test_accountability_opens_from_a_periods_low_satisfaction() -> None:
    def of(satisfied: int, answered: int = 20) -> Accountability:
        period = Period(since=NOW - 30 * DAY, until=NOW, answered=answered, satisfied=satisfied, floor=0.6)
        return Accountability.of_period(CENTRE, unit="water", area=PLACE, period=period, now=NOW, limits=LIMITS)

    assert (of(11).answered, of(11).satisfied, of(11).case) == (20, 11, "")
    for satisfied, answered in [(12, 20), (0, 0)]:
        with pytest.raises(NoGrounds):
            of(satisfied, answered)


def test_the_form_says_what_the_floor_of_satisfaction_is() -> None:
    [components] = msgspec.json.schema_components([Grounds])[1].values()
    floor = components["properties"]["floor"]
    assert f"{SATISFIED} or better" in floor["description"]
    assert (floor["exclusiveMinimum"], floor["exclusiveMaximum"], floor["default"]) == (0, 1, 0.6)


def test_only_another_centre_holds_a_unit_accountable() -> None:
    with pytest.raises(WrongRole):
        breach(STREET)
    with pytest.raises(OwnWork):
        breach(structs.replace(CENTRE, unit="water"))
    with pytest.raises(NotYours):
        breach(structs.replace(CENTRE, area="/1503/150303/"))


def test_accountability_too_is_heard_concluded_and_appealed_with_events_of_its_own() -> None:
    record = breach()
    water = OTHER
    record.hear(water, "", NOW)
    record.conclude(CENTRE, True, "", NOW, LIMITS)
    record.appeal(water, "", NOW)
    record.rule_on_appeal(OTHER_CENTRE, True, "")
    assert [type(event).type.split(".", 1)[1] for event in record.pending] == [
        "accountability.opened.v1",
        "accountability.heard.v1",
        "accountability.concluded.v1",
        "accountability.appealed.v1",
        "accountability.appeal_ruled.v1",
    ]
