"""A case that follows from a visit to a household: known to be so, and to whom it tells which visit."""

from __future__ import annotations

import pytest

from chassis.security.principal import Principal
from services.cases.api.states import State
from services.cases.case import views
from services.cases.case.events import Reported
from services.cases.case.model.case import Case
from services.cases.case.model.inputs import PlaceAt
from tests.unit.cases import people as p

pytestmark = pytest.mark.domain("定期家访、排查、座谈")


def case_of_visit() -> Case:
    found = p.report_of(visit="V1", place=PlaceAt(path=p.PLACE.path), party=None)
    return Case.report(p.WORKER, "C1", found, p.LIMITS, p.START)


def test_what_a_visit_found_was_seen_by_staff_and_owes_its_visitor_the_answer() -> None:
    case = case_of_visit()
    assert (case.kind, case.source, case.state) == ("visit", "V1", State.VERIFYING)
    assert case.first_person == p.WORKER.subject
    assert case.place is not None
    assert (case.place.address, case.place.lon) == ("", None)


@pytest.mark.domain("Privacy: events carry ids")
def test_its_events_name_the_visit_for_the_service_that_has_it_and_for_nobody_else() -> None:
    reported = case_of_visit().pending[0]
    assert isinstance(reported, Reported)
    assert reported.case.source == "V1"
    assert "case.source" in reported.visibility().internal


@pytest.mark.parametrize(
    ("by", "source"),
    [
        (p.WORKER, "V1"),
        (p.COMMUNITY_STAFF, "V1"),
        (p.STREET_STAFF, "V1"),
        (p.SUPERVISOR, ""),
        (p.HOTLINE, ""),
    ],
    ids=lambda given: given.subject if isinstance(given, Principal) else "",
)
def test_it_names_the_visit_to_those_who_may_find_residents_there(by: Principal, source: str) -> None:
    assert views.detail(case_of_visit(), by)["source"] == source


def test_what_another_case_follows_from_is_shown_to_all_staff_who_see_it() -> None:
    found = p.report_of(resolution="D1", party=None)
    case = Case.report(p.STREET_STAFF, "C1", found, p.LIMITS, p.START)
    assert views.detail(case, p.HOTLINE)["source"] == "D1"
