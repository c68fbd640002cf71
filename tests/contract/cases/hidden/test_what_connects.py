"""What could connect a person with a hidden report, or a complaint with its unit, beside the case itself."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.contract.cases.hidden import world as w
from tests.contract.cases.hidden.kept import Desk
from tests.unit.cases import people as p

pytestmark = pytest.mark.domain("The case: Reporters")

REPORT: dict[str, Any] = {"category": "streetlight", "place": w.PLACE, "text": "the lamp is dark"}
CALLER = {"reporter": {"name": "Wang", "phone": w.PHONE}}
HIDDEN = {"confidentiality": "confidential"}
INTAKE = replace(p.HOTLINE, purposes=frozenset({"intake"}))


@pytest.fixture
def desk() -> Desk:
    return Desk(w.directory())


def test_a_complaint_about_an_unknown_unit_is_refused_since_it_would_be_kept_from_nobody(desk: Desk) -> None:
    for unit in ("watter", "150302999"):
        assert desk.act("one", w.START, p.RESIDENT, "report", REPORT | {"about": unit}) in ("invalid", "not_known_yet")
    assert desk.act("two", w.START, p.RESIDENT, "report", REPORT | {"about": "water"}) is None


def test_a_complaint_is_not_added_to_the_open_case_that_its_unit_sees(desk: Desk) -> None:
    for step, about in (("first", ""), ("complaint", "housing"), ("again", "housing")):
        assert desk.act(step, w.START, p.RESIDENT, "report", REPORT | {"about": about}) is None
    assert sorted(event.subject for event in desk.told if event.name == "cases.case.reported.v1") == [
        "complaint-Case", "first-Case",
    ]  # fmt: skip
    assert [event.subject for event in desk.told if event.name == "cases.case.supplemented.v1"] == ["complaint-Case"]


def test_the_number_of_a_phone_finds_a_confidential_case_for_intake_with_a_purpose_alone(desk: Desk) -> None:
    assert desk.act("hidden", w.START, p.HOTLINE, "report", REPORT | CALLER | HIDDEN) is None
    finding = {by: "hidden-Case" in desk.answer(w.START, by, "list_callers_cases", {"phone": w.PHONE})
               for by in (INTAKE, p.HOTLINE, replace(p.COUNTER, purposes=w.ALL_PURPOSES))}  # fmt: skip
    assert list(finding.values()) == [True, False, False]


def test_a_counter_does_not_find_its_visitors_complaint_about_its_community(desk: Desk) -> None:
    by = replace(p.COUNTER, unit=w.COMMUNITY)
    for step, about, found in (("complaint", w.COMMUNITY, False), ("plain", "", True)):
        assert desk.act(step, w.START, p.HOTLINE, "report", REPORT | CALLER | {"about": about}) is None
        assert (f"{step}-Case" in desk.answer(w.START, by, "list_callers_cases", {"phone": w.PHONE})) is found


@pytest.mark.parametrize(("changes", "named"), [({}, True), (HIDDEN, False), ({"about": "water"}, False)])
def test_a_ticket_and_a_callback_connect_no_visitor_with_what_is_hidden(
    desk: Desk, changes: dict[str, Any], named: bool
) -> None:
    counter = p.person("c-9", "counter", p.COMMUNITY, w.COMMUNITY, "community")
    services = [{"service": "card", "unit": "water"}]
    visit = {"area": p.COMMUNITY, "services": services, "phone": w.PHONE, "name": "Wang"}
    assert desk.act("ticket", w.START, counter, "open_ticket", visit) is None
    assert desk.act("new", w.START, p.HOTLINE, "report", REPORT | CALLER | changes) is None
    became = {"ticket": "ticket-Ticket", "case": "new-Case"}
    assert desk.act("naming", w.START, counter, "name_ticket_case", became) is None
    for method, args in (("get_ticket", {"ticket": "ticket-Ticket"}), ("list_tickets", {})):
        assert ("new-Case" in desk.answer(w.START, p.WATER, method, args)) is named


def test_likeness_to_a_hidden_text_is_told_to_nobody_before_it_is_screened(desk: Desk) -> None:
    typed = {"category": "streetlight", "text": "secret words", "lon": 106.79, "lat": 39.65}
    assert desk.act("hidden", w.START, p.HOTLINE, "report", REPORT | CALLER | HIDDEN | {"text": "secret words"}) is None
    assert "'text'" not in desk.answer(w.START, p.STREET_STAFF, "suggest_duplicates", typed)
    assert desk.act("screen", w.START, p.HOTLINE, "screen", {"case": "hidden-Case", "text": "secret words"}) is None
    assert "'text'" in desk.answer(w.START, p.STREET_STAFF, "suggest_duplicates", typed)
    again = REPORT | CALLER | {"text": "more", "confidentiality": "named"}
    assert desk.act("again", w.START, p.HOTLINE, "report", again) is None


def test_likely_duplicates_that_are_out_of_sight_take_no_place_of_those_in_sight(desk: Desk) -> None:
    typed = {"category": "streetlight", "text": "the lamp is dark", "lon": 106.79, "lat": 39.65}
    for number in range(6):
        by = p.person(f"r-{number}", "resident")
        assert desk.act(f"about-{number}", w.START, by, "report", REPORT | {"about": w.STREET}) is None
    assert desk.act("plain", w.START, p.NEIGHBOUR, "report", REPORT) is None
    suggested = desk.answer(w.START, p.STREET_STAFF, "suggest_duplicates", typed)
    assert "plain-Case" in suggested
    assert "about-" not in suggested


def test_figures_leave_out_complaints_about_the_unit_that_asks_and_count_them_for_others(desk: Desk) -> None:
    assert desk.act("complaint", w.START, p.RESIDENT, "report", REPORT | {"about": w.STREET}) is None
    desk.add_up(w.START)
    day = {"day": "2026-03-02"}
    assert "'reported': 1" in desk.answer(w.START, p.CENTRE, "get_daily_report", day)
    own = desk.answer(w.START, p.STREET_STAFF, "get_daily_report", day)
    assert "'reported'" not in own
    assert "REPORTED" not in own
