"""API types of the hotline."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from chassis.types import Form, Id, Limit, Moment, NoteIfAny, Phone, Prose, Record, Title, Word
from services.cases.api.states import MarkIfAny, State
from services.cases.api.types import CaseNumberIfAny
from vocabulary.fields import CategoryCodeIfAny


class CallOutcome(StrEnum):
    """How a call ended: a question answered at once, without a case; a case; or a promised callback."""

    ANSWERED = "answered"
    CASE = "case"
    CALLBACK = "callback"


class TakenCall(Form, frozen=True, kw_only=True):
    """How a call ended. The phone number is stored only as a blind index."""

    outcome: CallOutcome
    phone: Phone = ""
    article: Word = ""
    case: Word = ""
    note: NoteIfAny = ""


class Caller(Form, frozen=True, kw_only=True):
    phone: Phone
    limit: Limit = 20


class CallbackPromise(Form, frozen=True, kw_only=True):
    """The phone number is stored sealed."""

    phone: Phone
    case: Word = ""


class ListCallbacks(Form, frozen=True, kw_only=True):
    limit: Limit = 50


class CallbackAttempt(Form, frozen=True, kw_only=True):
    reached: bool
    note: NoteIfAny = ""


class Shift(Form, frozen=True, kw_only=True):
    starts: Moment
    ends: Moment
    person: Id
    post: Word = ""


class WeekPlan(Form, frozen=True, kw_only=True):
    shifts: Annotated[list[Shift], msgspec.Meta(max_length=200)]


class ArticleText(Form, frozen=True, kw_only=True):
    """A question and its answer."""

    title: Title
    answer: Prose
    category: CategoryCodeIfAny = ""


class SearchArticles(Form, frozen=True, kw_only=True):
    words: Annotated[Title, msgspec.Meta(description="What to look for.")]


class CallersCase(msgspec.Struct, frozen=True, kw_only=True):
    """An open case of the caller. `merged_into`: the case it was merged into, whose state, due and mark are shown."""

    id: str
    number: CaseNumberIfAny = ""
    state: State
    category: CategoryCodeIfAny
    area: str
    reported_at: Moment
    due: Moment | None = None
    mark: MarkIfAny = ""
    merged_into: str = ""


class PendingCallback(Record, frozen=True, kw_only=True):
    """`phone`: the number to call; each read is audited. `attempts`: calls made so far. `merged_into`: the case that
    `case` was merged into."""

    case: str
    merged_into: str = ""
    due: Moment
    attempts: int
    phone: str


class PlannedShift(msgspec.Struct, frozen=True, kw_only=True):
    starts: Moment
    ends: Moment
    person: str
    post: str


class RosterGap(msgspec.Struct, frozen=True, kw_only=True):
    """A period without anyone on duty."""

    starts: Moment
    ends: Moment


class Roster(Record, frozen=True, kw_only=True):
    """The roster of a week. `id`: its Monday; `starts`: the local midnight of that day."""

    starts: Moment
    shifts: list[PlannedShift]
    gaps: list[RosterGap]


class OnShift(msgspec.Struct, frozen=True, kw_only=True):
    person: str
    post: str
    until: Moment


class FoundArticle(msgspec.Struct, frozen=True, kw_only=True):
    """A published article. `edition`: counts its publications."""

    id: str
    title: str
    answer: str
    category: CategoryCodeIfAny
    edition: int
