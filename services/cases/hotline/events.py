"""Events of the hotline; free text stays sealed in the document."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from chassis.envelope import Event


class ArticlePublished(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.article.published.v1"
    edition: int
    category: str


class ArticleRetired(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.article.retired.v1"


class CallTaken(Event, frozen=True, kw_only=True):
    """One call to the hotline. `outcome`: answered, case or callback."""

    type: ClassVar[str] = "cases.call.taken.v1"
    outcome: str
    article: str = ""
    case: str = ""


class CallbackAsked(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.callback.asked.v1"
    case: str = ""
    due: datetime


class CallbackEnded(Event, frozen=True, kw_only=True):
    """`reached`: false if the callback ended because all attempts were used up."""

    type: ClassVar[str] = "cases.callback.ended.v1"
    case: str = ""
    reached: bool


class RosterChanged(Event, frozen=True, kw_only=True):
    """The night roster of one week. `week`: its Monday; `gaps`: minutes that nobody covers."""

    type: ClassVar[str] = "cases.roster.changed.v1"
    week: str
    gaps: int
