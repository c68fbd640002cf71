"""Dispatch: responsibility lists, dispatching tier, returns, disputes and rulings."""

from __future__ import annotations

import pytest

from chassis.errors import Invalid
from services.cases.api.states import Priority, State
from services.cases.case import events
from services.cases.case.model.dispatch import NotYet, SameLead
from services.cases.case.model.dispute import CannotReturn
from services.cases.case.model.lead_unit import OffTheList, Order, RulingPending
from services.cases.case.model.permissions import AtWrongTier, NotYours, OwnWork
from services.cases.case.model.post_holders import HandlerOfNoPost
from services.cases.case.model.refusals import NothingShown, TooLate
from services.cases.case.model.routing import NoTierAbove, centre_above, coordinator_above
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story, events_of

LISTS = "网格职责清单, 三张清单 (职责任务/公共服务/属地管理)"
DISPUTE = "The case: Dispute"


@pytest.mark.domain(LISTS)
@pytest.mark.parametrize("order", [Order(lead=p.URBAN_UNIT), Order(lead=p.URBAN_UNIT, entry=p.WATER_ENTRY)])
def test_dispatch_off_the_list_is_refused_with_the_reason(order: Order) -> None:
    case = Story().registered().case
    with pytest.raises(OffTheList) as refusal:
        case.dispatch(p.STREET_STAFF, order, LIMITS, p.START)
    assert refusal.value.data == {"unit": "urban-management", "category": "streetlight"}
    assert case.state == State.REGISTERED


@pytest.mark.domain("网格发现、社区呼叫、分级响应、协同处置")
def test_a_lower_tier_cannot_dispatch_an_escalated_case() -> None:
    case = Story().registered().case
    case.escalate(p.STREET_STAFF, "too_big", p.START)
    assert (case.state, case.tier) == (State.REGISTERED, "county")
    with pytest.raises(AtWrongTier):
        case.dispatch(p.STREET_STAFF, p.ORDER, LIMITS, p.START)
    case.dispatch(p.CENTRE, p.ORDER, LIMITS, p.START)


@pytest.mark.domain("小事不出小区、难事不出网格、大事不出社区")
@pytest.mark.domain("The case: escalation (上报)")
def test_a_case_climbs_tier_by_tier_from_the_grid_to_the_city_and_no_further() -> None:
    case = Story().registered(tier="grid").case
    climb = [
        (p.WORKER, "community"), (p.COMMUNITY_STAFF, "street"), (p.STREET_STAFF, "county"), (p.CENTRE, "city"),
    ]  # fmt: skip
    for by, tier in climb:
        case.escalate(by, "too_big", p.START)
        assert case.tier == tier
    with pytest.raises(NoTierAbove):
        case.escalate(p.CITY_CENTRE, "too_big", p.START)


@pytest.mark.domain("The case: escalation (上报)")
def test_a_grid_worker_passes_up_what_its_community_registered_without_naming_a_tier() -> None:
    case = Story().verified().case
    case.register(p.COMMUNITY_STAFF, p.registration(), LIMITS, p.START)
    case.escalate(p.WORKER, "too_big", p.START)
    assert case.tier == "community"
    case.escalate(p.COMMUNITY_STAFF, "too_big", p.START)
    assert case.tier == "street"


@pytest.mark.domain("The case: escalation (上报)")
def test_what_a_tier_takes_up_goes_to_the_tier_above_its_own() -> None:
    registered = Story().verified().case
    registered.register(p.COMMUNITY_STAFF, p.registration(), LIMITS, p.START)
    registered.escalate(p.COMMUNITY_STAFF, "too_big", p.START)
    assert registered.tier == "street", "not to itself, though the grid had it"
    registered.escalate(p.CENTRE, "too_big", p.START)
    assert registered.tier == "city", "a centre too passes up, here what the street still had"
    with pytest.raises(AtWrongTier):
        registered.escalate(p.WORKER, "too_big", p.START)


@pytest.mark.domain("The case: dispatch, whistle")
def test_what_a_community_registers_it_can_take_on() -> None:
    case = Story().verified().case
    case.register(p.COMMUNITY_STAFF, p.registration(), LIMITS, p.START)
    case.take_on(p.COMMUNITY_STAFF, p.holder(p.COMMUNITY_STAFF), LIMITS, p.START)
    assert case.state == State.IN_PROGRESS


@pytest.mark.domain("网格发现、社区呼叫、分级响应、协同处置")
@pytest.mark.parametrize(
    ("priority", "tier"), [(Priority.P1, "county"), (Priority.P2, "street"), (Priority.P3, "street")]
)
def test_category_and_severity_decide_the_tier_that_answers(priority: Priority, tier: str) -> None:
    assert Story(priority).registered(listed_tiers=("street", "county")).case.tier == tier
    assert Story(priority).registered(listed_tiers=("street",)).case.tier == "street"
    assert Story(priority).registered(listed_tiers=("county",), tier="community").case.tier == "community"


@pytest.mark.domain("小事不出小区、难事不出网格、大事不出社区")
@pytest.mark.domain("The case: escalation (上报)")
def test_escalation_neither_stops_nor_restarts_the_clock() -> None:
    story = Story().registered()
    due, waiting = story.case.due, story.case.step_due
    story.after(p.HOUR).case.escalate(p.STREET_STAFF, "too_big", story.now)
    assert (story.case.due, story.case.step_due) == (due, waiting)


@pytest.mark.domain("The case: dispatch, whistle")
def test_a_community_and_a_street_take_on_cases_they_hold() -> None:
    case = Story().registered(tier="community").case
    case.take_on(p.COMMUNITY_STAFF, p.holder(p.COMMUNITY_STAFF), LIMITS, p.START)
    assert (case.state, case.lead, case.handler) == (State.IN_PROGRESS, "150302011001", "m-1")
    street = Story().registered().case
    with pytest.raises(AtWrongTier):
        street.take_on(p.COMMUNITY_STAFF, p.holder(p.COMMUNITY_STAFF), LIMITS, p.START)
    with pytest.raises(NothingShown):
        street.take_on(p.STREET_STAFF, p.NOBODY, LIMITS, p.START)


@pytest.mark.domain(DISPUTE)
def test_where_no_list_names_an_owner_it_goes_to_the_street_of_the_place_and_nowhere_else() -> None:
    case = Story().returned().case
    with pytest.raises(OffTheList):
        case.dispatch(p.CENTRE, Order(lead=p.STREET_UNIT), LIMITS, p.START)
    with pytest.raises(OffTheList):
        case.dispatch(p.CENTRE, Order(lead=p.HOUSING_UNIT, gap=True), LIMITS, p.START)
    case.dispatch(p.CENTRE, Order(lead=p.STREET_UNIT, gap=True), LIMITS, p.START)
    assert case.lead == "150302011"
    assert events_of(case, events.GapFound)


@pytest.mark.domain(DISPUTE)
@pytest.mark.parametrize("listed", [True, False])
def test_taking_on_a_case_without_a_listed_owner_reports_the_gap(listed: bool) -> None:
    case = Story().registered().case
    case.take_on(p.STREET_STAFF, p.STREET_HANDLER, LIMITS, p.START, listed)
    assert bool(events_of(case, events.GapFound)) is not listed


@pytest.mark.domain("The case: accept")
def test_the_lead_accepts_and_names_a_handler() -> None:
    story = Story().dispatched()
    with pytest.raises(NothingShown):
        story.case.accept(p.URBAN, p.NOBODY, LIMITS, story.now)
    story.accepted()
    assert story.case.handler == "d-9"
    assert story.case.contact_due == story.now + p.DAY


@pytest.mark.domain("The case: accept")
@pytest.mark.parametrize(
    "named",
    [
        p.PostHolder(subject="nobody-knows"),
        p.WATER_HANDLER,
        p.holder(p.person("b-1", "resident", p.STREET, "urban-management")),  # a post that handles nothing
    ],
)
def test_a_handler_must_hold_a_post_of_the_unit(named: p.PostHolder) -> None:
    case = Story().dispatched().case
    with pytest.raises(HandlerOfNoPost, match="urban-management"):
        case.accept(p.URBAN, named, LIMITS, p.START)
    assert case.state == State.DISPATCHED


@pytest.mark.domain("The case: accept")
def test_a_community_can_name_its_grid_worker_as_handler_and_a_street_cannot() -> None:
    case = Story().registered(tier="community").case
    worker = p.holder(p.person("g-9", "grid_worker", p.GRID, "150302011001"))
    with pytest.raises(HandlerOfNoPost):
        case.take_on(p.STREET_STAFF, worker, LIMITS, p.START)
    case.take_on(p.COMMUNITY_STAFF, worker, LIMITS, p.START)
    assert case.handler == "g-9"


@pytest.mark.domain("The case: accept")
def test_another_unit_cannot_accept() -> None:
    case = Story().dispatched().case
    case.units = [*case.units, "water"]
    with pytest.raises(NotYours):
        case.accept(p.WATER, p.HANDLER, LIMITS, p.START)


@pytest.mark.domain("The case: return")
def test_a_return_names_the_entry_and_the_unit_proposed() -> None:
    case = Story().dispatched().case
    with pytest.raises(NothingShown):
        case.return_(p.URBAN, "", p.WATER_UNIT, "not_ours", LIMITS, p.START)


@pytest.mark.domain("The case: return")
def test_a_return_after_the_accept_time_is_too_late() -> None:
    story = Story().dispatched()
    story.now = story.case.step_due + p.MINUTE
    with pytest.raises(TooLate):
        story.case.return_(p.URBAN, "entry-2", p.WATER_UNIT, "not_ours", LIMITS, story.now)


@pytest.mark.domain("The case: return")
def test_a_unit_returns_a_case_once() -> None:
    story = Story().returned()
    story.case.dispatch(p.STREET_STAFF, p.ORDER, LIMITS, story.now)
    with pytest.raises(CannotReturn):
        story.case.return_(p.URBAN, "entry-2", p.WATER_UNIT, "not_ours", LIMITS, story.now)


@pytest.mark.domain("The case: return")
def test_a_reopened_case_cannot_be_returned_by_the_lead_that_handled_it() -> None:
    story = Story().reopened().dispatched()
    with pytest.raises(CannotReturn) as refusal:
        story.case.return_(p.URBAN, "entry-2", p.WATER_UNIT, "not_ours", LIMITS, story.now)
    assert refusal.value.data["reason"] == "this unit handled it before"
    story.after(3 * p.HOUR).case.redirect(p.STREET_STAFF, p.WATER_ORDER, LIMITS, story.now)
    story.case.return_(p.WATER, "entry-1", p.URBAN_UNIT, "not_ours", LIMITS, story.now)


@pytest.mark.domain(DISPUTE)
def test_a_second_return_goes_to_a_ruling_by_the_lowest_tier_above_both() -> None:
    story = Story().disputed()
    opened = events_of(story.case, events.DisputeOpened)[0]
    assert opened.ruler == p.COUNTY
    assert opened.between == ["urban-management", "water"]
    with pytest.raises(RulingPending):
        story.case.dispatch(p.STREET_STAFF, p.HOUSING_ORDER, LIMITS, story.now)
    with pytest.raises(NotYours):
        story.case.rule(p.STREET_STAFF, p.HOUSING_UNIT, "closest", LIMITS, story.now)
    story.case.rule(p.CENTRE, p.HOUSING_UNIT, "closest", LIMITS, story.now)
    assert (story.case.state, story.case.lead) == (State.DISPATCHED, "housing")


@pytest.mark.domain(DISPUTE)
@pytest.mark.parametrize(("priority", "span"), [(Priority.P3, p.DAY), (Priority.P2, 30 * p.MINUTE)])
def test_a_ruling_is_due_in_24_hours_and_in_30_minutes_when_urgent(priority: Priority, span: p.timedelta) -> None:
    story = Story(priority).disputed()
    assert (story.case.step, story.case.step_due) == ("rule", story.now + span)


@pytest.mark.domain(DISPUTE)
def test_a_ruled_case_cannot_be_returned() -> None:
    story = Story().disputed()
    story.case.rule(p.CENTRE, p.HOUSING_UNIT, "closest", LIMITS, story.now)
    with pytest.raises(CannotReturn):
        story.case.return_(p.HOUSING, "entry-1", p.WATER_UNIT, "not_ours", LIMITS, story.now)


@pytest.mark.domain(DISPUTE)
def test_nobody_rules_on_their_own_dispute() -> None:
    story = Story().disputed()
    story.case.dispute.units = ["150302", "water"]
    with pytest.raises(OwnWork):
        story.case.rule(p.CENTRE, p.HOUSING_UNIT, "closest", LIMITS, story.now)


@pytest.mark.domain(DISPUTE)
def test_without_an_owner_the_street_of_the_place_leads_and_the_gap_is_logged() -> None:
    story = Story().disputed()
    story.case.rule(p.CENTRE, None, "no_owner", LIMITS, story.now)
    assert (story.case.lead, story.case.lead_path) == ("150302011", p.STREET)
    assert events_of(story.case, events.GapFound)


@pytest.mark.domain(DISPUTE)
def test_returns_and_disputes_do_not_touch_the_clock() -> None:
    story = Story().registered()
    due = story.case.due
    story.case.dispatch(p.STREET_STAFF, p.ORDER, LIMITS, story.now)
    story.after(p.HOUR).case.return_(p.URBAN, "entry-2", p.WATER_UNIT, "not_ours", LIMITS, story.now)
    assert story.case.due == due


@pytest.mark.domain("The case: 改派")
def test_redirecting_waits_for_the_accept_time() -> None:
    story = Story().dispatched()
    with pytest.raises(NotYet):
        story.case.redirect(p.STREET_STAFF, p.WATER_ORDER, LIMITS, story.now)
    story.after(3 * p.HOUR).case.redirect(p.STREET_STAFF, p.WATER_ORDER, LIMITS, story.now)
    assert (story.case.state, story.case.lead) == (State.DISPATCHED, "water")
    story.after(9 * p.HOUR + p.DAY).case.redirect(p.STREET_STAFF, p.WHISTLE, LIMITS, story.now)
    assert story.case.state == State.WHISTLED
    assert [call.state for call in story.case.calls] == ["CALLED", "CALLED"]


@pytest.mark.domain("The case: 改派")
def test_a_case_is_not_redirected_to_the_unit_that_leads_it() -> None:
    story = Story().dispatched().after(3 * p.HOUR)
    due = story.case.step_due
    for order in (p.ORDER, p.WHISTLE):
        with pytest.raises(Invalid):
            story.case.redirect(p.STREET_STAFF, order, LIMITS, story.now)
    assert story.case.step_due == due


@pytest.mark.domain("The case: 改派")
def test_a_ruling_holds_for_the_unit_that_it_names_and_not_for_a_later_lead() -> None:
    story = Story().disputed()
    story.case.rule(p.CENTRE, p.URBAN_UNIT, "list", LIMITS, story.now)
    assert story.case.entry == ""
    story.after(p.DAY).case.redirect(p.STREET_STAFF, p.HOUSING_ORDER, LIMITS, story.now)
    assert (story.case.ruled, story.case.entry) == (False, "entry-3")
    story.case.return_(p.HOUSING, "entry-2", p.WATER_UNIT, "not_ours", LIMITS, story.now)
    assert story.case.state == State.RETURNED


@pytest.mark.domain("The case: states")
def test_a_reopened_case_goes_to_its_previous_lead() -> None:
    story = Story().reopened()
    with pytest.raises(SameLead):
        story.case.dispatch(p.STREET_STAFF, p.WATER_ORDER, LIMITS, story.now)
    story.case.dispatch(p.STREET_STAFF, p.ORDER, LIMITS, story.now)


@pytest.mark.domain("Roles: handover")
def test_a_case_is_handed_over_within_its_unit() -> None:
    case = Story().in_progress().case
    case.assign(p.URBAN, p.NEXT_HANDLER, p.START)
    assert (case.handler, events_of(case, events.HandlerChanged)[0].from_handler) == ("d-8", "d-9")
    with pytest.raises(NotYours):
        case.assign(p.STREET_STAFF, p.STREET_HANDLER, p.START)


@pytest.mark.parametrize(
    ("units", "desk"),
    [
        ([("department", p.COUNTY)], p.COUNTY),
        ([("department", p.CITY)], p.CITY),
        ([("street", p.STREET)], p.COUNTY),
        ([("community", p.COMMUNITY)], p.STREET),
        ([("centre", p.COUNTY)], p.CITY),
        ([("department", p.COUNTY), ("department", p.COUNTY)], p.COUNTY),
        ([("street", p.STREET), ("department", p.COUNTY)], p.COUNTY),
        ([("street", p.STREET), ("community", p.COMMUNITY)], p.COUNTY),
        ([("community", p.COMMUNITY), ("community", p.OTHER_COMMUNITY)], p.STREET),
        ([("street", p.STREET), ("street", p.OTHER_STREET)], p.COUNTY),
        ([("department", p.STREET)], p.STREET),
    ],
)
def test_the_dispatching_tier_is_the_lowest_street_or_centre_above_the_units(
    units: list[tuple[str, str]], desk: str
) -> None:
    assert coordinator_above(*units) == desk


@pytest.mark.parametrize(("path", "above"), [(p.STREET, p.COUNTY), (p.COUNTY, p.CITY), (p.CITY, p.CITY)])
def test_supervision_moves_up_the_centres_and_stays_at_the_top(path: str, above: str) -> None:
    assert centre_above(path) == above
