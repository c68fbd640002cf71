"""Merging 并案 of cases about one matter: the child is inactive, the parent takes the earliest start and top priority.

A saga with one write per event: the child merges, and the parent takes it in on the child's event. If the parent is
no longer at work, or is itself merged, it refuses and the child leaves it again.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from chassis.errors import Refused
from chassis.security.principal import Principal
from services.cases.api.states import Priority, State
from services.cases.case import texts_en
from services.cases.case.acts import Act
from services.cases.case.events import Breached, ChildRefused, ChildReleased, ChildTaken, Merged, Unmerged
from services.cases.case.model import embedded
from services.cases.case.model.base import MOST_STEPS_BESIDE
from services.cases.case.model.guards import Guard
from services.cases.case.model.inputs import Input
from services.cases.case.model.intake import NotVerified
from services.cases.case.model.lead_requests import close_suspensions, lapse
from services.cases.case.model.lead_unit import LedCase
from services.cases.case.model.limits import Limits
from services.cases.case.model.states import AT_WORK, OPEN
from services.cases.case.texts_zh import CASE_STATES, NO_MERGE
from vocabulary.roles import Permission

_MOST_CHILDREN = 100
MERGE = Guard(Act.MERGE, Permission.MERGE, Permission.REGISTER)
UNMERGE = Guard(Act.UNMERGE, Permission.MERGE, Permission.REGISTER)


class Target(Input, frozen=True, kw_only=True):
    """The parent as the service read it: what the child checks before it merges."""

    case: str
    state: State
    personal_claim: bool = False
    about: str = ""
    merged_into: str = ""


class MergedChild(Input, frozen=True, kw_only=True):
    """What the parent stores of a child. `sequence`: that of the child's event; `contactable`: it has a party whom the
    parent's lead can contact."""

    case: str
    sequence: int
    priority: Priority
    started_at: datetime | None
    parties: int
    contactable: bool = False


class CannotMerge(Refused):
    """`why`: personal_claim, itself, target_not_open, complaint, not_screened, has_children."""

    code = "case.cannot_merge"
    en = "These cases cannot be merged: {why}."
    zh = "不能并案：{why}。"
    chinese = {"why": NO_MERGE}
    english = {"why": texts_en.NO_MERGE}


class CannotUnmerge(Refused):
    code = "case.cannot_unmerge"
    en = "The case it was merged into is {state}. Unmerging is possible only before that case is closed."
    zh = "所并入的案件状态为“{state}”，仅可在其结案前拆分。"
    chinese = {"state": CASE_STATES}


class Merge(LedCase):
    meta = {"abstract": True, "strict": False}

    def merge_into(self, by: Principal, target: Target, now: datetime) -> None:
        """By the dispatcher; before registration, by whoever may register. The parties rate the parent later."""
        self.require_may_merge(by)
        self._require_mergeable(target)
        before = self.state == State.VERIFYING
        self.merged_from = State.VERIFYING if before else State.REGISTERED
        self._move(Act.MERGE, State.MERGED, by, now, reason=target.case)
        self.merged_into, self.rating_until = target.case, None
        self._release_calls()
        lapse(self.requests)
        close_suspensions(self.requests, now)
        self.emit(
            Merged(case=self.public_state(), into=target.case, parties=len(self.parties), started_at=self.registered_at)
        )

    def require_may_merge(self, by: Principal) -> None:
        before = self.state == State.VERIFYING
        self._authorize(by, Permission.REGISTER if before else Permission.MERGE)
        self._require(Act.MERGE)
        if before and self.verification is None:
            raise NotVerified()
        if self.personal_claim:
            raise CannotMerge(why="personal_claim")
        if not self.screened:
            raise CannotMerge(why="not_screened")
        if self.merged_children():
            raise CannotMerge(why="has_children")

    def unmerge(self, by: Principal, parent_state: State, limits: Limits, now: datetime, had_by: str = "") -> None:
        """拆分, by those who may merge it, until the parent is closed; the child's own clock, which ran on, applies.

        `had_by`: who had the parent when this case's limit passed, if it did.
        """
        self.require_may_unmerge(by, parent_state)
        self._leave_parent(by, limits, now, had_by)

    def require_may_unmerge(self, by: Principal, parent_state: State) -> None:
        self._authorize(by, Permission.REGISTER if self.merged_from == State.VERIFYING else Permission.MERGE)
        self._require(Act.UNMERGE)
        if parent_state not in OPEN:
            raise CannotUnmerge(state=str(parent_state))

    def come_back(self, parent: str, limits: Limits, now: datetime) -> None:
        """Unmerges the child after `parent` refused it; does nothing if it is no longer merged into `parent`."""
        if self.state == State.MERGED and self.merged_into == parent:
            self._leave_parent(self._system(), limits, now)

    def take_child(self, merged: MergedChild, limits: Limits, now: datetime) -> None:
        """Parent side of merging, on the child's event. Idempotent; ignores an event older than the one it knows."""
        if not self._is_newer(merged.case, merged.sequence):
            return
        full = len(self.children) >= _MOST_CHILDREN or len(self.history) >= MOST_STEPS_BESIDE
        if State(self.state) not in AT_WORK or full:
            self.emit(ChildRefused(case=self.public_state(), child=merged.case))
            return
        self.children = [
            *(entry for entry in self.children if entry.case != merged.case),
            embedded.Child(**msgspec.structs.asdict(merged)),
        ]
        self._recompute_from_children(limits, now)
        if merged.contactable:
            self._await_contact(limits, now)
        self._record_step(Act.TAKE_CHILD, self._system(), now, reason=merged.case)
        self.emit(ChildTaken(case=self.public_state(), child=merged.case))

    def release_child(self, child: str, sequence: int, limits: Limits, now: datetime) -> None:
        if not self._is_newer(child, sequence):
            return
        hurried = State(self.state) in OPEN and self._is_hastened()
        self.children = [
            *(entry for entry in self.children if entry.case != child),
            embedded.Child(case=child, priority=self.own_priority, sequence=sequence, released=True),
        ]
        for urge in self.urges:
            urge.released = urge.released or (urge.of == child and urge.is_open)
        self.priority = self._joint_priority()
        if hurried:
            self._give_back_clock(limits, now)
        if not self._has_somebody_to_contact():
            self.contact_due = None
        self._record_step(Act.RELEASE_CHILD, self._system(), now, reason=child)
        judged = hurried and self.results and not self._was_reworked()
        on_time = self.results[-1].on_time if judged else None
        self.emit(ChildReleased(case=self.public_state(), child=child, on_time=on_time))

    def _leave_parent(self, by: Principal, limits: Limits, now: datetime, had_by: str = "") -> None:
        to, parent, merged_at = State(self.merged_from), self.merged_into, self.state_since
        self._move(Act.UNMERGE, to, by, now, reason=parent)
        self.merged_into, self.merged_from, self.rating_until = "", "", None
        if to is State.REGISTERED:
            # It will be dispatched anew, so returns and disputes of the former lead no longer count.
            self.lead = self.lead_kind = self.lead_path = self.handler = ""
            self.returns, self.dispute, self.ruled = [], None, False
            self._end_suspension_of_clock(merged_at, limits)  # the merge ended it, see `merge_into`
            self._refresh_units()
            self._await_step("dispatch", limits.dispatch_due(self.importance, now))
            if had_by and self.due and self.due <= now and not self.breached_at:
                self.breaches.append(embedded.Breach(round=self.round, at=self.due, unit=had_by))
                self.emit(Breached(case=self.public_state(), unit=had_by))
        self.emit(Unmerged(case=self.public_state(), out_of=parent))

    def _is_newer(self, child: str, sequence: int) -> bool:
        return all(entry.case != child or entry.sequence < sequence for entry in self.children)

    def _recompute_from_children(self, limits: Limits, now: datetime) -> None:
        self.priority = self._joint_priority()
        starts = [entry.started_at for entry in self.merged_children() if entry.started_at]
        if self.registered_at and State(self.state) in OPEN:
            self._recompute_clock(limits, now, min([self.registered_at, *starts]))

    def _joint_priority(self) -> Priority:
        return Priority(min([self.own_priority, *(entry.priority for entry in self.merged_children())]))

    def _was_reworked(self) -> bool:
        return any(result.passed is False for result in self.results)

    def _give_back_clock(self, limits: Limits, now: datetime) -> None:
        """Recomputes the clock without the released child, whose breach and its supervision go back with it.

        Had the case's own limit passed too, before a result stopped its clock, that is the moment of its first breach.
        What a result is measured by stays once it has failed inspection: since then the clock has time for the rework.
        """
        inherited = next((b for b in self.breaches if b.inherited and b.round == self.round), None)
        measured_by = self.counted_due
        self.breaches = [breach for breach in self.breaches if breach is not inherited]
        self._recompute_from_children(limits, now)
        if inherited is not None:
            ran_until = self.clock.stopped_at if self.clock and not self.clock.since else now
            if self.due and self.due <= (ran_until or now):
                inherited.at, inherited.inherited = self.due, self._is_hastened()
                self.breaches.append(inherited)
            else:
                self._end_supervision("overdue", now)
        for result in [] if self._was_reworked() else self.results:
            if result.due == measured_by:
                result.due = self.breached_at or self.due
                result.on_time = result.due is None or result.resolved_at <= result.due

    def _require_mergeable(self, target: Target) -> None:
        if target.case == self.key:
            raise CannotMerge(why="itself")
        if target.personal_claim:
            raise CannotMerge(why="personal_claim")
        if target.state not in AT_WORK or target.merged_into:
            raise CannotMerge(why="target_not_open")
        if self.about != target.about:
            raise CannotMerge(why="complaint")
