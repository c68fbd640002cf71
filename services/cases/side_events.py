"""Events of what stands beside the case: reviews, mediation, deliberation, hotline, counter, evidence.

They carry ids, codes and numbers; text about a matter stays sealed in the document.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from chassis.messaging.envelope import Event


class Proceeding(Event, frozen=True, kw_only=True):
    """`case` is empty where the cause is a period of a department and not one case."""

    unit: str
    area: str
    case: str = ""


class ReviewOpened(Proceeding, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.review.opened.v1"
    cause: str
    hearing_until: datetime


class ReviewHeard(Proceeding, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.review.heard.v1"


class ReviewConcluded(Proceeding, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.review.concluded.v1"
    founded: bool
    appeal_until: datetime


class ReviewAppealed(Proceeding, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.review.appealed.v1"


class ReviewAppealRuled(Proceeding, frozen=True, kw_only=True):
    """`granted`: the case is struck from the second of the department's two figures (申诉剔除)."""

    type: ClassVar[str] = "cases.review.appeal_ruled.v1"
    granted: bool


class AccountabilityOpened(Proceeding, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.accountability.opened.v1"
    cause: str
    hearing_until: datetime


class AccountabilityHeard(Proceeding, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.accountability.heard.v1"


class AccountabilityConcluded(Proceeding, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.accountability.concluded.v1"
    founded: bool
    appeal_until: datetime


class AccountabilityAppealed(Proceeding, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.accountability.appealed.v1"


class AccountabilityAppealRuled(Proceeding, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.accountability.appeal_ruled.v1"
    granted: bool


class MediationOpened(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.mediation.opened.v1"
    case: str = ""
    area: str


class MediationAgreed(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.mediation.agreed.v1"
    case: str = ""
    fulfil_by: datetime


class MediationFulfilled(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.mediation.fulfilled.v1"
    case: str = ""


class MediationFailed(Event, frozen=True, kw_only=True):
    """`remedy`: where the parties can go from here, `arbitration` or `court`."""

    type: ClassVar[str] = "cases.mediation.failed.v1"
    case: str = ""
    reason: str
    remedy: str


class DeliberationConvened(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.deliberation.convened.v1"
    kind: str
    area: str
    at: datetime


class DeliberationDecided(Event, frozen=True, kw_only=True):
    """`follow_up`: a case is to be made of it; `category` and `priority` are then set."""

    type: ClassVar[str] = "cases.deliberation.decided.v1"
    kind: str
    area: str
    follow_up: bool
    category: str = ""


class DeliberationFollowed(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.deliberation.followed.v1"
    case: str


class DeliberationCancelled(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.deliberation.cancelled.v1"
    kind: str
    area: str


class ArticlePublished(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.article.published.v1"
    edition: int
    category: str


class ArticleRetired(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.article.retired.v1"


class CallTaken(Event, frozen=True, kw_only=True):
    """One call of the hotline. `outcome`: answered, case or callback."""

    type: ClassVar[str] = "cases.call.taken.v1"
    outcome: str
    article: str = ""
    case: str = ""


class CallbackAsked(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.callback.asked.v1"
    case: str = ""
    due: datetime


class CallbackEnded(Event, frozen=True, kw_only=True):
    """`reached` is false when it ended after the attempts that it has."""

    type: ClassVar[str] = "cases.callback.ended.v1"
    case: str = ""
    reached: bool


class RosterChanged(Event, frozen=True, kw_only=True):
    """The night roster of one week (`week`: its Monday). `gaps`: minutes that nobody covers."""

    type: ClassVar[str] = "cases.roster.changed.v1"
    week: str
    gaps: int


class TicketOpened(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.ticket.opened.v1"
    counter: str
    area: str
    items: list[str]


class TicketItemEnded(Event, frozen=True, kw_only=True):
    """`outcome`: done or refused."""

    type: ClassVar[str] = "cases.ticket.item_ended.v1"
    counter: str
    item: str
    unit: str
    outcome: str


class TicketClosed(Event, frozen=True, kw_only=True):
    """`visits` is 1 when the resident had to come once only (最多跑一次)."""

    type: ClassVar[str] = "cases.ticket.closed.v1"
    counter: str
    area: str
    visits: int


class PhotoAttached(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.photo.attached.v1"
    subject: str
    purpose: str


class PhotoRemoved(Event, frozen=True, kw_only=True):
    """`reason`: orphan (never attached), withdrawn or erased."""

    type: ClassVar[str] = "cases.photo.removed.v1"
    subject: str
    reason: str


class CommentAdded(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "cases.comment.added.v1"
    case: str
    visibility: str
