"""Intake of a case, and its first owner."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import structs

from chassis.errors import Invalid, NotFound
from services.cases.api.case import Registration, Reporter
from services.cases.api.states import Priority, State
from services.cases.case import events, views
from services.cases.case.model.case import Case
from services.cases.case.model.inputs import PartyIs, PlaceAt
from services.cases.case.model.intake import (
    NothingFound,
    NothingToScreen,
    NotVerified,
    ObjectedBefore,
    PartyMissing,
)
from services.cases.case.model.lead_unit import Avoided
from services.cases.case.model.permissions import NotParty, NotYours, OwnWork
from services.cases.case.model.refusals import NothingShown, TooLate
from services.cases.case.model.visibility import sees
from services.cases.case.model.withdrawal import HasChildren
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story, events_of
from vocabulary.access import WrongRole


@pytest.mark.domain("外卖骑手民情收集员, 随手拍/及时传")
@pytest.mark.domain("随手拍")
@pytest.mark.parametrize(
    ("by", "kind"),
    [
        (p.RESIDENT, "resident"), (p.COURIER, "courier"), (p.WORKER, "grid_worker"), (p.HOTLINE, "hotline"),
        (p.COUNTER, "counter"), (p.COMMUNITY_STAFF, "staff"),
        (p.person("r-7", "resident", "", "", "grid_worker"), "grid_worker"),
    ],
)  # fmt: skip
def test_the_kind_of_a_report_is_the_reporters_role(by: p.Principal, kind: str) -> None:
    assert Story(by=by).case.kind == kind


@pytest.mark.domain("Roles")
@pytest.mark.parametrize("by", [p.SUPERVISOR, p.ADMIN], ids=["supervisor", "tenant_admin"])
def test_roles_that_only_read_or_administer_cannot_report(by: p.Principal) -> None:
    with pytest.raises(WrongRole):
        Story(by=by)


@pytest.mark.domain("The case: verify")
@pytest.mark.parametrize(
    ("by", "changes"),
    [
        (p.WORKER, {}),
        (p.COMMUNITY_STAFF, {}),
        (p.RESIDENT, {"place": PlaceAt(path=p.COMMUNITY)}),
        (p.RESIDENT, {"priority": Priority.P1}),
    ],
    ids=["grid worker", "community", "no place to look at", "P1"],
)
def test_verification_passes_at_once_if_no_visit_is_needed(by: p.Principal, changes: dict) -> None:
    case = Story(by=by, **changes).case
    assert case.state == State.VERIFYING
    assert case.verification
    assert events_of(case, events.Verified)[0].at_once
    assert case.step_due is None


@pytest.mark.domain("The case: verify")
def test_a_residents_report_waits_for_verification() -> None:
    case = Story().case
    assert (case.state, case.step) == (State.REPORTED, "verify")
    case.state = State.VERIFYING
    with pytest.raises(NotVerified):
        case.register(p.STREET_STAFF, p.registration(), LIMITS, p.START)


def test_verification_needs_a_photo_or_note() -> None:
    with pytest.raises(NothingShown):
        Story().case.verify(p.WORKER, True, "", (), p.START)


@pytest.mark.domain("The case: verify")
def test_a_grid_worker_verifies_only_in_their_own_grid() -> None:
    with pytest.raises(NotFound):
        Story().case.verify(p.LEADER, True, "note", (), p.START)


def test_an_unconfirmed_report_is_rejected_and_not_registered() -> None:
    case = Story().case
    case.verify(p.WORKER, False, "note", (), p.START)
    with pytest.raises(NothingFound):
        case.register(p.STREET_STAFF, p.registration(), LIMITS, p.START)
    case.reject(p.STREET_STAFF, "nothing_found", p.START)
    assert case.state == State.REJECTED


@pytest.mark.domain("The case: register, reject")
def test_registration_needs_the_party_or_the_statement_that_there_is_none() -> None:
    story = Story(by=p.WORKER, party=None)
    with pytest.raises(PartyMissing):
        story.registered()
    story.registered(nobody=True)
    assert story.case.state == State.REGISTERED


@pytest.mark.domain("The case: register, reject")
def test_a_party_is_never_nobody() -> None:
    with pytest.raises(Invalid) as both:
        Registration(party=Reporter(name="王小明"), nobody=True)
    assert [field for field, *_ in both.value.faults] == ["party", "nobody"]
    with pytest.raises(Invalid) as known:
        Story().verified().registered(nobody=True)
    assert [field for field, *_ in known.value.faults] == ["nobody"]
    unknown = PartyIs(person="code:C1", channel="code", confidentiality="anonymous")
    assert Story(by=p.STREET_STAFF, party=unknown).registered(nobody=True).case.state == State.REGISTERED


@pytest.mark.domain("The case: Place")
def test_a_matter_that_belongs_elsewhere_is_rejected_with_where_to_go() -> None:
    case = Story().verified().case
    with pytest.raises(NothingShown):
        case.reject(p.STREET_STAFF, "elsewhere", p.START)
    case.reject(p.STREET_STAFF, "elsewhere", p.START, go_to="sealed:1502")
    assert case.rejection.go_to == "sealed:1502"


@pytest.mark.domain("The case: Limits")
def test_the_priority_is_provisional_until_registration() -> None:
    story = Story(Priority.P2)
    assert story.case.priority == Priority.P3
    assert story.registered().case.priority == Priority.P2


@pytest.mark.domain("当场解决 / 转线上")
@pytest.mark.domain("The case: on the spot")
def test_on_the_spot_resolution_needs_photos_or_the_answer_and_is_an_end_state() -> None:
    case = Story().case
    with pytest.raises(NothingShown):
        case.self_resolve(p.WORKER, "", (), p.START)
    case.self_resolve(p.HOTLINE, "answer", (), p.START)
    assert case.state == State.SELF_RESOLVED
    assert case.registered_at is None


@pytest.mark.domain("The case: 异议")
@pytest.mark.parametrize("end", [State.REJECTED, State.SELF_RESOLVED], ids=str)
def test_an_objection_restarts_verification_once_and_within_seven_days(end: State) -> None:
    story = Story()
    case = story.to(end)
    case.object(p.RESIDENT, LIMITS, story.now + 7 * p.DAY)
    assert (case.state, case.step) == (State.VERIFYING, "verify")
    with pytest.raises(NotVerified):
        case.reject(p.STREET_STAFF, "not_public", story.now)
    case.verify(p.WORKER, True, "note", (), story.now)
    case.reject(p.STREET_STAFF, "not_public", story.now)
    with pytest.raises(ObjectedBefore):
        case.object(p.RESIDENT, LIMITS, story.now)


def test_an_objection_after_seven_days_is_too_late() -> None:
    story = Story()
    with pytest.raises(TooLate):
        story.to(State.REJECTED).object(p.RESIDENT, LIMITS, story.now + timedelta(days=7, seconds=1))


def test_only_the_party_objects_and_withdraws() -> None:
    story = Story()
    case = story.to(State.REJECTED)
    with pytest.raises(NotFound):
        case.object(p.NEIGHBOUR, LIMITS, story.now)
    with pytest.raises(WrongRole):
        case.object(p.STREET_STAFF, LIMITS, story.now)


def test_the_hotline_objects_for_the_caller_that_it_names() -> None:
    story = Story()
    case = story.to(State.REJECTED)
    with pytest.raises(NotParty):
        case.object(p.HOTLINE, LIMITS, story.now, person="somebody-else")
    case.object(p.HOTLINE, LIMITS, story.now, person="r-1")
    assert case.state == State.VERIFYING


@pytest.mark.domain("The case: withdraw; void")
def test_staff_withdraw_their_own_report_of_nobodys_matter_and_nobody_elses() -> None:
    own = Story(by=p.WORKER, party=None).case
    with pytest.raises(NotYours):
        own.withdraw(p.COMMUNITY_STAFF, "mistaken", LIMITS, p.START)
    own.withdraw(p.WORKER, "mistaken", LIMITS, p.START)
    assert own.state == State.WITHDRAWN
    of_a_party = Story(by=p.WORKER).case
    with pytest.raises(NotParty):
        of_a_party.withdraw(p.WORKER, "mistaken", LIMITS, p.START)


@pytest.mark.domain("The case: withdraw; void")
def test_withdrawing_stops_the_clock_and_notifies_the_units() -> None:
    case = Story().in_progress().case
    case.withdraw(p.RESIDENT, "gone", LIMITS, p.START)
    assert case.state == State.WITHDRAWN
    assert events_of(case, events.Withdrawn)[0].case.units == ["urban-management"]
    assert case.due_at() is None


@pytest.mark.domain("The case: withdraw; void")
def test_a_case_with_merged_children_cannot_be_withdrawn() -> None:
    case = Story().registered().case
    case.take_child(p.child(Priority.P3), LIMITS, p.START)
    with pytest.raises(HasChildren):
        case.withdraw(p.RESIDENT, "gone", LIMITS, p.START)


@pytest.mark.domain("The case: withdraw; void")
def test_only_a_centre_voids_and_says_why() -> None:
    case = Story().case
    with pytest.raises(WrongRole):
        case.void(p.STREET_STAFF, "double", LIMITS, p.START)
    with pytest.raises(NothingShown):
        case.void(p.CENTRE, "", LIMITS, p.START)
    case.void(p.CENTRE, "double", LIMITS, p.START)
    assert case.state == State.VOIDED


@pytest.mark.domain("The case: withdraw; void")
def test_no_centre_voids_what_its_own_unit_leads() -> None:
    case = Story().registered().case
    case.lead, case.units = p.CENTRE.unit, [p.CENTRE.unit]
    with pytest.raises(OwnWork):
        case.void(p.CENTRE, "double", LIMITS, p.START)
    assert case.state == State.REGISTERED
    case.void(p.CITY_CENTRE, "double", LIMITS, p.START)
    assert case.state == State.VOIDED


@pytest.mark.domain("首问负责, AB岗, 最多跑一次")
@pytest.mark.domain("The case: 首问")
def test_the_first_staff_member_to_take_a_case_stays_on_record() -> None:
    case = Story().verified().case
    assert (case.first_owner.post, case.first_owner.person) == ("post-grid-1", "g-1")
    case.register(p.STREET_STAFF, p.registration(), LIMITS, p.START)
    case.dispatch(p.STREET_STAFF, p.ORDER, LIMITS, p.START)
    assert case.first_owner.person == "g-1"
    assert Story(by=p.HOTLINE).verified().case.first_owner.person == "h-1"


@pytest.mark.domain("首问负责, AB岗, 最多跑一次")
@pytest.mark.domain("The case: 首问")
def test_the_first_owner_answers_or_their_b_post_in_their_absence() -> None:
    case = Story(by=p.HOTLINE).case
    with pytest.raises(Exception, match="not_yours"):
        case.answer_reporter(p.person("h-2", "hotline", p.CITY), "note", frozenset(), p.START)
    case.answer_reporter(p.person("h-2", "hotline", p.CITY), "note", frozenset({"h-2"}), p.START)
    assert events_of(case, events.ReporterAnswered)[0].by_backup


@pytest.mark.domain("The case: Reporters")
def test_a_complaint_about_a_unit_never_goes_to_that_unit() -> None:
    story = Story(about="urban-management")
    story.registered()
    with pytest.raises(Avoided):
        story.case.dispatch(p.STREET_STAFF, p.ORDER, LIMITS, story.now)
    with pytest.raises(Avoided):
        story.case.whistle(p.STREET_STAFF, p.WHISTLE, LIMITS, story.now)
    about_street = Story(about="150302011")
    assert about_street.case.event_area() == p.COUNTY
    assert story.case.event_area() == p.GRID
    assert story.case.event_units() == []
    with pytest.raises(NotFound):
        about_street.case.verify(p.STREET_STAFF, True, "note", (), p.START)


@pytest.mark.domain("The case: Place")
def test_a_case_across_areas_is_dispatched_by_the_lowest_tier_above_them_all() -> None:
    story = Story(spans=(p.OTHER_STREET,))
    case = story.case
    assert case.area == p.COUNTY
    story.verified()
    case.register(p.CENTRE, p.registration(), LIMITS, p.START)
    assert case.tier == "county"
    with pytest.raises(Exception, match="not_yours"):
        case.dispatch(p.STREET_STAFF, p.ORDER, LIMITS, p.START)  # sees its part, gives nothing
    case.dispatch(p.CENTRE, p.ORDER, LIMITS, p.START)


@pytest.mark.domain("多网合一 (名山)")
def test_open_cases_follow_a_grid_merge_and_record_their_old_area() -> None:
    case = Story().registered().case
    case.relocate(p.GRID, p.OTHER_GRID, p.START)
    assert case.area == case.place.path == p.OTHER_GRID
    assert "150302011001002" in case.areas
    assert events_of(case, events.Relocated)[0].from_area == p.GRID


def test_a_case_across_areas_follows_the_merge_of_a_grid_that_it_touches() -> None:
    case = Story(spans=(p.OTHER_STREET,)).case
    case.relocate(p.GRID, p.OTHER_GRID, p.START)
    assert p.OTHER_GRID in case.spans
    assert "150302011001001" not in case.areas


@pytest.mark.domain("The case: Reporters")
@pytest.mark.parametrize("confidentiality", ["confidential", "anonymous"])
def test_a_confidential_report_is_screened_before_it_is_merged(confidentiality: str) -> None:
    story = Story(party=PartyIs(person="r-1", confidentiality=confidentiality))
    story.registered()
    with pytest.raises(Exception, match="not screened"):
        story.case.merge_into(p.STREET_STAFF, target(), story.now)
    story.case.screen(p.HOTLINE, "sealed:clean", ("photo-1",), story.now)
    story.case.merge_into(p.STREET_STAFF, target(), story.now)


@pytest.mark.domain("The case: Reporters")
def test_who_screens_a_report_is_who_may_read_it_unscreened() -> None:
    hidden = PartyIs(person="r-1", confidentiality="confidential")
    for by in (p.RESIDENT, p.COUNTER, p.WORKER, p.COMMUNITY_STAFF, p.HOTLINE):
        story = Story(by=by, party=hidden)
        if by is p.RESIDENT:
            story.verified()  # 首问 by verifying opens nothing
        for one in (p.COUNTER, p.WORKER, p.COMMUNITY_STAFF, p.STREET_STAFF, p.CENTRE, p.HOTLINE):
            reading = structs.replace(one, purposes=frozenset({"intake"}))
            reads = sees(story.case, one) and views.detail(story.case, reading)["sealed"]["text"] == "sealed:text"
            if reads:
                Story(by=by, party=hidden).case.screen(one, "sealed:clean", (), p.START)
                continue
            with pytest.raises((NotFound, NotYours)):
                story.case.screen(one, "sealed:clean", (), p.START)


@pytest.mark.domain("The case: Reporters")
def test_a_report_whose_reporters_are_all_named_has_nothing_to_screen() -> None:
    with pytest.raises(NothingToScreen):
        Story().case.screen(p.HOTLINE, "sealed:clean", (), p.START)


@pytest.mark.domain("The case: Reporters")
def test_a_report_is_screened_with_its_own_photos_alone() -> None:
    case = Story(party=PartyIs(person="r-1", confidentiality="confidential")).case
    for photos in (("of-another-case",), ("photo-1", "of-another-case")):
        with pytest.raises(Invalid):
            case.screen(p.HOTLINE, "sealed:clean", photos, p.START)
        assert (case.screened, case.screened_photos) == (False, [])
    case.screen(p.HOTLINE, "sealed:clean", ("photo-1",), p.START)
    assert case.screened_photos == ["photo-1"]


def target() -> object:
    from services.cases.case.model.merge import Target

    return Target(case="CASE2", state=State.REGISTERED)


@pytest.mark.domain("The case: states")
@pytest.mark.parametrize(
    ("state", "lead"), [(State.REGISTERED, None), (State.IN_PROGRESS, p.URBAN_UNIT), (State.CLOSED, None)], ids=str
)
def test_an_imported_case_enters_in_its_source_state_with_one_event(state: State, lead: object) -> None:
    importer = p.person("a-2", "centre", p.COUNTY)
    case = Case.imported(importer, "CASE9", p.report_of(party=None), state, "nyc311:1", LIMITS, p.START, lead)
    assert [type(event) for event in case.pending] == [events.Imported]
    assert case.state == state
    assert (case.due is not None) == (state is not State.CLOSED)
    assert case.pending[0].case.reported_at == p.START
    with pytest.raises(Exception, match="invalid"):
        Case.imported(importer, "CASE9", p.report_of(), State.IN_PROGRESS, "nyc311:2", LIMITS, p.START)


@pytest.mark.parametrize(
    ("reported", "closed", "faulty"),
    [
        (-2 * p.DAY, -1 * p.DAY, []),
        (-1 * p.DAY, -2 * p.DAY, ["closed_at"]),
        (p.DAY, None, ["reported_at"]),
        (-1 * p.DAY, p.DAY, ["closed_at"]),
    ],
)
def test_an_imported_case_was_reported_and_then_closed_in_the_past(
    reported: timedelta, closed: timedelta | None, faulty: list[str]
) -> None:
    def enter() -> Case:
        moments = p.START + reported, p.START + closed if closed else None
        centre = p.person("a-2", "centre", p.COUNTY)
        return Case.imported(centre, "CASE9", p.report_of(), State.CLOSED, "nyc311:1", LIMITS, p.START, None, *moments)

    if not faulty:
        assert enter().state == State.CLOSED
        return
    with pytest.raises(Invalid) as refused:
        enter()
    assert [fault["field"] for fault in refused.value.data["fields"]] == faulty


@pytest.mark.domain("多网合一 (名山)")
def test_the_sub_tasks_of_a_grid_follow_its_merge_unless_they_are_done() -> None:
    story = Story().in_progress()
    done, open_ = (story.case.assign_sub_task(p.URBAN, p.GRID_UNIT, "t", None, story.now) for _ in range(2))
    story.case.accept_sub_task(p.WORKER, done, p.holder(p.WORKER), story.now)
    story.case.finish_sub_task(p.WORKER, done, "note", story.now)
    story.case.relocate(p.GRID, p.OTHER_GRID, story.now)
    assert [task.unit for task in story.case.sub_tasks] == ["150302011001001", "150302011001002"]
    assert "150302011001002" in story.case.units
    story.case.accept_sub_task(p.LEADER, open_, p.holder(p.LEADER), story.now)
