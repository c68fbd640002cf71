"""Stories that together emit every event of the case aggregate."""

from __future__ import annotations

from collections.abc import Iterator

from chassis.envelope import Event
from services.cases.api.states import Priority, State
from services.cases.case import events
from services.cases.case.model.case import Case
from services.cases.case.model.inputs import ReportAgain
from services.cases.case.model.lead_requests import RequestInput
from services.cases.case.model.limits import Limits
from tests.contract.stories import events_of
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story

EVENTS = events_of(events)


def loop() -> Iterator[Case]:
    story = Story().whistled()
    story.case.report_in(p.URBAN, p.HANDLER, LIMITS, story.now)
    story.case.invite_members(p.STREET_STAFF, ("branch-7",), story.now)
    story.after(31 * p.MINUTE).case.report_in(p.WATER, p.NOBODY, LIMITS, story.now)
    story.case.grade(p.STREET_STAFF, "water", 4, story.now)
    story.case.note_progress(p.URBAN, "sealed:note", story.now)
    story.case.assign(p.URBAN, p.NEXT_HANDLER, story.now)
    for act in ("accept", "return", "waive"):
        number = story.case.assign_sub_task(p.URBAN, p.HOUSING_UNIT, "sealed:title", None, story.now)
        if act == "accept":
            story.case.accept_sub_task(p.HOUSING, number, p.HOUSING_HANDLER, story.now)
            story.case.finish_sub_task(p.HOUSING, number, "sealed:note", story.now)
        elif act == "return":
            story.case.return_sub_task(p.HOUSING, number, "not_ours", story.now)
            story.case.waive_sub_task(p.CENTRE, number, "not_needed", story.now)
        else:
            story.case.waive_sub_task(p.CENTRE, number, "not_needed", story.now)
    story.rework().in_progress().inspecting()
    story.case.assign_inspector(p.STREET_STAFF, p.WORKING_INSPECTOR, story.now)
    story.case.inspect(p.INSPECTOR, True, "visit", "sealed:note", LIMITS, story.now)
    story.case.call_back(p.HOTLINE, "r-1", True, p.SOLVED, LIMITS, story.now)
    story.case.answer_reporter(p.WORKER, "sealed:note", frozenset(), story.now)
    story.case.reopen(p.RESIDENT, "came_back", LIMITS, story.now)
    story.dispatched().accepted()
    yield story.case


def intake() -> Iterator[Case]:
    objected = Story().verified()
    objected.case.reject(p.STREET_STAFF, "elsewhere", objected.now, go_to="1502")
    objected.case.object(p.RESIDENT, LIMITS, objected.now)
    yield objected.case
    hidden = Story(party=p.PartyIs(person="r-1", confidentiality="confidential"))
    hidden.case.screen(p.HOTLINE, "sealed:text", (), hidden.now)
    yield hidden.case
    for state in (State.SELF_RESOLVED, State.WITHDRAWN, State.VOIDED):
        story = Story()
        story.to(state)
        yield story.case
    yield Case.imported(p.CENTRE, "CASE9", p.report_of(party=None), State.CLOSED, "nyc311:60879417", LIMITS, p.START)


def dispatch() -> Iterator[Case]:
    disputed = Story().disputed()
    disputed.case.rule(p.CENTRE, None, "no_owner", LIMITS, disputed.now)
    disputed.case.relocate(p.GRID, p.OTHER_GRID, disputed.now)
    yield disputed.case
    called = Story().whistled()
    called.case.dispute_call(p.WATER, "not_ours", called.now)
    yield called.case
    released = Story().whistled()
    released.case.release(p.STREET_STAFF, "water", released.now)
    yield released.case
    own = Story().registered()
    own.case.escalate(p.STREET_STAFF, "too_big", own.now)
    yield own.case
    taken = Story().registered()
    taken.case.take_on(p.STREET_STAFF, p.STREET_HANDLER, LIMITS, taken.now)
    yield taken.case


def pressure() -> Iterator[Case]:
    story = Story().suspended(p.DAY).after(2 * p.DAY)
    form = RequestInput(what="extension", reason="parts", party_told=True, until=story.case.due + p.DAY)
    story.case.refuse(p.CENTRE, story.case.ask(p.URBAN, form, LIMITS, story.now), "no_need", story.now)
    story.case.answer_urge(p.URBAN, story.case.urge(p.RESIDENT, LIMITS, story.now), "sealed:note", story.now)
    again = ReportAgain(words="sealed:note", photos=("photo-7",))
    story.case.report_again(p.RESIDENT, again, LIMITS, story.now)
    story.case.recompute(p.STREET_STAFF, Limits.default().changed({"case": {"P3": "5d"}}), "2", story.now)
    story.case.assign_sub_task(p.URBAN, p.HOUSING_UNIT, "sealed:title", None, story.now)
    story.after(p.DAY).case.urge(p.RESIDENT, LIMITS, story.now)
    story.after(30 * p.DAY)
    number = story.case.supervisions[0].number
    story.case.answer_supervision(p.URBAN, number, "sealed:note", story.now)
    story.case.close_supervision(p.CITY_CENTRE, number, story.now)
    yield story.case


def merging() -> Iterator[Case]:
    child = Story().merged()
    child.case.unmerge(p.STREET_STAFF, State.REGISTERED, LIMITS, child.now)
    yield child.case
    parent = Story().registered()
    parent.case.take_child(p.child(Priority.P2), LIMITS, parent.now)
    parent.case.release_child("CASE2", 8, LIMITS, parent.now)
    yield parent.case
    asking = Story().merged()
    asking.case.reopen(p.RESIDENT, "came_back", LIMITS, asking.now, parent=Story().closed().case)
    yield asking.case
    left = Story().merged()
    left.case.withdraw(p.RESIDENT, "gone", LIMITS, left.now, parent=State.REGISTERED)
    yield left.case
    ended = Story().closed()
    ended.case.take_child(p.child(), LIMITS, ended.now)
    yield ended.case


def published() -> Iterator[Event]:
    """Yields all events of the stories, and the restated state of each case."""
    for case in aggregates():
        yield from case.pending
        yield case.state_event()


def aggregates() -> Iterator[Case]:
    for story in (loop, intake, dispatch, pressure, merging):
        yield from story()
