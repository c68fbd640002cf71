"""API types of the categories of residents (资源型、服务型、管理型)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Moment, NoteIfAny, Page, Path, Record, SomeText, Title, Word
from services.residents.api.people import Reading
from services.residents.api.types import Why

CategoryKind = Literal["resource", "service"]
CategoryState = Literal["IN_FORCE", "ENDED", "EXPIRED"]
ManagedState = Literal["PROPOSED", "APPROVED_ONCE", "IN_FORCE", "ENDED", "EXPIRED", "REFUSED"]
EntryName = Annotated[SomeText, msgspec.Meta(max_length=40, description="Like `独居老人`; kept sealed.")]
Aim = Annotated[Title, msgspec.Meta(description="What the entry is used for.")]
Basis = Annotated[Title, msgspec.Meta(description="The law, rule or consent that allows it.")]
Origin = Annotated[Title, msgspec.Meta(description="Where it comes from: the form, register or visit.")]
SealedNote = Annotated[NoteIfAny, msgspec.Meta(description="Kept sealed.")]
_UNTIL = "At most the city's retention from now, which is also the default."
_REVIEW = "By default 30 days before the end."
Until = Annotated[Moment | None, msgspec.Meta(description=_UNTIL)]
ReviewAt = Annotated[Moment | None, msgspec.Meta(description=_REVIEW)]


class NewCategory(Form, frozen=True, kw_only=True):
    """What somebody can give (resource, 资源型) or needs (service, 服务型). `valid_from`: now by default."""

    kind: CategoryKind
    name: EntryName
    aim: Aim
    legal_basis: Basis
    source: Origin
    valid_from: Moment | None = None
    valid_until: Until = None
    review_at: ReviewAt = None
    note: SealedNote = ""


class Reviewed(Form, frozen=True, kw_only=True):
    """It still holds, and from now on as long as this says."""

    valid_until: Until = None
    review_at: ReviewAt = None


class EndedCategory(Form, frozen=True, kw_only=True):
    why: Why = ""


class ListCategories(Page, frozen=True, kw_only=True):
    """Entries in force, by id."""

    area: Path | None = None
    kind: Annotated[Literal["", "resource", "service"], msgspec.Meta(description="Empty: both.")] = ""
    to_review: Annotated[bool, msgspec.Meta(description="Only those whose day of review has come.")] = False


class ListedCategory(Record, frozen=True, kw_only=True):
    resident: str
    area: str
    kind: str
    name: str
    aim: str
    legal_basis: str
    source: str
    valid_from: Moment
    valid_until: Moment
    review_at: Moment
    state: str


class OpenedCategory(ListedCategory, frozen=True, kw_only=True):
    """`why`: it was ended."""

    note: str
    why: str


class NewManaged(Reading, frozen=True, kw_only=True):
    """Management that the statute named by the city requires (管理型). It holds once two others have approved it."""

    name: EntryName
    aim: Aim
    legal_basis: Annotated[Title, msgspec.Meta(description="The article of the statute.")]
    source: Origin
    valid_until: Annotated[Moment, msgspec.Meta(description="At most the city's retention from now; never extended.")]
    review_at: ReviewAt = None
    note: SealedNote = ""


class ManagedReview(Reading, frozen=True, kw_only=True):
    """It still holds. Without a review on its day it is over."""

    review_at: ReviewAt = None


class ListManaged(Reading, frozen=True, kw_only=True):
    """Entries of an area: by default of all that is the caller's."""

    area: Path | None = None
    state: ManagedState | None = None


class ManagedApproval(msgspec.Struct, frozen=True, kw_only=True):
    by: str
    at: Moment


class ListedManaged(Record, frozen=True, kw_only=True):
    """`valid_from`: of the second approval."""

    resident: str
    area: str
    name: str
    state: str
    valid_from: Moment | None = None
    valid_until: Moment
    review_at: Moment


class OpenedManaged(ListedManaged, frozen=True, kw_only=True):
    """`statute`: the one that the city named when it was proposed."""

    aim: str
    legal_basis: str
    statute: str
    source: str
    note: str
    recorded_by: str
    approvals: list[ManagedApproval]
    why: Word
