"""API types of the hotline."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from chassis.types import Form, Id, Limit, Moment, NoteIfAny, Phone, Prose, Title, Word
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
    words: Title
