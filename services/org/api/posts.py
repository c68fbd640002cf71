"""Shapes of units, posts and who holds them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.types import NOT_BLANK, Form, Id, Moment, Page, Path, RejectedRow, Title
from services.org.api.types import Unit, UnitIfAny

UnitKind = Literal["department", "institution", "enterprise"]
PostKind = Literal[
    "grid_worker", "grid_leader", "party_group_leader", "stairwell_leader", "building_leader", "helper",
    "community_worker", "street_officer", "centre_officer", "counter_clerk", "hotline_agent", "inspector",
    "tenant_admin", "department_officer", "posted_officer", "supervisor",
]  # fmt: skip
_Duty = Annotated[str, msgspec.Meta(pattern=NOT_BLANK, max_length=200)]
Duties = Annotated[list[_Duty], msgspec.Meta(max_length=20)]
MOST_BYTES = 1_000_000


class UnitPlan(Form, frozen=True, kw_only=True):
    """A department or the like, which serves `path`."""

    unit: Annotated[Id, msgspec.Meta(description="The id that it gets, like `urban-management`.")]
    name: Title
    kind: UnitKind
    path: Path


class UnitName(Form, frozen=True, kw_only=True):
    name: Title


class ListUnits(Page, frozen=True, kw_only=True):
    kind: UnitKind | None = None


class UnitState(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of a unit."""

    id: str
    name: str
    kind: str
    path: str
    active: bool


class ListedUnit(UnitState, frozen=True, kw_only=True):
    path: Path
    version: int


class PostPlan(Form, frozen=True, kw_only=True):
    """A post to be opened: who keeps it (`unit`: a division's code or a department's id) and where it stands."""

    kind: PostKind
    title: Title
    unit: Unit
    area: Path
    duties: Duties = []


class PostSheet(Form, frozen=True, kw_only=True):
    file: Annotated[bytes, msgspec.Meta(max_length=MOST_BYTES, description="CSV (UTF-8 or GB 18030) as base64.")]


class PostReport(msgspec.Struct, frozen=True, kw_only=True):
    """`known`: rows whose post was there already, so that the same file can be imported again.

    The header is line 1.
    """

    opened: int
    known: int
    rejected: list[RejectedRow]


class PostRevision(Form, frozen=True, kw_only=True):
    title: Title
    duties: Duties


class ListPosts(Page, frozen=True, kw_only=True):
    """The posts of a division or grid (by its code) and of all below it."""

    place: Id
    kind: PostKind | None = None


class PostState(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of a post."""

    id: str
    kind: str
    title: str
    unit: str
    area: str
    roles: list[str]
    duties: list[str]
    active: bool


class ListedPost(PostState, frozen=True, kw_only=True):
    unit: UnitIfAny
    version: int


class MicroGridPosts(msgspec.Struct, frozen=True, kw_only=True):
    """Which of a micro-grid's three posts (党小组+网格员+单元长) there are, and which of them nobody holds."""

    posts: list[ListedPost]
    missing: list[str]


class DutyHolder(msgspec.Struct, frozen=True, kw_only=True):
    """`acting_for`: the assignment of the absent A."""

    subject: str
    assignment: str
    acting_for: str


class OnDuty(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds the post now, with the B post in the place of an absent A."""

    holders: list[DutyHolder]


class PreviewOf(Form, frozen=True, kw_only=True):
    """A post, a person, or both together before the one is given to the other."""

    post: Id = ""
    subject: Id = ""


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a preview: an act, where it holds, and under which condition, in both languages."""

    act: str
    area: str
    role: str
    condition: str
    en: str
    zh: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """`sees`: each role's scope of cases."""

    acts: list[Allowed]
    sees: dict[str, str]
    purposes: list[str]


class Terms(Form, frozen=True, kw_only=True):
    """What is asked for. The rule checks the four, not the schema, so that the refusal names what is missing."""

    subject: Id = ""
    post: Id = ""
    duty: _Duty = ""
    area: Path = ""
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    backup_of: Id = ""


class AbsencePlan(Form, frozen=True, kw_only=True):
    """From `start`, up to and without `end`."""

    start: Moment
    end: Moment


class AbsenceStart(Form, frozen=True, kw_only=True):
    """When the absence begins that is taken back."""

    start: Moment


class ListAssignments(Page, frozen=True, kw_only=True):
    subject: Id


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """A declared absence: from `start`, up to and without `end`."""

    start: Moment
    end: Moment


class AssignmentState(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of an assignment."""

    id: str
    subject: str
    post: str
    unit: str
    area: str
    roles: list[str]
    valid_from: Moment
    valid_until: Moment | None
    backup_of: str
    absences: list[Absence]
    ended: bool


class ListedAssignment(AssignmentState, frozen=True, kw_only=True):
    unit: UnitIfAny
    version: int


class ShownAssignment(ListedAssignment, frozen=True, kw_only=True):
    """For its holder and administrators of its area."""

    duty: str
