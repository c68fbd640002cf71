"""API types of the case: intake and queries."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from chassis.errors import Invalid
from chassis.types import (
    AnyText,
    Form,
    Id,
    Ids,
    Moment,
    NoteIfAny,
    Page,
    Path,
    Point,
    TextIfAny,
    Word,
    is_blank,
)
from services.cases.api.acts import PartyAct
from services.cases.api.states import Mark, MarkIfAny, OutcomeIfAny, Priority, State
from services.cases.api.told import ParentCourse, PublicStep, ToldEnding, ToldRejection, ToldResult
from services.cases.api.types import (
    CaseNumber,
    CaseNumberIfAny,
    CategoryOfCase,
    Confidentiality,
    FollowCode,
    FollowCodeIfAny,
    LeadOfCase,
)
from vocabulary.fields import CategoryCode, CategoryCodeIfAny, UnitIfAny

Address = Annotated[AnyText, msgspec.Meta(max_length=200)]
Sort = Literal["-reported_at", "reported_at", "due"]


class Place(Point, frozen=True, kw_only=True):
    """`path`: the smallest known division or grid; coordinates in WGS 84 degrees."""

    path: Path
    address: Address = ""


class Reporter(Form, frozen=True, kw_only=True):
    """A person for whom staff reports, such as a caller or visitor. The phone number identifies them."""

    name: Annotated[AnyText, msgspec.Meta(max_length=40)] = ""
    phone: Annotated[AnyText, msgspec.Meta(max_length=20)] = ""


class Report(Form, frozen=True, kw_only=True):
    """Needs a text or at least one photo; without a sign-in it is always anonymous.

    `about`: the unit the complaint is about, which will not see the case. `spans`: further areas that it touches.
    """

    category: CategoryCode
    place: Place
    text: TextIfAny = ""
    photos: Ids = ()
    spans: Annotated[tuple[Path, ...], msgspec.Meta(max_length=10)] = ()
    confidentiality: Confidentiality = "named"
    reporter: Reporter | None = None
    about: Word = ""

    def __post_init__(self) -> None:
        if is_blank(self.text) and not self.photos:
            raise Invalid(("text", "write a text, or add at least one photo", "上报须填写文字说明或附至少一张照片"))


class Verification(Form, frozen=True, kw_only=True):
    """Needs a note or a photo. `found`: whether the matter is as reported."""

    found: bool
    note: NoteIfAny = ""
    photos: Ids = ()


class Registration(Form, frozen=True, kw_only=True):
    """Omitted fields stay as reported. `nobody`: there is no party to contact or ask for a rating; it goes neither with
    `party` nor with a party of the case who can be contacted."""

    category: CategoryCodeIfAny = ""
    priority: Priority | None = None
    place: Place | None = None
    party: Reporter | None = None
    nobody: bool = False
    tier: Word = ""

    def __post_init__(self) -> None:
        if self.nobody and self.party:
            told = "give either `party` or `nobody`, not both", "party 与 nobody 只能填写其中一项"
            raise Invalid(("party", *told), ("nobody", *told))


class Rejection(Form, frozen=True, kw_only=True):
    """`reason`: one of the tenant's `rejections`; `note`: the explanation. The reporter reads both.

    `go_to`: where the reporter should turn instead; required if the reason is `elsewhere`.
    """

    reason: Id
    note: NoteIfAny = ""
    go_to: Word = ""


class OnTheSpot(Form, frozen=True, kw_only=True):
    """What was done on the spot."""

    note: NoteIfAny = ""
    photos: Ids = ()


class Screening(Form, frozen=True, kw_only=True):
    """The redacted text and the photos of a confidential or anonymous report that others may see."""

    text: TextIfAny = ""
    photos: Ids = ()


class ByParty(Form, frozen=True, kw_only=True):
    """The party is signed in or sends the `code`, which staff may not; hotline and counter name the `person` for whom
    they act."""

    person: Word = ""
    code: FollowCodeIfAny = ""


class Objection(ByParty, frozen=True, kw_only=True):
    note: NoteIfAny = ""


class ReasonOfParty(ByParty, frozen=True, kw_only=True):
    """`reason`: of a withdrawal one of the tenant's `withdrawals`; `note`: in free words."""

    reason: Id
    note: NoteIfAny = ""


class Receipt(Form, frozen=True, kw_only=True):
    """What opens a case without a sign-in: its number, or its id as `case`, and the code that the report returned."""

    number: CaseNumber | None = None
    case: Id | None = None
    code: FollowCode

    def __post_init__(self) -> None:
        if (self.number is None) == (self.case is None):
            raise Invalid(("number", "give either the number or the id of the case", "工单号与案件编号须填写其中一项"))


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """`code`: opens the case without a sign-in, together with the number or the id. It is the reporter's: of those who
    report for somebody, the counter and the hotline get it to hand it over, others do not. `urged`: present only if
    the same person already had the same matter open; `id` and `number` are then those of the open case, and false
    means it was urged within the last day. `merged_into`: the case that it was merged into, which the urge reaches.
    Staff who may not see that case get neither its id and number nor a code.
    """

    id: str = ""
    number: CaseNumberIfAny = ""
    code: str = ""
    state: str = ""
    version: int | None = None
    urged: bool | None = None
    merged_into: str = ""


class ListCases(Page, frozen=True, kw_only=True):
    """`area`: cases within this area; `unit`: cases that this unit works on.

    `number`: the one case with this number. It takes no other filter.
    """

    number: CaseNumberIfAny = ""
    state: Annotated[State | None, msgspec.Meta(description="Only cases in this state.")] = None
    category: CategoryCodeIfAny = ""
    priority: Annotated[Priority | None, msgspec.Meta(description="Only cases of this priority.")] = None
    mark: Annotated[Mark | None, msgspec.Meta(description="`yellow`: 80 % of the limit used; `red`: all of it.")] = None
    area: Path | None = None
    unit: UnitIfAny = ""
    handler: Annotated[Word, msgspec.Meta(description="Only cases that this person handles, by user id.")] = ""
    reported_from: Moment | None = None
    reported_until: Moment | None = None
    sort: Annotated[Sort, msgspec.Meta(description="The order; `-` is newest first.")] = "-reported_at"

    def __post_init__(self) -> None:
        if self.number and any(getattr(self, name) for name in _FILTERS):
            raise Invalid(("number", "with the number, give no other filter", "按工单号查询时不得填写其他筛选条件"))


#: The filters of a list besides the number.
_FILTERS = tuple(
    name for name in ListCases.__struct_fields__ if name not in ("number", "sort", *Page.__struct_fields__)
)


class Handover(Page, frozen=True, kw_only=True):
    """`person`: the current handler."""

    person: Annotated[Id, msgspec.Meta(description="The current handler, by user id.")]


class ListedCase(msgspec.Struct, frozen=True, kw_only=True):
    """Summary of a case. `mark`: "", `yellow` (80 % of the limit used) or `red` (all of it)."""

    id: str
    number: CaseNumberIfAny = ""
    state: State
    kind: str
    category: CategoryOfCase
    priority: Priority
    area: Annotated[str, msgspec.Meta(description="The path of the area the case belongs to.")]
    tier: str
    lead: LeadOfCase
    units: Annotated[list[str], msgspec.Meta(description="All units that work on the case.")]
    handler: Annotated[str, msgspec.Meta(description="Visible to staff only.")] = ""
    emergency: bool
    mark: MarkIfAny
    reported_at: Moment
    registered_at: Moment | None = None
    due: Moment | None = None
    outcome: OutcomeIfAny
    round: int
    reworks: int
    merged_into: str
    closed_at: Moment | None = None


class CaseState(ListedCase, frozen=True, kw_only=True):
    """Summary of a case and its current version."""

    version: int


class CaseStep(CaseState, frozen=True, kw_only=True):
    """The case after the step. `said`: the number of what the step made, such as a sub-task, request or urge."""

    said: int | UnsetType = UNSET


class HistoryStep(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, and by which unit. `from`, `to`: the states before and after, if the step changed it.

    `by`, `post`, `note`: who did it and what was said, for staff.
    """

    at: Moment
    act: str
    before: Annotated[State | UnsetType, msgspec.Meta(description="The state before.")] = msgspec.field(
        default=UNSET, name="from"
    )
    to: State | UnsetType = UNSET
    unit: UnitIfAny | UnsetType = UNSET
    by: str | UnsetType = UNSET
    post: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    note: str | UnsetType = UNSET


class CaseHistory(msgspec.Struct, frozen=True, kw_only=True):
    """All steps, oldest first."""

    id: str
    items: list[HistoryStep]


class FollowedCase(msgspec.Struct, frozen=True, kw_only=True):
    """State, lead and result of a report as its reporter reads them, without persons.

    `may`: what the reporter can do with it now; `merged_into`: the case that it was merged into; `parent`: the course
    of that case.
    """

    id: str
    number: CaseNumberIfAny = ""
    state: State
    category: CategoryOfCase
    reported_at: Moment
    registered_at: Moment | None
    due: Moment | None
    lead: LeadOfCase
    outcome: OutcomeIfAny
    planned_for: Moment | None
    closed_at: Moment | None
    steps: list[PublicStep]
    may: list[PartyAct]
    merged_into: str = ""
    parent: ParentCourse | None = None
    rejection: ToldRejection | None = None
    ending: ToldEnding | None = None
    result: ToldResult | None = None
