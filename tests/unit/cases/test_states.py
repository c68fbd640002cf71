"""State machine of the case: every listed transition succeeds, every other is refused with its reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from chassis.errors import Forbidden, NotFound
from services.cases.api.states import State
from services.cases.case.acts import Act
from services.cases.case.model.case import Case
from services.cases.case.model.merge import Target
from services.cases.case.model.states import TRANSITIONS, WrongState
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story
from vocabulary.access import WrongRole
from vocabulary.rights import HOLDERS
from vocabulary.roles import Permission

LATER = timedelta(hours=3)
Step = Callable[[Case, p.Principal, p.datetime], object]


def parent_of(case: Case) -> State | None:
    return State.REGISTERED if case.merged_into else None


#: How to perform each act, and by whom; `None` for automatic ones.
STEPS: dict[Act, tuple[p.Principal, Step]] = {
    Act.VERIFY: (p.WORKER, lambda c, by, now: c.verify(by, True, "note", (), now)),
    Act.REGISTER: (p.STREET_STAFF, lambda c, by, now: c.register(by, p.registration(), LIMITS, now)),
    Act.REJECT: (p.STREET_STAFF, lambda c, by, now: c.reject(by, "not_public", now)),
    Act.OBJECT: (p.RESIDENT, lambda c, by, now: c.object(by, LIMITS, now)),
    Act.SELF_RESOLVE: (p.WORKER, lambda c, by, now: c.self_resolve(by, "note", (), now)),
    Act.MERGE: (p.STREET_STAFF, lambda c, by, now: c.merge_into(by, TARGET, now)),
    Act.UNMERGE: (p.STREET_STAFF, lambda c, by, now: c.unmerge(by, State.REGISTERED, LIMITS, now)),
    Act.ESCALATE: (p.STREET_STAFF, lambda c, by, now: c.escalate(by, "too_big", now)),
    Act.TAKE_ON: (p.STREET_STAFF, lambda c, by, now: c.take_on(by, p.STREET_HANDLER, LIMITS, now)),
    Act.DISPATCH: (p.STREET_STAFF, lambda c, by, now: c.dispatch(by, p.ORDER, LIMITS, now)),
    Act.WHISTLE: (p.STREET_STAFF, lambda c, by, now: c.whistle(by, p.WHISTLE, LIMITS, now)),
    Act.REDIRECT: (p.STREET_STAFF, lambda c, by, now: c.redirect(by, p.WATER_ORDER, LIMITS, now + LATER)),
    Act.ACCEPT: (p.URBAN, lambda c, by, now: c.accept(by, p.HANDLER, LIMITS, now)),
    Act.REPORT_IN: (p.URBAN, lambda c, by, now: c.report_in(by, p.HANDLER, LIMITS, now)),
    Act.RETURN: (p.URBAN, lambda c, by, now: c.return_(by, "entry-2", p.WATER_UNIT, "not_ours", LIMITS, now)),
    Act.START: (p.URBAN, lambda c, by, now: c.start(by, now)),
    Act.RESUME: (p.URBAN, lambda c, by, now: c.resume(by, LIMITS, now)),
    Act.RESOLVE: (p.URBAN, lambda c, by, now: c.resolve(by, p.DONE, LIMITS, now)),
    Act.PASS: (p.STREET_STAFF, lambda c, by, now: c.inspect(by, True, "visit", "note", LIMITS, now)),
    Act.FAIL: (p.STREET_STAFF, lambda c, by, now: c.inspect(by, False, "visit", "note", LIMITS, now)),
    Act.REOPEN: (p.RESIDENT, lambda c, by, now: c.reopen(by, "came_back", LIMITS, now)),
    Act.WITHDRAW: (p.RESIDENT, lambda c, by, now: c.withdraw(by, "gone", LIMITS, now, parent=parent_of(c))),
    Act.VOID: (p.CENTRE, lambda c, by, now: c.void(by, "entered_by_mistake", LIMITS, now)),
}
TARGET = Target(case="CASE2", state=State.REGISTERED)
PERMISSION = {
    Act.VERIFY: Permission.VERIFY,
    Act.REGISTER: Permission.REGISTER,
    Act.REJECT: Permission.REGISTER,
    Act.SELF_RESOLVE: Permission.SELF_RESOLVE,
    Act.ESCALATE: Permission.ESCALATE,
    Act.TAKE_ON: Permission.TAKE_ON,
    Act.DISPATCH: Permission.DISPATCH,
    Act.REDIRECT: Permission.DISPATCH,
    Act.ACCEPT: Permission.HANDLE,
    Act.RETURN: Permission.HANDLE,
    Act.REPORT_IN: Permission.HANDLE,
    Act.START: Permission.HANDLE,
    Act.RESUME: Permission.HANDLE,
    Act.RESOLVE: Permission.HANDLE,
    Act.PASS: Permission.INSPECT,
    Act.FAIL: Permission.INSPECT,
    Act.VOID: Permission.VOID,
    Act.MERGE: Permission.REGISTER,  # before registration
}
AT_REST = [state for state in State if state is not State.RESOLVED]


def made_ready(story: Story, act: Act, state: State) -> Case:
    """A case in that state, with everything else that the act needs."""
    case = story.to(state)
    if act is Act.REGISTER and state is State.VERIFYING and case.verification is None:
        story.verified()
    if act is Act.RESOLVE and case.contacted_at is None and state is State.IN_PROGRESS:
        case.contact(p.URBAN, "note", story.now)
    return case


ALLOWED = [(act, state) for act in STEPS for state in AT_REST if state in TRANSITIONS[act]]
REFUSED = [(act, state) for act in STEPS for state in AT_REST if state not in TRANSITIONS[act]]


@pytest.mark.domain("The case: states")
@pytest.mark.parametrize(("act", "state"), ALLOWED, ids=str)
def test_a_listed_transition_succeeds(act: Act, state: State) -> None:
    story = Story()
    case = made_ready(story, act, state)
    by, step = STEPS[act]
    before = len(case.history)
    step(case, by, story.now)
    moves = [entry for entry in case.history[before:] if entry.get("to")]
    assert State(moves[0]["to"]) in TRANSITIONS[act][state]
    assert case.state == moves[-1]["to"]


@pytest.mark.domain("The case: states")
@pytest.mark.parametrize(("act", "state"), REFUSED, ids=str)
def test_an_unlisted_transition_is_refused_and_changes_nothing(act: Act, state: State) -> None:
    story = Story()
    case = story.to(state)
    by, step = STEPS[act]
    before, told = case.to_mongo(), len(case.pending)
    with pytest.raises((WrongState, Forbidden, NotFound)) as refusal:
        step(case, by, story.now)
    # A department that no longer works on the case cannot see it, which is checked before the state.
    if isinstance(refusal.value, WrongState):
        assert refusal.value.data["state"] == state
        assert refusal.value.data["allowed"] == sorted(map(str, TRANSITIONS[act]))
    else:
        assert by is p.URBAN
    assert (case.to_mongo(), len(case.pending)) == (before, told)


EVERYBODY = {
    "resident": p.RESIDENT, "courier": p.person("r-1", "courier"), "grid_worker": p.WORKER,
    "grid_leader": p.person("g-3", "grid_leader", p.GRID), "counter": p.person("c-9", "counter", p.COMMUNITY),
    "hotline": p.HOTLINE, "community": p.COMMUNITY_STAFF, "street": p.STREET_STAFF, "centre": p.CENTRE,
    "department": p.URBAN, "inspector": p.INSPECTOR, "supervisor": p.SUPERVISOR, "tenant_admin": p.ADMIN,
}  # fmt: skip


@pytest.mark.domain("Roles")
@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.parametrize("act", PERMISSION, ids=str)
def test_the_table_of_roles_says_who_may(act: Act, role: str) -> None:
    story = Story()
    case = made_ready(story, act, next(iter(state for state in TRANSITIONS[act] if state in AT_REST)))
    case.inspectors = [p.INSPECTOR.subject]
    case.first_person = "c-9"
    by, (_, step) = EVERYBODY[role], STEPS[act]
    if role not in HOLDERS[PERMISSION[act]]:
        with pytest.raises((WrongRole, NotFound)):
            step(case, by, story.now)
        return
    refusal = None
    try:
        step(case, by, story.now)
    except Forbidden as found:  # the role may; this case is another's
        refusal = found
    assert not isinstance(refusal, WrongRole)


@pytest.mark.domain("Roles")
@pytest.mark.parametrize("act", [act for act in STEPS if STEPS[act][0].area], ids=str)
def test_a_case_outside_the_callers_area_is_not_found(act: Act) -> None:
    story = Story()
    case = made_ready(story, act, next(iter(state for state in TRANSITIONS[act] if state in AT_REST)))
    by, step = STEPS[act]
    elsewhere = p.person("x-1", *by.roles, "/1503/150303/150303001/", "other-unit")
    with pytest.raises(NotFound):
        step(case, elsewhere, story.now)


def test_every_act_of_the_table_is_tested_or_automatic() -> None:
    by_another_step = {Act.RULE, Act.TRANSFER, Act.SUSPEND, Act.INSPECT, Act.END_RATING}
    assert set(TRANSITIONS) == set(STEPS) | by_another_step
