"""What a case tells the world: one class for each thing that happens to it.

Every event carries the case's full public state besides its own facts, so that a copy needs nothing else.
Nothing in them is personal data: people appear as ids, and those of confidential reporters not at all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from chassis.events import Event


class CaseState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A case as others may know it. `mark` is "", "yellow" (80 % of the limit used) or "red" (all of it)."""

    id: str
    state: str
    kind: str
    category: str
    priority: str
    area: str
    tier: str
    reported_at: datetime
    lead: str = ""
    units: list[str] = []
    handler: str = ""
    persons: list[str] = []
    first_post: str = ""
    emergency: bool = False
    registered_at: datetime | None = None
    due: datetime | None = None
    closing_due: datetime | None = None
    mark: str = ""
    outcome: str = ""
    planned_for: datetime | None = None
    round: int = 1
    reworks: int = 0
    merged_into: str = ""
    closed_at: datetime | None = None

    @classmethod
    def of(cls, case: Any) -> CaseState:
        named = [party.person for party in case.parties if party.confidentiality == "named"]
        facts = {name: getattr(case, name) for name in cls.__struct_fields__ if name not in _DERIVED}
        return cls(id=case.key, units=case.event_units(), persons=named, **facts)


_DERIVED = frozenset({"id", "units", "persons"})


class CaseEvent(Event, frozen=True, kw_only=True):
    case: CaseState


# -- intake -------------------------------------------------------------------------------------------


class Reported(CaseEvent, frozen=True):
    """`photos`: ids of those that belong to it."""

    type: ClassVar[str] = "cases.case.reported.v1"
    photos: list[str] = []


class Imported(CaseEvent, frozen=True):
    """It enters in its source's state. `source` names where from."""

    type: ClassVar[str] = "cases.case.imported.v1"
    source: str


class Verified(CaseEvent, frozen=True):
    """`at_once`: there was nothing to go and look at."""

    type: ClassVar[str] = "cases.case.verified.v1"
    found: bool
    at_once: bool = False
    photos: list[str] = []


class Registered(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.registered.v1"


class Rejected(CaseEvent, frozen=True):
    """`go_to`: where another city's matter belongs."""

    type: ClassVar[str] = "cases.case.rejected.v1"
    reason: str
    go_to: str = ""


class SelfResolved(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.self_resolved.v1"
    photos: list[str] = []


class Objected(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.objected.v1"


class Withdrawn(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.withdrawn.v1"
    reason: str


class Voided(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.voided.v1"
    reason: str


class Screened(CaseEvent, frozen=True):
    """What a confidential reporter wrote can be shown without giving them away."""

    type: ClassVar[str] = "cases.case.screened.v1"


# -- dispatch -----------------------------------------------------------------------------------------


class Escalated(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.escalated.v1"
    from_tier: str


class TakenOn(CaseEvent, frozen=True):
    """自办: the community or street handles it itself."""

    type: ClassVar[str] = "cases.case.taken_on.v1"


class Dispatched(CaseEvent, frozen=True):
    """`how`: dispatch, redirect (改派), transfer (转办), ruling (裁定), reopening."""

    type: ClassVar[str] = "cases.case.dispatched.v1"
    how: str
    entry: str = ""
    from_unit: str = ""


class Whistled(CaseEvent, frozen=True):
    """`called`: the units that this whistle called."""

    type: ClassVar[str] = "cases.case.whistled.v1"
    called: list[str]
    entry: str = ""
    rule: str = ""


class MembersInvited(CaseEvent, frozen=True):
    """`branches`: party branches or teams whose members may come; nobody records who does not."""

    type: ClassVar[str] = "cases.case.members_invited.v1"
    branches: list[str]


class ReportedIn(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.reported_in.v1"
    unit: str
    late: bool = False


class CallDisputed(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.call_disputed.v1"
    unit: str
    reason: str


class NoShow(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.no_show.v1"
    unit: str


class UnitReleased(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.unit_released.v1"
    unit: str


class UnitGraded(CaseEvent, frozen=True):
    """`grade`: 1 to 5, by the caller, about a unit and never about a person."""

    type: ClassVar[str] = "cases.case.unit_graded.v1"
    unit: str
    grade: int


class Accepted(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.accepted.v1"


class Returned(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.returned.v1"
    unit: str
    reason: str
    proposed: str


class DisputeOpened(CaseEvent, frozen=True):
    """`ruler`: path of the tier that rules; `rule_by`: until when."""

    type: ClassVar[str] = "cases.case.dispute_opened.v1"
    between: list[str]
    ruler: str
    rule_by: datetime


class Ruled(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.ruled.v1"
    reason: str


class GapFound(CaseEvent, frozen=True):
    """Nobody owns this kind of matter here: the street of the place leads, and the lists need an entry."""

    type: ClassVar[str] = "cases.case.gap_found.v1"


class Relocated(CaseEvent, frozen=True):
    """Its grid was merged into another."""

    type: ClassVar[str] = "cases.case.relocated.v1"
    from_area: str


# -- work ---------------------------------------------------------------------------------------------


class Started(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.started.v1"


class HandlerChanged(CaseEvent, frozen=True):
    """Assigned inside the unit, or handed over (交接) from `from_handler`."""

    type: ClassVar[str] = "cases.case.handler_changed.v1"
    from_handler: str = ""


class PartyContacted(CaseEvent, frozen=True):
    """The first contact with the party; `on_time` against its own limit."""

    type: ClassVar[str] = "cases.case.party_contacted.v1"
    on_time: bool


class ProgressNoted(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.progress_noted.v1"


class SubTaskAssigned(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.sub_task_assigned.v1"
    number: int
    unit: str


class SubTaskAccepted(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.sub_task_accepted.v1"
    number: int
    unit: str


class SubTaskReturned(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.sub_task_returned.v1"
    number: int
    unit: str
    reason: str


class SubTaskDone(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.sub_task_done.v1"
    number: int
    unit: str


class SubTaskWaived(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.sub_task_waived.v1"
    number: int
    unit: str
    reason: str


class Requested(CaseEvent, frozen=True):
    """`what`: transfer, extension, suspension. `decider`: path of the tier that decides."""

    type: ClassVar[str] = "cases.case.requested.v1"
    number: int
    what: str
    decider: str


class RequestGranted(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.request_granted.v1"
    number: int
    what: str


class RequestRefused(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.request_refused.v1"
    number: int
    what: str
    reason: str


class Suspended(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.suspended.v1"
    until: datetime


class Resumed(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.resumed.v1"


class Resolved(CaseEvent, frozen=True):
    """`first`: the first result, which stays counted. It is with the inspectors at once."""

    type: ClassVar[str] = "cases.case.resolved.v1"
    on_time: bool
    first: bool
    photos: list[str] = []


# -- judging ------------------------------------------------------------------------------------------


class InspectorAssigned(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.inspector_assigned.v1"
    inspector: str


class Inspected(CaseEvent, frozen=True):
    """Passed, or failed and with the lead again. `how`: visit or call."""

    type: ClassVar[str] = "cases.case.inspected.v1"
    passed: bool
    how: str


class RatingAsked(CaseEvent, frozen=True):
    """`children`: merged cases whose parties are asked too."""

    type: ClassVar[str] = "cases.case.rating_asked.v1"
    until: datetime
    children: list[str] = []


class Rated(CaseEvent, frozen=True):
    """One party's answer. `satisfied` 1 to 5; a 1 or 2 opens a review of `unit`. `of`: the case it merged into."""

    type: ClassVar[str] = "cases.case.rated.v1"
    unit: str
    contacted: bool | None = None
    solved: bool | None = None
    satisfied: int | None = None
    of: str = ""


class CalledBack(CaseEvent, frozen=True):
    """The one callback; without an answer the case stays "not rated"."""

    type: ClassVar[str] = "cases.case.called_back.v1"
    reached: bool


class Closed(CaseEvent, frozen=True):
    """`rated`: somebody answered. `solved` and `satisfied` are the lowest answers."""

    type: ClassVar[str] = "cases.case.closed.v1"
    rated: bool
    on_time: bool
    solved: bool | None = None
    satisfied: int | None = None


class Reopened(CaseEvent, frozen=True):
    """`why`: party, not_solved, planned."""

    type: ClassVar[str] = "cases.case.reopened.v1"
    why: str


class ReporterAnswered(CaseEvent, frozen=True):
    """首问: the first owner, or their B post, gave the reporter the answer."""

    type: ClassVar[str] = "cases.case.reporter_answered.v1"
    by_backup: bool


# -- pressure and time --------------------------------------------------------------------------------


class Urged(CaseEvent, frozen=True):
    """催办; `answer_by` is due to the one who urged."""

    type: ClassVar[str] = "cases.case.urged.v1"
    number: int
    answer_by: datetime


class UrgeAnswered(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.urge_answered.v1"
    number: int
    on_time: bool


class UrgeOverdue(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.urge_overdue.v1"
    number: int


class SupervisionOpened(CaseEvent, frozen=True):
    """督办. `why`: overdue, no_show, urged, reworked or a reason given by hand; `tier`: path of who supervises."""

    type: ClassVar[str] = "cases.case.supervision_opened.v1"
    number: int
    tier: str
    why: str


class SupervisionRaised(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.supervision_raised.v1"
    number: int
    tier: str
    why: str


class SupervisionAnswered(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.supervision_answered.v1"
    number: int


class SupervisionClosed(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.supervision_closed.v1"
    number: int


class HandlerReminded(CaseEvent, frozen=True):
    """80 % of the limit is used."""

    type: ClassVar[str] = "cases.case.handler_reminded.v1"


class Breached(CaseEvent, frozen=True):
    """The limit is used up: supervision opens; the department may be held to account (问责)."""

    type: ClassVar[str] = "cases.case.breached.v1"
    unit: str


class StepOverdue(CaseEvent, frozen=True):
    """`step`: verify, dispatch, accept, rule, inspect, contact or close has passed its own limit."""

    type: ClassVar[str] = "cases.case.step_overdue.v1"
    step: str


class LimitsRecomputed(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.limits_recomputed.v1"


# -- merging ------------------------------------------------------------------------------------------


class Merged(CaseEvent, frozen=True):
    """This case went into `into`; `started_at` is where its clock began."""

    type: ClassVar[str] = "cases.case.merged.v1"
    into: str
    parties: int
    started_at: datetime | None = None


class Unmerged(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.unmerged.v1"
    out_of: str


class ChildTaken(CaseEvent, frozen=True):
    """A case merged into this one; the earliest clock and the highest priority hold now."""

    type: ClassVar[str] = "cases.case.child_taken.v1"
    child: str


class ChildReleased(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.child_released.v1"
    child: str


class Restated(CaseEvent, frozen=True):
    """The current state, told again for a subscriber that lost its copy."""

    type: ClassVar[str] = "cases.case.restated.v1"
