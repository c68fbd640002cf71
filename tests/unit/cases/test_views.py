"""Visibility of cases, and their views per role."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from services.cases.api.states import State
from services.cases.case import views
from services.cases.case.model import visibility
from services.cases.case.model.case import Case
from services.cases.case.model.handling import Resolution
from services.cases.case.model.inputs import PartyIs, ReportAgain
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story
from vocabulary.access import WrongRole
from vocabulary.rights import may
from vocabulary.roles import Permission

AGAIN = ReportAgain(words="sealed:again", photos=("photo-7",))
SEERS = {
    "reporter": (p.RESIDENT, True), "another resident": (p.NEIGHBOUR, False), "courier": (p.COURIER, False),
    "grid worker": (p.WORKER, True), "next grid's": (p.LEADER, False), "community": (p.COMMUNITY_STAFF, True),
    "street": (p.STREET_STAFF, True), "other street": (p.OTHER_STREET_STAFF, False), "centre": (p.CENTRE, True),
    "lead": (p.URBAN, True), "other department": (p.WATER, False), "hotline": (p.HOTLINE, True),
    "supervisor": (p.SUPERVISOR, True), "counter": (p.COUNTER, False), "inspector": (p.INSPECTOR, False),
    "admin": (p.ADMIN, False), "nobody": (p.person("x", "unknown"), False),
}  # fmt: skip


@pytest.mark.domain("Roles")
@pytest.mark.parametrize("name", SEERS)
def test_each_role_sees_its_own_cases(name: str) -> None:
    by, sees = SEERS[name]
    assert visibility.sees(Story().in_progress().case, by) is sees


@pytest.mark.domain("Roles")
def test_a_counter_sees_the_tickets_it_took_and_an_inspector_what_they_were_given() -> None:
    assert visibility.sees(Story(by=p.COUNTER).case, p.COUNTER)
    story = Story().in_progress()
    story.case.assign_inspector(p.STREET_STAFF, p.WORKING_INSPECTOR, story.now)
    assert visibility.sees(story.case, p.INSPECTOR)


def matches(where: visibility.Where | None, case: Case) -> bool:
    """Evaluates a filter as the database does: a list field matches if it contains the value."""
    if where is None:
        return False
    return all(_matches(name, wanted, case) for name, wanted in where.items())


def _matches(name: str, wanted: Any, case: Case) -> bool:
    if name == "$or":
        return any(matches(each, case) for each in wanted)
    value = getattr(case, name)
    return bool(wanted in value if isinstance(value, list) else wanted == value)


CASES = {
    "reported": lambda: Story().case,
    "with a lead": lambda: Story().in_progress().case,
    "of the counter": lambda: Story(by=p.COUNTER).case,
    "across streets": lambda: Story(spans=(p.OTHER_STREET,)).case,
    "about the street": lambda: Story(about="150302011").case,
    "anonymous": lambda: Story(party=PartyIs(person="code:1", confidentiality="anonymous")).case,
}


@pytest.mark.parametrize("which", CASES)
@pytest.mark.parametrize("name", SEERS)
def test_the_list_filter_agrees_with_the_check_of_one_case(name: str, which: str) -> None:
    by, case = SEERS[name][0], CASES[which]()
    listed = matches(visibility.where_seen(by), case) and not visibility.avoids(by, case.about, case.persons)
    assert listed is visibility.sees(case, by)


@pytest.mark.domain("The case: Reporters")
def test_a_confidential_identity_opens_only_to_intake_and_callback_with_a_purpose() -> None:
    story = Story(party=PartyIs(person="r-1", name="sealed:name", confidentiality="confidential")).in_progress()
    for by in (p.URBAN, p.STREET_STAFF, p.CENTRE, p.HOTLINE):
        assert "person" not in views.detail(story.case, by)["parties"][0]
    calling = p.person("h-1", "hotline", p.CITY, "", purposes=frozenset({"callback"}))
    assert views.detail(story.case, calling)["parties"][0]["person"] == "r-1"


@pytest.mark.domain("The case: Reporters")
def test_units_read_a_confidential_report_only_as_screened() -> None:
    story = Story(party=PartyIs(person="r-1", confidentiality="confidential")).in_progress()
    shown = views.detail(story.case, p.URBAN)
    assert (shown["sealed"]["text"], shown["photos"]) == ("", [])
    story.case.screen(p.HOTLINE, "sealed:clean", ("photo-1",), story.now)
    shown = views.detail(story.case, p.URBAN)
    assert (shown["sealed"]["text"], shown["photos"]) == ("sealed:clean", ["photo-1"])


@pytest.mark.domain("The case: Reporters")
def test_a_repeated_confidential_report_is_screened_like_the_first() -> None:
    story = Story(party=PartyIs(person="r-1", confidentiality="confidential")).in_progress()
    story.case.screen(p.HOTLINE, "sealed:clean", ("photo-1",), story.now)
    story.case.report_again(p.RESIDENT, AGAIN, LIMITS, story.now)
    assert views.detail(story.case, p.URBAN)["photos"] == ["photo-1"]
    assert "sealed:again" not in str(views.history(story.case, p.URBAN))
    intake = p.person("h-1", "hotline", p.CITY, "", purposes=frozenset({"intake"}))
    assert views.detail(story.case, intake)["photos"] == ["photo-1", "photo-7"]
    assert "sealed:again" in str(views.history(story.case, intake))


@pytest.mark.domain("The case: Reporters")
@pytest.mark.parametrize("act", ["urge", "add_words"])
def test_party_notes_under_step_names_of_an_earlier_version_are_hidden_too(act: str) -> None:
    story = Story(party=PartyIs(person="r-1", confidentiality="confidential")).in_progress()
    story.case.history = [*story.case.history, {"at": story.now, "act": act, "by": "r-1", "note": "sealed:again"}]
    assert "sealed:again" not in str(views.history(story.case, p.URBAN))


@pytest.mark.domain("The case: Reporters")
def test_a_party_that_reports_again_confidentially_is_hidden_from_then_on() -> None:
    story = Story().in_progress()
    assert "r-1" in str(views.detail(story.case, p.URBAN))
    story.case.report_again(p.RESIDENT, structs.replace(AGAIN, confidential=True), LIMITS, story.now)
    shown = views.detail(story.case, p.URBAN)
    assert (shown["sealed"]["text"], shown["photos"]) == ("", [])
    assert "r-1" not in str(shown)


@pytest.mark.domain("The case: Reporters")
def test_the_history_does_not_name_a_confidential_reporter() -> None:
    story = Story(party=PartyIs(person="r-1", confidentiality="confidential")).in_progress()
    assert "r-1" not in str(views.history(story.case, p.URBAN))


@pytest.mark.domain("The case: Reporters")
def test_an_urge_does_not_name_a_confidential_reporter() -> None:
    story = Story(party=PartyIs(person="r-1", confidentiality="confidential")).in_progress()
    story.case.urge(p.RESIDENT, LIMITS, story.now)
    for by in (p.URBAN, p.STREET_STAFF, p.CENTRE, p.HOTLINE, p.SUPERVISOR):
        shown = views.detail(story.case, by)
        assert [urge["number"] for urge in shown["urges"]] == [1]
        assert "r-1" not in str(shown)
    calling = p.person("h-1", "hotline", p.CITY, "", purposes=frozenset({"callback"}))
    assert views.detail(story.case, calling)["urges"][0]["person"] == "r-1"


def test_a_party_sees_steps_and_units_but_no_person_of_the_staff() -> None:
    case = Story().in_progress().case
    shown = str(views.detail(case, p.RESIDENT)) + str(views.history(case, p.RESIDENT))
    assert "urban-management" in shown
    for person in ("d-9", "d-1", "s-1", "g-1"):
        assert f"'{person}'" not in shown


@pytest.mark.domain("The case: Reporters")
def test_the_public_page_has_no_free_text_and_no_persons() -> None:
    case = Story().in_progress().case
    shown = str(views.public(case))
    assert "sealed" not in shown
    assert "r-1" not in shown
    assert views.public(case)["state"] == State.IN_PROGRESS


@pytest.mark.domain("Privacy: events carry ids")
def test_events_name_no_confidential_reporter_and_carry_no_free_text() -> None:
    from msgspec import json

    hidden = PartyIs(person="r-1", name="sealed:name", phone="sealed:phone", confidentiality="confidential")
    story = Story(party=hidden).awaiting_rating()
    story.case.rate(p.RESIDENT, p.SOLVED, LIMITS, story.now)
    told = b"".join(json.encode(event) for event in story.case.pending)
    assert b"sealed" not in told
    assert b"r-1" not in told
    assert b"note" not in told


def rejected() -> Case:
    story = Story().verified()
    story.case.reject(p.STREET_STAFF, "elsewhere", story.now, "sealed:why", "1502")
    return story.case


@pytest.mark.domain("The case: register, reject")
def test_the_reporter_reads_the_reason_of_a_rejection_and_where_to_go_signed_in_or_by_code() -> None:
    told = {"reason": "elsewhere", "go_to": "1502", "note": "sealed:why"}
    assert views.public(rejected())["rejection"] == views.detail(rejected(), p.RESIDENT)["rejection"] == told
    assert views.public(Story().case)["rejection"] is None


@pytest.mark.domain("The case: 异议")
def test_after_an_objection_the_rejection_is_no_longer_told() -> None:
    case = rejected()
    case.object(p.RESIDENT, LIMITS, p.START)
    assert views.public(case)["rejection"] is None


@pytest.mark.domain("The case: Rating")
def test_the_reporter_reads_the_written_result_that_they_are_to_rate() -> None:
    done = Resolution(outcome="explained", note="sealed:done")
    story = Story().inspecting(done)
    assert views.public(story.case)["result"] is None, "inspection may yet refuse it"
    story.case.inspect(p.STREET_STAFF, True, "visit", "sealed:seen", LIMITS, story.now)
    told = {"outcome": "explained", "at": p.START, "note": "sealed:done"}
    assert views.public(story.case)["result"] == views.detail(story.case, p.RESIDENT)["result"] == told


@pytest.mark.domain("The case: Merge")
def test_the_party_of_a_merged_case_reads_the_result_of_the_case_that_it_rates() -> None:
    parent = Story().awaiting_rating(Resolution(outcome="solved", note="sealed:done")).case
    child = Story().merged().case
    assert views.public(child)["result"] is None
    assert views.public(child, parent)["result"]["note"] == "sealed:done"


@pytest.mark.domain("The case: on the spot")
def test_the_reporter_reads_what_was_answered_on_the_spot() -> None:
    case = Story().to(State.SELF_RESOLVED)
    assert views.public(case)["result"] == {"outcome": "on_the_spot", "at": p.START, "note": "note-s"}


@pytest.mark.domain("The case: Reporters")
def test_why_a_confidential_reporter_withdraws_is_hidden_from_those_who_may_not_know_them() -> None:
    case = Story(party=PartyIs(person="r-1", confidentiality="confidential")).case
    case.withdraw(p.RESIDENT, "other", LIMITS, p.START, note="sealed:mine")
    assert views.history(case, p.STREET_STAFF)[-1]["note"] == ""


@pytest.mark.domain("Roles")
def test_a_resident_who_holds_a_post_is_a_party_of_their_own_case_and_no_more() -> None:
    leader = p.person("r-1", "resident", p.GRID, "150302011001", post="building-leader")
    case = Story().in_progress().case
    case.lead = "150302011001"
    assert all(set(step) & {"by", "post", "note"} == set() for step in views.history(case, leader))
    assert "first_owner" not in views.detail(case, leader)
    assert not may(leader, Permission.HANDLE, case.resource())


@pytest.mark.domain("Roles")
def test_a_reporter_who_is_also_staff_sees_a_complaint_about_their_unit_only_if_it_is_theirs() -> None:
    both = p.person("r-1", "resident", p.STREET, "150302011", "street")
    own, other = Story(about="150302011").case, Story(about="150302011", party=p.PartyIs(person="r-9")).case
    assert (visibility.sees(own, both), visibility.sees(other, both)) == (True, False)
    assert visibility.reads_as_party(own, both)
    assert visibility.avoids(both, other.about, other.persons)
    assert not visibility.avoids(both, own.about, own.persons)


@pytest.mark.domain("The case: Reporters")
def test_a_reporter_who_is_also_staff_does_nothing_as_staff_with_a_complaint_about_their_unit() -> None:
    both = p.person("r-1", "resident", p.STREET, "150302011", "street")
    story = Story(about="150302011")
    with pytest.raises(WrongRole):
        story.case.verify(both, True, "sealed:note", (), story.now)
    story.case.withdraw(both, "gone", LIMITS, story.now)
    assert story.case.state == State.WITHDRAWN
