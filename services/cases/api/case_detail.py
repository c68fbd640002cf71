"""API types of a case's detail: what stands on it beside its summary, as far as the caller's role may see it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from chassis.types import Moment
from services.cases.api.acts import CaseAct
from services.cases.api.parties import CaseChild, CaseParty, MergedCase
from services.cases.api.states import MarkIfAny, Outcome, OutcomeIfAny, Priority, RequestKind, State
from services.cases.api.told import ParentCourse, PublicStep, ToldEnding, ToldRejection, ToldResult
from services.cases.api.types import CaseNumberIfAny, CategoryOfCase, LeadOfCase

_SOURCE = (
    "What it follows from: a deliberation, the visit to a household (for those who may find residents there), or the "
    "system and number of an imported case."
)


class CasePlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where the case is. Callers who see it masked get no coordinates.

    `outside`: for staff, if the point lies far from the place that the report names.
    """

    path: Annotated[str, msgspec.Meta(description="The path of the smallest known division or grid.")]
    lon: float | UnsetType | None = UNSET
    lat: float | UnsetType | None = UNSET
    outside: bool | UnsetType = UNSET


class CaseFirstOwner(msgspec.Struct, frozen=True, kw_only=True):
    """首问责任人: the post and person that took the case first."""

    post: str
    person: str
    unit: Annotated[str, msgspec.Meta(description="The unit of the post; empty without one.")]


class CaseVerification(msgspec.Struct, frozen=True, kw_only=True):
    """核实: whether the matter is as reported."""

    at: Moment
    by: str
    found: bool
    note: str
    photos: list[str]


class CaseBreach(msgspec.Struct, frozen=True, kw_only=True):
    """The first breach of a round: the due moment that passed. `inherited`: that of a merged case, not its own."""

    round: int
    at: Moment
    unit: Annotated[str, msgspec.Meta(description="The unit that had the case then.")]
    inherited: bool


class CaseReturn(msgspec.Struct, frozen=True, kw_only=True):
    """退单. `entry`: the list entry it relies on; `proposed`: the unit that should lead."""

    unit: Annotated[str, msgspec.Meta(description="The unit that returned the case.")]
    unit_kind: str
    unit_path: str
    at: Moment
    reason: str
    entry: str
    proposed: str
    note: str


class CaseDispute(msgspec.Struct, frozen=True, kw_only=True):
    """权属争议. `ruler`: the path of the tier that rules."""

    opened_at: Moment
    units: list[str]
    ruler: str
    ruled_at: Moment | None = None


class CaseCall(msgspec.Struct, frozen=True, kw_only=True):
    """吹哨: a call to one unit. `state`: CALLED, REPORTED_IN, DISPUTED, NO_SHOW, RELEASED."""

    unit: Annotated[str, msgspec.Meta(description="The called unit.")]
    unit_kind: str
    unit_path: str
    state: str
    by: str
    by_unit: str
    called_at: Moment
    due: Moment
    came_at: Moment | None = None
    late: bool
    grade: int | None = None
    reason: str


class CaseSubTask(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: ASSIGNED, ACCEPTED, DONE, RETURNED, WAIVED."""

    number: int
    unit: Annotated[str, msgspec.Meta(description="The unit that has the sub-task.")]
    title: str
    state: str
    due: Moment | None = None
    handler: str
    assigned_at: Moment
    done_at: Moment | None = None
    overdue: bool
    reason: str
    note: str


class CaseRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request of the lead. `state`: ASKED, GRANTED, REFUSED, LAPSED (the case moved on), ENDED (it is over)."""

    number: int
    kind: RequestKind
    state: str
    asked_at: Moment
    asked_by: str
    reason: str
    note: str
    until: Moment | None = None
    to_unit: str
    to_kind: str
    to_path: str
    entry: str
    decided_at: Moment | None = None
    decided_by: str
    ended_at: Moment | None = None


class CaseUrge(msgspec.Struct, frozen=True, kw_only=True):
    """催办. `person`: the party; `by`: who entered it. Both are empty for callers who may not know.

    `of`, `of_number`: the merged case whose party urged, and the number there; `released`: that case was split off.
    """

    number: int
    person: str
    by: str
    at: Moment
    due: Moment
    answered_at: Moment | None = None
    overdue: bool
    note: str
    of: str
    of_number: int
    released: bool


class CaseSupervision(msgspec.Struct, frozen=True, kw_only=True):
    """督办. `tier`: the path of the street or centre that supervises; `reasons`: oldest first."""

    number: int
    tier: str
    reasons: list[str]
    opened_at: Moment
    opened_by: str
    answered_at: Moment | None = None
    note: str
    closed_at: Moment | None = None


class CaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """The lead's result in one round, and how its inspection ended."""

    round: int
    lead: LeadOfCase
    outcome: Outcome
    resolved_at: Moment
    due: Moment | None = None
    on_time: bool
    proof: list[str]
    note: str
    passed: bool | None = None
    inspected_at: Moment | None = None
    inspected_by: str
    inspection: str
    inspection_note: str


class CaseDetail(msgspec.Struct, frozen=True, kw_only=True):
    """The case as far as the caller's role may see it. `masked`: persons and the exact place are hidden.

    `may`: what the caller can do with it now, by the names of the operations (`self_resolve` is the operation
    `cases.self_resolve`); of a step on an entry, such as a sub-task, with at least one of them.
    What is not required is for staff, apart from `result`, `steps` and `parent`, which are for a party.
    """

    id: str
    number: CaseNumberIfAny = ""
    version: int
    state: State
    priority: Priority
    category: CategoryOfCase
    lead: LeadOfCase
    outcome: OutcomeIfAny
    reported_at: Moment
    registered_at: Moment | None
    due: Moment | None
    planned_for: Moment | None
    closed_at: Moment | None
    masked: bool
    may: list[CaseAct]
    place: CasePlace | None
    photos: list[str]
    parties: list[CaseParty]
    urges: list[CaseUrge]
    verification: CaseVerification | UnsetType | None = UNSET
    text: str
    address: str | UnsetType = UNSET
    rejection: ToldRejection | None
    ending: ToldEnding | None = None
    result: ToldResult | UnsetType | None = UNSET
    steps: list[PublicStep] | UnsetType = UNSET
    parent: ParentCourse | UnsetType | None = UNSET

    kind: str | UnsetType = UNSET
    area: Annotated[str, msgspec.Meta(description="The path of the area the case belongs to.")] | UnsetType = UNSET
    tier: str | UnsetType = UNSET
    units: list[str] | UnsetType = UNSET
    handler: str | UnsetType = UNSET
    emergency: bool | UnsetType = UNSET
    mark: MarkIfAny | UnsetType = UNSET
    round: int | UnsetType = UNSET
    reworks: int | UnsetType = UNSET
    merged_into: str | UnsetType = UNSET
    state_since: Moment | UnsetType = UNSET
    about: str | UnsetType = UNSET
    source: Annotated[str, msgspec.Meta(description=_SOURCE)] | UnsetType = UNSET
    spans: list[str] | UnsetType = UNSET
    first_post: str | UnsetType = UNSET
    first_owner: CaseFirstOwner | UnsetType | None = UNSET
    inspectors: list[str] | UnsetType = UNSET
    entry: str | UnsetType = UNSET
    step: str | UnsetType = UNSET
    step_due: Moment | UnsetType | None = UNSET
    step_overdue: bool | UnsetType = UNSET
    contact_due: Moment | UnsetType | None = UNSET
    contacted_at: Moment | UnsetType | None = UNSET
    closing_due: Moment | UnsetType | None = UNSET
    rating_until: Moment | UnsetType | None = UNSET
    ruled: bool | UnsetType = UNSET
    objected: bool | UnsetType = UNSET
    reopened_by_party: bool | UnsetType = UNSET
    screened: bool | UnsetType = UNSET
    personal_claim: bool | UnsetType = UNSET
    returns: list[CaseReturn] | UnsetType = UNSET
    calls: list[CaseCall] | UnsetType = UNSET
    sub_tasks: list[CaseSubTask] | UnsetType = UNSET
    requests: list[CaseRequest] | UnsetType = UNSET
    supervisions: list[CaseSupervision] | UnsetType = UNSET
    results: list[CaseResult] | UnsetType = UNSET
    breaches: list[CaseBreach] | UnsetType = UNSET
    children: list[CaseChild] | UnsetType = UNSET
    merged_cases: list[MergedCase] | UnsetType = UNSET
    dispute: CaseDispute | UnsetType | None = UNSET
