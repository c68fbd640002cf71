"""API structs of units, posts and assignments."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Id, Moment, Page, Path, RejectedRow, SomeText, Title
from vocabulary.fields import Unit, UnitIfAny

UnitKind = Literal["department", "institution", "enterprise"]
PostKind = Literal[
    "grid_worker", "grid_leader", "party_group_leader", "stairwell_leader", "building_leader", "helper",
    "community_worker", "street_officer", "centre_officer", "counter_clerk", "hotline_agent", "inspector",
    "tenant_admin", "department_officer", "posted_officer", "supervisor",
]  # fmt: skip
_Duty = Annotated[SomeText, msgspec.Meta(max_length=200)]
Duties = Annotated[list[_Duty], msgspec.Meta(max_length=20)]
MOST_BYTES = 1_000_000


class UnitPlan(Form, frozen=True, kw_only=True):
    """A unit to open: a department, institution or enterprise that serves the area `path`."""

    unit: Annotated[Id, msgspec.Meta(description="The permanent id of the unit, like `urban-management`.")]
    name: Title
    kind: UnitKind
    path: Path


class UnitName(Form, frozen=True, kw_only=True):
    name: Title


class ListUnits(Page, frozen=True, kw_only=True):
    kind: Annotated[UnitKind | None, msgspec.Meta(description="Only units of this kind.")] = None


class UnitState(msgspec.Struct, frozen=True, kw_only=True):
    """The public state of a unit: the data of its event."""

    id: str
    name: str
    kind: str
    path: str
    active: bool


class ListedUnit(UnitState, frozen=True, kw_only=True):
    path: Path
    version: int


class PostPlan(Form, frozen=True, kw_only=True):
    """A post to open. `unit`: the division (by code) or department (by id) that manages it; `area`: a path."""

    kind: PostKind
    title: Title
    unit: Unit
    area: Path
    duties: Duties = []


class PostSheet(Form, frozen=True, kw_only=True):
    file: Annotated[bytes, msgspec.Meta(max_length=MOST_BYTES, description="CSV (UTF-8 or GB 18030) as base64.")]


class PostReport(msgspec.Struct, frozen=True, kw_only=True):
    """The result of an import of posts. `known`: rows whose post existed already, as in a repeated import.

    Line 1 is the header.
    """

    opened: int
    known: int
    rejected: list[RejectedRow]


class PostRevision(Form, frozen=True, kw_only=True):
    title: Title
    duties: Duties


class ListPosts(Page, frozen=True, kw_only=True):
    """The posts of a division or grid (by its code) and of all places below it."""

    place: Annotated[Id, msgspec.Meta(description="The code of a division or grid.")]
    kind: Annotated[PostKind | None, msgspec.Meta(description="Only posts of this kind.")] = None


class PostState(msgspec.Struct, frozen=True, kw_only=True):
    """The public state of a post: the data of its event."""

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
    """The posts of a micro-grid among the three (党小组+网格员+单元长), and the kinds that nobody holds (`missing`)."""

    posts: list[ListedPost]
    missing: list[str]


class DutyHolder(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts at a post. `acting_for`: the A assignment, if a backup stands in."""

    subject: str
    assignment: str
    acting_for: str


class OnDuty(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts at the post now, with the B post in place of an absent A."""

    holders: list[DutyHolder]


class PreviewOf(Form, frozen=True, kw_only=True):
    """What to preview: a post, a person's current assignments, or both together before an assignment."""

    post: Annotated[Id, msgspec.Meta(description="The id of a post.")] = ""
    subject: Annotated[Id, msgspec.Meta(description="The id of a user.")] = ""


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """An act that a preview lists: its area and condition, with texts in English and Chinese."""

    act: str
    area: str
    role: str
    condition: str
    en: str
    zh: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """The acts and purposes of the previewed roles. `sees`: the scope of cases of each role."""

    acts: list[Allowed]
    sees: dict[str, str]
    purposes: list[str]


class Terms(Form, frozen=True, kw_only=True):
    """The terms of an assignment. The aggregate, not the schema, requires the four fields and names missing ones."""

    subject: Id = ""
    post: Id = ""
    duty: _Duty = ""
    area: Path = ""
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    backup_of: Id = ""


class AbsencePlan(Form, frozen=True, kw_only=True):
    """An absence to declare: from `start`, up to and without `end`."""

    start: Moment
    end: Moment


class AbsenceStart(Form, frozen=True, kw_only=True):
    """The absence to withdraw, by its start."""

    start: Moment


class ListAssignments(Page, frozen=True, kw_only=True):
    subject: Annotated[Id, msgspec.Meta(description="The person, by user id.")]


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """A declared absence: from `start`, up to and without `end`."""

    start: Moment
    end: Moment


class AssignmentState(msgspec.Struct, frozen=True, kw_only=True):
    """The public state of an assignment: the data of its event."""

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
    """An assignment with its duty, for its holder and administrators of its area."""

    duty: str
