"""Stateful property test of the case: invariants under any order of steps, by anyone, at any time."""

from __future__ import annotations

import copy
import itertools
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chassis.errors import Problem
from services.cases.api.states import Priority, State
from services.cases.case.model.case import Case
from services.cases.case.model.handling import Resolution
from services.cases.case.model.lead_requests import RequestInput
from services.cases.case.model.merge import Target
from services.cases.case.model.states import AT_WORK, OPEN
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS

#: Mostly the principal that the step belongs to, so that a run gets far; otherwise anyone.
ANYBODY = st.sampled_from([
    *[None] * 20, p.RESIDENT, p.NEIGHBOUR, p.WORKER, p.COMMUNITY_STAFF, p.STREET_STAFF, p.CENTRE, p.CITY_CENTRE,
    p.URBAN, p.WATER, p.HOUSING, p.HOTLINE, p.INSPECTOR, p.SUPERVISOR,
])  # fmt: skip
ORDERS = st.sampled_from([p.ORDER, p.WATER_ORDER, p.HOUSING_ORDER, p.WHISTLE])
TARGET = Target(case="CASE2", state=State.REGISTERED)
#: A person with a post of every unit.
HANDLER = p.holder(p.URBAN, p.WATER, p.HOUSING, p.STREET_STAFF)

_OF_STAFF = {
    "verify": p.WORKER, "register": p.STREET_STAFF, "inspect": p.HOTLINE, "grant": p.CITY_CENTRE, "rule": p.CITY_CENTRE,
    "rate": p.RESIDENT, "reopen": p.RESIDENT, "urge": p.RESIDENT, "merge_into": p.STREET_STAFF,
    "unmerge": p.STREET_STAFF, "dispatch": p.CITY_CENTRE, "whistle": p.CITY_CENTRE, "whistle_more": p.CITY_CENTRE,
    "redirect": p.CITY_CENTRE, "take_on": p.STREET_STAFF, "escalate": p.CITY_CENTRE,
}  # fmt: skip
_OF_UNIT = {
    "urban-management": p.URBAN, "water": p.WATER, "housing": p.HOUSING, "150302011": p.STREET_STAFF,
}  # fmt: skip


class Lifecycle(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = p.START
        self.case = Case.report(p.RESIDENT, "CASE1", p.report_of(), LIMITS, self.now)
        self.first_owner = ""
        self.due: tuple[int, datetime] | None = None
        self.breaches: list[tuple[int, datetime, str]] = []

    @initialize(state=st.sampled_from([state for state in State if state is not State.RESOLVED]))
    def begin_somewhere(self, state: State) -> None:
        story = p.Story()
        self.case = story.to(state)

    def take(self, step: str, by: p.Principal | None, *args: Any) -> None:
        """Runs the step on a copy, as the service does, so that a refused step leaves nothing behind."""
        by = by or _OF_STAFF.get(step) or _OF_UNIT.get(self.case.lead, p.STREET_STAFF)
        attempt = Case._from_son(copy.deepcopy(self.case.to_mongo().to_dict()))
        attempt.tick(self.now, LIMITS)
        try:
            getattr(attempt, step)(by, *args)
        except Problem:
            return
        self.case = attempt

    @rule(by=ANYBODY)
    def verify(self, by: p.Principal | None) -> None:
        self.take("verify", by, True, "note", (), self.now)

    @rule(by=ANYBODY, priority=st.sampled_from(list(Priority)))
    def register(self, by: p.Principal | None, priority: Priority) -> None:
        self.take("register", by, p.registration(priority), LIMITS, self.now)

    @rule(by=ANYBODY, order=ORDERS, step=st.sampled_from(["dispatch", "whistle", "redirect", "whistle_more"]))
    def give(self, by: p.Principal | None, order: Any, step: str) -> None:
        self.take(step, by, order, LIMITS, self.now)

    @rule(by=ANYBODY, step=st.sampled_from(["accept", "report_in", "take_on"]))
    def begin(self, by: p.Principal | None, step: str) -> None:
        self.take(step, by, HANDLER, LIMITS, self.now)

    @rule(by=ANYBODY)
    def return_(self, by: p.Principal | None) -> None:
        self.take("return_", by, "entry-2", p.WATER_UNIT, "not_ours", LIMITS, self.now)

    @rule(by=ANYBODY, lead=st.sampled_from([None, p.HOUSING_UNIT]))
    def rule_on_it(self, by: p.Principal | None, lead: Any) -> None:
        self.take("rule", by, lead, "closest", LIMITS, self.now)

    @rule(by=ANYBODY, step=st.sampled_from(["start", "escalate", "contact"]))
    def go_on(self, by: p.Principal | None, step: str) -> None:
        self.take(step, by, *(["why"] if step != "start" else []), self.now)

    @rule(by=ANYBODY, what=st.sampled_from(["extension", "suspension", "transfer"]), days=st.integers(1, 40))
    def ask(self, by: p.Principal | None, what: str, days: int) -> None:
        until = (self.case.due or self.now) if what == "extension" else self.now
        to = {"to": p.WATER_UNIT, "entry": p.WATER_ENTRY} if what == "transfer" else {}
        form = RequestInput(what=what, reason="r", party_told=True, until=until + timedelta(days=days), **to)
        self.take("ask", by, form, LIMITS, self.now)

    @rule(by=ANYBODY, number=st.integers(1, 3))
    def grant(self, by: p.Principal | None, number: int) -> None:
        self.take("grant", by, number, LIMITS, self.now)

    @rule(by=ANYBODY)
    def resume(self, by: p.Principal | None) -> None:
        self.take("resume", by, LIMITS, self.now)

    @rule(by=ANYBODY, planned=st.booleans())
    def resolve(self, by: p.Principal | None, planned: bool) -> None:
        done = Resolution(outcome="planned", note="n", planned_for=self.now + 40 * p.DAY) if planned else p.DONE
        self.take("resolve", by, done, LIMITS, self.now)

    @rule(by=ANYBODY, passed=st.booleans())
    def inspect(self, by: p.Principal | None, passed: bool) -> None:
        self.take("inspect", by, passed, "call", "note", LIMITS, self.now)

    @rule(by=ANYBODY, answer=st.sampled_from([p.SOLVED, p.UNSOLVED]))
    def rate(self, by: p.Principal | None, answer: Any) -> None:
        self.take("rate", by, answer, LIMITS, self.now)

    @rule(by=ANYBODY)
    def reopen(self, by: p.Principal | None) -> None:
        self.take("reopen", by, "came_back", LIMITS, self.now)

    @rule(by=ANYBODY)
    def urge(self, by: p.Principal | None) -> None:
        self.take("urge", by, LIMITS, self.now)

    @rule(by=ANYBODY, again=st.booleans())
    def merge(self, by: p.Principal | None, again: bool) -> None:
        if again:
            self.take("unmerge", by, State.IN_PROGRESS, LIMITS, self.now)
        else:
            self.take("merge_into", by, TARGET, self.now)

    @precondition(lambda self: self.case.state in (*OPEN, State.CLOSED))
    @rule(hours=st.sampled_from([1, 3, 30, 200]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.case.tick(self.now, LIMITS)

    @invariant()
    def the_first_owner_never_changes(self) -> None:
        owner = self.case.first_owner.person if self.case.first_owner else ""
        assert self.first_owner in ("", owner)
        self.first_owner = owner

    @invariant()
    def exactly_one_unit_leads_what_somebody_works_on(self) -> None:
        if State(self.case.state) in (State.DISPATCHED, State.WHISTLED, State.ACCEPTED, State.IN_PROGRESS):
            assert self.case.lead
            assert self.case.units.count(self.case.lead) == 1

    @invariant()
    def the_clock_never_goes_back_but_in_a_new_round(self) -> None:
        """Within a round the due moment only moves later: by suspension, extension, or the minimum time for rework.

        A suspended case is due as if it lasted to its end, so one that ends early gives back what it did not use.
        """
        clock, before = self.case.clock, self.due
        self.due = None
        if self.case.due is None or clock is None or clock.resumes_at:
            return
        self.due = (self.case.round, self.case.due)
        assert before is None or before[0] < self.due[0] or before[1] <= self.due[1]

    @invariant()
    def the_first_breach_of_a_round_stays(self) -> None:
        breaches = [(breach.round, breach.at, breach.unit) for breach in self.case.breaches]
        assert breaches[: len(self.breaches)] == self.breaches
        assert len({round_ for round_, *_ in breaches}) == len(breaches)
        self.breaches = breaches

    @invariant()
    def only_suspension_and_resolution_stop_the_clock(self) -> None:
        running = self.case.clock is not None and self.case.clock.since is not None
        if State(self.case.state) in (*AT_WORK, State.REOPENED) and self.case.state != State.SUSPENDED:
            assert running
        if self.case.state in (State.SUSPENDED, State.INSPECTING, State.AWAITING_RATING, State.CLOSED):
            assert not running

    @invariant()
    def nothing_is_overdue_after_the_alarms_rang(self) -> None:
        self.case.tick(self.now, LIMITS)
        assert all(timer.at > self.now for timer in self.case.timers())

    @invariant()
    def the_history_leads_to_the_state(self) -> None:
        moves = [step for step in self.case.history if step.get("to")]
        assert moves[-1]["to"] == self.case.state
        assert all(after["from"] == before["to"] for before, after in itertools.pairwise(moves))
        self.case.validate()


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
