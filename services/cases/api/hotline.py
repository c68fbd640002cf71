"""Shapes of the hotline: what its commands and queries take."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from chassis.types import Form, Id, Limit, Moment, NoteIfAny, Phone, Prose, Title, Word
from services.cases.api.types import CategoryCode


class CallOutcome(StrEnum):
    """How a call ended. A question that is answered leaves no case; all else becomes one, or is called back."""

    ANSWERED = "answered"
    CASE = "case"
    CALLBACK = "callback"


class TakenCall(Form, frozen=True, kw_only=True):
    """How a call to the hotline ended. The number is kept only as a blind index."""

    outcome: CallOutcome
    phone: Phone = ""
    article: Word = ""
    case: Word = ""
    note: NoteIfAny = ""


class Caller(Form, frozen=True, kw_only=True):
    phone: Phone
    limit: Limit = 20


class CallbackPromise(Form, frozen=True, kw_only=True):
    """The number is kept sealed until the caller is reached."""

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
    """A question with its answer."""

    title: Title
    answer: Prose
    category: CategoryCode = ""


class SearchArticles(Form, frozen=True, kw_only=True):
    words: Title
