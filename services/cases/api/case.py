"""Shapes of the case: how it comes in, and what is read of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from chassis.errors import Invalid
from chassis.types import (
    Answer,
    Form,
    Id,
    Ids,
    Lat,
    Lon,
    Moment,
    NoteIfAny,
    Page,
    Path,
    Point,
    RejectedRow,
    TextIfAny,
    Word,
)
from services.cases.api.states import Mark, Priority, State
from services.cases.api.types import Category, CategoryIfAny, Code, Confidentiality, LeadIfAny, UnitIfAny

Address = Annotated[str, msgspec.Meta(max_length=200)]
Sort = Literal["-reported_at", "reported_at", "due"]
LeadOfCase = Annotated[str, msgspec.Meta(description="The unit that leads; empty before one does.")]
CategoryOfCase = Annotated[str, msgspec.Meta(description="Its code; `GET /v1/tenant` lists them.")]


class Place(Point, frozen=True, kw_only=True):
    """`path`: the smallest division or grid known; coordinates in WGS 84 degrees."""

    path: Path
    address: Address = ""


class Reporter(Form, frozen=True, kw_only=True):
    """Somebody for whom staff reports: a caller, a visitor. Their phone number tells who they are."""

    name: Annotated[str, msgspec.Meta(max_length=40)] = ""
    phone: Annotated[str, msgspec.Meta(max_length=20)] = ""


class Report(Form, frozen=True, kw_only=True):
    """`about`: the unit that it is a complaint about, which will not see it. `spans`: further areas it touches.

    It has a text or at least one photo. Without a sign-in it is always anonymous.
    """

    category: Category
    place: Place
    text: TextIfAny = ""
    photos: Ids = ()
    spans: Annotated[tuple[Path, ...], msgspec.Meta(max_length=10)] = ()
    confidentiality: Confidentiality = "named"
    reporter: Reporter | None = None
    about: Word = ""
    resolution: Annotated[Word, msgspec.Meta(description="The council resolution that it carries out.")] = ""

    def __post_init__(self) -> None:
        if not self.text.strip() and not self.photos:
            raise Invalid(("text", "a report has a text or at least one photo", "上报须有文字或至少一张照片"))


class Verification(Form, frozen=True, kw_only=True):
    """`found`: whether the matter is as reported. It has a note or a photo."""

    found: bool
    note: NoteIfAny = ""
    photos: Ids = ()


class Registration(Form, frozen=True, kw_only=True):
    """What is left out stays as it was reported. `nobody`: there is no party to contact or to rate."""

    category: CategoryIfAny = ""
    priority: Priority | None = None
    place: Place | None = None
    party: Reporter | None = None
    nobody: bool = False
    tier: Word = ""


class Rejection(Form, frozen=True, kw_only=True):
    """`go_to`: whose matter it is instead."""

    reason: Id
    note: NoteIfAny = ""
    go_to: Word = ""


class OnTheSpot(Form, frozen=True, kw_only=True):
    """What was done at once."""

    note: NoteIfAny = ""
    photos: Ids = ()


class Screening(Form, frozen=True, kw_only=True):
    """What others may read of a confidential or anonymous report."""

    text: TextIfAny = ""
    photos: Ids = ()


class ByParty(Form, frozen=True, kw_only=True):
    """The party acts signed in or with the `code`; hotline and counter name the `person` for whom they act."""

    person: Word = ""
    code: Code = ""


class Objection(ByParty, frozen=True, kw_only=True):
    note: NoteIfAny = ""


class ReasonOfParty(ByParty, frozen=True, kw_only=True):
    reason: Id


class Receipt(Form, frozen=True, kw_only=True):
    """What the report answered: the case's number, and the code that opens it."""

    case: Id
    code: Id


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """`code`: with the id it follows the report without a sign-in. `urged`: only where the same person's same matter
    was open already; `id` is then that of the open case, and false says that it had been urged within the last day.
    Staff who may not see that case get neither its id nor a code.
    """

    id: str = ""
    code: str = ""
    state: str = ""
    version: int | None = None
    urged: bool | None = None


class ImportedRow(Form, frozen=True, kw_only=True):
    """A case of another system: `line` in the file, `number` there. `state`: where it stands there; `lead`: the unit
    that has it there.
    """

    line: int
    number: Id
    category: Category
    path: Path
    state: State
    text: TextIfAny = ""
    address: Address = ""
    lon: Lon | None = None
    lat: Lat | None = None
    lead: LeadIfAny = ""
    reported_at: Moment | None = None
    closed_at: Moment | None = None


class Import(Form, frozen=True, kw_only=True):
    """`source`: the other system. The same rows again make nothing twice."""

    source: Id
    rows: Annotated[list[ImportedRow], msgspec.Meta(max_length=200)]


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """How many cases were made, how many were known already, and the rows that cannot be taken."""

    made: int
    known: int
    rejected: list[RejectedRow]


class ListCases(Page, frozen=True, kw_only=True):
    """`area`: what lies in it; `unit`: what it works on."""

    state: State | None = None
    category: CategoryIfAny = ""
    priority: Priority | None = None
    mark: Mark | None = None
    area: Path | None = None
    unit: UnitIfAny = ""
    handler: Word = ""
    reported_from: Moment | None = None
    reported_until: Moment | None = None
    sort: Sort = "-reported_at"


class Handover(Page, frozen=True, kw_only=True):
    """`person`: who handles the cases now."""

    person: Id


class ListedCase(msgspec.Struct, frozen=True, kw_only=True):
    """How a case stands. `mark`: "", `yellow` (80 % of the limit used) or `red` (all of it)."""

    id: str
    state: str
    kind: str
    category: CategoryOfCase
    priority: str
    area: Annotated[str, msgspec.Meta(description="The path of the area that it lies in.")]
    tier: str
    lead: LeadOfCase
    units: Annotated[list[str], msgspec.Meta(description="Every unit that works on it.")]
    handler: Annotated[str, msgspec.Meta(description="Staff alone are told.")] = ""
    emergency: bool
    mark: str
    reported_at: Moment
    registered_at: Moment | None = None
    due: Moment | None = None
    outcome: str
    round: int
    reworks: int
    merged_into: str
    closed_at: Moment | None = None


class CaseState(ListedCase, frozen=True, kw_only=True):
    """How a case stands, and the version of it that this is."""

    version: int


class CaseStep(CaseState, frozen=True, kw_only=True):
    """The case after the step. `said`: what the step itself answers, such as a sub-task's number."""

    said: Any = None


class CaseDetail(CaseState, frozen=True, kw_only=True):
    """As much of the case as the caller's role sees. `masked`: persons and the exact place are hidden."""

    masked: bool
    parties: list[Answer]
    place: Answer | None


class HistoryStep(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, and by which unit. `to`: the state that it led to, where it changed that."""

    at: Moment
    act: str
    to: str = ""
    unit: UnitIfAny = ""
    reason: str = ""


class CaseHistory(msgspec.Struct, frozen=True, kw_only=True):
    """Every step, the oldest first."""

    id: str
    items: list[HistoryStep]


class FollowedCase(msgspec.Struct, frozen=True, kw_only=True):
    """How a report stands, who has it and what came of it: no words and no people."""

    id: str
    state: str
    category: CategoryOfCase
    reported_at: Moment
    registered_at: Moment | None
    due: Moment | None
    lead: LeadOfCase
    outcome: str
    planned_for: Moment | None
    closed_at: Moment | None
    steps: list[Answer]
    may: dict[str, bool]
