"""Confidential and anonymous reporters, and complaints about a unit: the rule of each place that could tell."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import structs

from chassis.security.principal import Principal
from gateway.events.visibility import sees, shown
from services.cases.api.states import Priority, State
from services.cases.case import views
from services.cases.case.model.case import Case
from services.cases.case.model.inputs import PartyIs
from services.cases.case.model.lead_unit import Avoided, Order, UnitRef
from services.cases.case.model.post_holders import PostHolder
from services.cases.evidence.model import Comment
from services.cases.reviews.model import Review
from tests.contract.cases.test_event_visibility import logged, told_of
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story
from vocabulary.rights import units_over, works_under

pytestmark = pytest.mark.domain("The case: Reporters")

HIDDEN = PartyIs(person="r-1", name="sealed:name", phone="sealed:phone", confidentiality="confidential")
ABOUT_STREET = {"about": "150302011"}


def with_purpose(by: Principal) -> Principal:
    return structs.replace(by, purposes=frozenset({"intake", "callback"}))


@pytest.mark.parametrize("by", [p.WORKER, p.COMMUNITY_STAFF, p.STREET_STAFF], ids=lambda by: by.subject)
def test_the_first_owner_who_verified_a_confidential_report_reads_neither_its_text_nor_who_reports(
    by: Principal,
) -> None:
    case = Story(party=HIDDEN).case
    case.verify(by, True, "seen", (), p.START)
    assert case.first_person == by.subject
    detail = views.detail(case, with_purpose(by))
    assert (detail["sealed"]["text"], detail["photos"]) == ("", [])
    assert "sealed:name" not in str(detail)
    assert "r-1" not in str(detail) + str(views.history(case, with_purpose(by)))


@pytest.mark.parametrize("by", [p.WORKER, p.COUNTER, p.HOTLINE], ids=lambda by: by.subject)
def test_who_took_a_confidential_report_opens_it_with_a_purpose_alone(by: Principal) -> None:
    case = Story(by=by, party=HIDDEN).case
    assert "sealed:name" not in str(views.detail(case, by))
    assert "sealed:name" in str(views.detail(case, with_purpose(by)))


def test_a_role_at_a_counter_opens_no_report_that_another_counter_took() -> None:
    both = p.person("c-2", "counter", p.COMMUNITY, "150302011001", "community")
    assert "sealed:name" not in str(views.detail(Story(by=p.COUNTER, party=HIDDEN).case, with_purpose(both)))


@pytest.mark.parametrize("hidden", ["confidential", "anonymous"])
def test_a_hidden_reporter_who_holds_a_post_is_told_by_neither_post_nor_unit(hidden: str) -> None:
    both = p.person("r-1", "resident", p.GRID, "water", "grid_worker", post="post-7")
    case = Story(
        by=both, party=PartyIs(person="r-1" if hidden == "confidential" else "code:1", confidentiality=hidden)
    ).case
    case.urge(structs.replace(both, subject=case.persons[0]), LIMITS, p.START)
    told = str(views.detail(case, p.CENTRE)) + str(views.history(case, p.CENTRE)) + str(case.pending)
    assert {word for word in ("r-1", "post-7", "water") if word in told} == set()
    assert case.kind == "resident"


def test_photos_of_a_hidden_reporter_are_in_no_event_that_is_shown() -> None:
    hidden, named = Story(party=HIDDEN).case, Story().case
    for case, photos in ((hidden, None), (named, ["photo-1"])):
        told = msgspec.json.decode(shown(logged(case, case.pending[0]), p.CENTRE))
        assert told["data"].get("photos") == photos


def test_units_are_told_of_a_text_only_what_was_screened() -> None:
    case = Story(party=HIDDEN).case
    assert case.text_for_units == ""
    case.screen(p.HOTLINE, "sealed:clean", (), p.START)
    assert case.text_for_units == "sealed:clean"
    assert Story().case.text_for_units == "sealed:text"


PEOPLE_OF_THE_STREET = [
    p.STREET_STAFF, p.COMMUNITY_STAFF, p.WORKER, p.LEADER, p.COUNTER,
    p.person("x", "centre", p.COUNTY, "150302011"), p.person("x", "inspector", p.STREET),
]  # fmt: skip


@pytest.mark.parametrize("by", PEOPLE_OF_THE_STREET, ids=lambda by: by.subject)
def test_whoever_works_in_a_street_learns_nothing_of_a_complaint_about_it(by: Principal) -> None:
    case = Story(by=p.COUNTER, **ABOUT_STREET).case
    comment = Comment.write("K1", p.CENTRE, visibility="staff", text="t", now=p.START, **case.reach())
    review = Review.of_rating(p.TENANT, "R1", unit="water", score=1, now=p.START, limits=LIMITS, **case.reach())
    assert works_under(by, "150302011")
    assert "150302011" in units_over(by)
    assert not case.seen_by(by)
    assert not review.seen_by(by)
    for event in (told_of(case), logged(comment, comment.pending[0]), logged(review, review.pending[0])):
        assert not sees(event, by)
        assert sees(event, p.CENTRE)


@pytest.mark.parametrize(("about", "tier"), [("150302011", "county"), ("150302011001", "street"), ("water", "street")])
def test_a_complaint_about_a_division_starts_above_it_and_is_supervised_there(about: str, tier: str) -> None:
    case = Story(about=about).case
    assert case.tier == tier
    assert f"/{about}/" not in case._dispatching_tier()


def test_a_complaint_about_a_street_that_the_hotline_registers_is_the_countys() -> None:
    case = Story(by=p.HOTLINE, final=Priority.P2, **ABOUT_STREET).case
    case.verification = case.verification or Story().verified().case.verification
    case.state = State.VERIFYING
    case.register(p.HOTLINE, p.registration(), LIMITS, p.START)
    assert case.tier == "county"


def test_a_complaint_goes_to_no_unit_inside_the_one_it_is_about_and_to_no_inspector_of_it() -> None:
    case: Case = Story(**ABOUT_STREET).case
    inside = UnitRef(id="150302011001", path=p.COMMUNITY, kind="community")
    with pytest.raises(Avoided):
        case._require_assignable(Order(lead=inside))
    own = PostHolder(subject="x", posts=(p.person("x", "inspector", p.COUNTY, "150302011"),))
    with pytest.raises(Avoided):
        case.assign_inspector(p.CENTRE, own, p.START)
    with pytest.raises(Avoided):
        case.invite_members(p.CENTRE, ("150302011",), p.START)
