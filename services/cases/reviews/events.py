"""Events of reviews (复核) and accountability (问责) of departments; free text stays sealed in the document."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from chassis.envelope import Event


class Proceeding(Event, frozen=True, kw_only=True):
    """`case`: empty if the cause is a department's period rather than a single case."""

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
    """`granted`: the case is struck from the department's adjusted figure (申诉剔除)."""

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
