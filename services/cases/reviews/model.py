"""Aggregates of reviews (复核), accountability (问责) and appeals (申诉剔除).

A proceeding is about a department, never a person, and never blocks the closing of its case. The department is
heard first, the centre concludes, and the department may appeal once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Unpack

import msgspec
from mongoengine import BooleanField, DateTimeField, IntField, ListField, StringField

from chassis.envelope import Event
from chassis.errors import Refused
from chassis.ids import derived
from chassis.security.principal import Principal, codes_of
from services.cases.api.reviews import ProceedingState
from services.cases.api.types import SCORES
from services.cases.case import texts_en
from services.cases.case.model.base import CaseRecord, Reach
from services.cases.case.model.limits import Limits
from services.cases.case.model.permissions import OwnWork, require_other_unit, require_permission
from services.cases.case.model.related import CaseRelated
from services.cases.case.texts_zh import NO_GROUNDS, PROCEEDING_STATES
from services.cases.reviews import events
from vocabulary.rights import Resource, may, works_under
from vocabulary.roles import Permission

LOW_SCORE = 2


class NotHeardYet(Refused):
    code = "review.department_not_heard"
    en = "{unit:unit} has not been heard yet. Wait for its statement or until {hearing_until:time}."
    zh = "尚未听取{unit:unit}的陈述，请待其陈述，或于{hearing_until:time}后作出结论。"


class WrongProceedingState(Refused):
    code = "review.wrong_state"
    en = "The proceeding is {state}; this step is possible only while it is {possible}."
    zh = "该程序当前状态为“{state}”，此步骤仅适用于以下状态：{possible}。"
    chinese = {"state": PROCEEDING_STATES, "possible": PROCEEDING_STATES}
    english = {"state": texts_en.PROCEEDING_STATES, "possible": texts_en.PROCEEDING_STATES}


class AppealTooLate(Refused):
    code = "review.appeal_too_late"
    en = "The time to appeal ended at {appeal_until:time}; the conclusion stands."
    zh = "申诉期限已于{appeal_until:time}届满，维持原结论。"


class NothingToReview(Refused):
    code = "review.nothing_to_review"
    en = "Only a rating of 1 or 2 opens a review; this one is {score}."
    zh = "评分为 1 或 2 分方可启动复核，本次评分为 {score} 分。"


class NoGrounds(Refused):
    """`grounds`: not_founded, not_breached or not_low."""

    code = "accountability.no_grounds"
    en = "There are no grounds for accountability ({grounds}); it needs a founded review, a breach or low satisfaction."
    zh = "不具备问责依据（{grounds}），须有认定成立的复核、办理超期或满意率偏低的情形。"
    chinese = {"grounds": NO_GROUNDS}
    english = {"grounds": texts_en.NO_GROUNDS}


class HeldAccountable(Refused):
    """`accountability`: the record that was opened on the same grounds, whatever became of it."""

    code = "accountability.exists"
    en = "These grounds have led to the accountability record {accountability:verbatim} already."
    zh = "同一事由已启动问责（{accountability:verbatim}），不得重复启动。"


class ProceedingEvents(NamedTuple):
    """The event classes of one kind of proceeding."""

    opened: type[Event]
    heard: type[Event]
    concluded: type[Event]
    appealed: type[Event]
    appeal_ruled: type[Event]


class Proceeding(CaseRelated):
    """Abstract aggregate, base of reviews and accountability records. `statement`, `finding`, `grounds`: sealed."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("codes", "state", "-opened_at", "-_id"),
        ("unit", "-opened_at", "-_id"),
        ("case",),
    ]
    event_types: ClassVar[ProceedingEvents]

    unit: str = StringField(required=True)
    area: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    cause: str = StringField(required=True)
    state: str = StringField(default=ProceedingState.OPEN)
    opened_at: datetime = DateTimeField(required=True)
    hearing_until: datetime = DateTimeField(required=True)
    statement: str = StringField(default="")
    heard_at: datetime | None = DateTimeField()
    finding: str = StringField(default="")
    concluded_at: datetime | None = DateTimeField()
    concluded_by: str = StringField(default="")
    appeal_until: datetime | None = DateTimeField()
    grounds: str = StringField(default="")
    ruling: str = StringField(default="")
    granted: bool | None = BooleanField()

    def open(self, now: datetime, limits: Limits) -> None:
        """Opens the proceeding. The hearing period is as long as the appeal period."""
        self.codes = codes_of(self.area)
        self.opened_at = now
        self.hearing_until = limits.appeal_until(now)
        self._emit(self.event_types.opened, cause=self.cause, hearing_until=self.hearing_until)

    def hear(self, by: Principal, statement: str, now: datetime) -> None:
        require_permission(by, Permission.ANSWER_PROCEEDING, on=Resource(units=(self.unit,)))
        self._require(ProceedingState.OPEN)
        self.statement = statement
        self.heard_at = now
        self.state = ProceedingState.HEARD
        self._emit(self.event_types.heard)

    def conclude(self, by: Principal, founded: bool, finding: str, now: datetime, limits: Limits) -> None:
        """By the centre, after the department was heard or its hearing period passed."""
        _require_permitted(by, Permission.CONCLUDE, self.unit, self.area)
        self._require(ProceedingState.OPEN, ProceedingState.HEARD)
        if self.state == ProceedingState.OPEN and now < self.hearing_until:
            raise NotHeardYet(unit=self.unit, hearing_until=self.hearing_until.isoformat())
        self.finding = finding
        self.concluded_at, self.concluded_by = now, by.subject
        self.appeal_until = limits.appeal_until(now)
        self.state = ProceedingState.FOUNDED if founded else ProceedingState.UNFOUNDED
        self._emit(self.event_types.concluded, founded=founded, appeal_until=self.appeal_until)

    def appeal(self, by: Principal, grounds: str, now: datetime) -> None:
        """By the department, once: no state after a ruling allows another appeal."""
        require_permission(by, Permission.ANSWER_PROCEEDING, on=Resource(units=(self.unit,)))
        self._require(ProceedingState.FOUNDED)
        if self.appeal_until is not None and now > self.appeal_until:
            raise AppealTooLate(appeal_until=self.appeal_until.isoformat())
        self.grounds = grounds
        self.state = ProceedingState.APPEALED
        self._emit(self.event_types.appealed)

    def rule_on_appeal(self, by: Principal, granted: bool, ruling: str) -> None:
        """By the centre, and by somebody else than who concluded."""
        _require_permitted(by, Permission.RULE_ON_APPEAL, self.unit, self.area)
        self._require(ProceedingState.APPEALED)
        if by.subject == self.concluded_by:
            raise OwnWork(act=str(Permission.RULE_ON_APPEAL), reason="you concluded it")
        self.ruling = ruling
        self.granted = granted
        self.state = ProceedingState.STRUCK if granted else ProceedingState.UPHELD
        self._emit(self.event_types.appeal_ruled, granted=granted)

    def seen_by(self, by: Principal) -> bool:
        """Visible to the department itself, and to the centre and supervisor of the area; never to a unit that the
        case complains about (回避)."""
        return not works_under(by, self.about) and may(
            by, Permission.READ_PROCEEDINGS, Resource(area=self.area, units=(self.unit,))
        )

    def event_units(self) -> list[str]:
        return [self.unit]

    def _require(self, *states: ProceedingState) -> None:
        if self.state not in states:
            raise WrongProceedingState(state=self.state, possible=[str(state) for state in states])

    def _emit(self, kind: type[Event], **data: object) -> None:
        self.emit(kind(unit=self.unit, area=self.area, case=self.case, **data))


class Review(Proceeding):
    """Aggregate: review (复核) of a department's work on a case that a party rated 1 or 2."""

    meta: ClassVar[dict[str, Any]] = {"collection": "reviews"}
    event_types = ProceedingEvents(
        events.ReviewOpened,
        events.ReviewHeard,
        events.ReviewConcluded,
        events.ReviewAppealed,
        events.ReviewAppealRuled,
    )
    score: int = IntField(required=True)

    @classmethod
    def of_rating(
        cls, tenant: str, key: str, *, unit: str, score: int, now: datetime, limits: Limits, **reach: Unpack[Reach]
    ) -> Review:
        if score not in SCORES or score > LOW_SCORE:
            raise NothingToReview(score=score)
        review = cls(id=cls.identity(tenant, key), tenant=tenant, unit=unit, cause="rating", score=score, **reach)
        review.open(now, limits)
        return review


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A department's satisfaction in a period. `floor`: the share below which it counts as low."""

    since: datetime
    until: datetime
    answered: int
    satisfied: int
    floor: float

    @property
    def low(self) -> bool:
        return bool(self.answered) and self.satisfied / self.answered < self.floor


class Accountability(Proceeding):
    """Aggregate: accountability record (问责) of a department. Sanctions are not recorded here."""

    meta: ClassVar[dict[str, Any]] = {"collection": "accountabilities"}
    has_natural_key = True
    event_types = ProceedingEvents(
        events.AccountabilityOpened,
        events.AccountabilityHeard,
        events.AccountabilityConcluded,
        events.AccountabilityAppealed,
        events.AccountabilityAppealRuled,
    )
    review: str = StringField(default="")
    since: datetime | None = DateTimeField()
    until: datetime | None = DateTimeField()
    answered: int = IntField(default=0)
    satisfied: int = IntField(default=0)

    @classmethod
    def of_review(cls, review: Review, by: Principal, now: datetime, limits: Limits) -> Accountability:
        if review.state not in (ProceedingState.FOUNDED, ProceedingState.UPHELD):
            raise NoGrounds(grounds="not_founded")
        about = {"case": review.case, "about": review.about, "review": review.key}
        return cls._against((review.key,), by, review.unit, review.area, "review", now, limits, **about)

    @classmethod
    def of_breach(cls, by: Principal, case: CaseRecord, now: datetime, limits: Limits) -> Accountability:
        """Against the unit that had the case at its latest breach, whoever has it now."""
        if not case.breaches:
            raise NoGrounds(grounds="not_breached")
        breach = case.breaches[-1]
        ground = case.key, str(breach.round), breach.unit
        return cls._against(ground, by, breach.unit, cause="breach", now=now, limits=limits, **case.reach())

    @classmethod
    def of_period(
        cls, by: Principal, *, unit: str, area: str, period: Period, now: datetime, limits: Limits
    ) -> Accountability:
        if not period.low:
            raise NoGrounds(grounds="not_low")
        figures = {name: getattr(period, name) for name in ("since", "until", "answered", "satisfied")}
        ground = unit, area, period.since.isoformat(), period.until.isoformat()
        return cls._against(ground, by, unit, area, "satisfaction", now, limits, **figures)

    @classmethod
    def _against(
        cls,
        ground: tuple[str, ...],
        by: Principal,
        unit: str,
        area: str,
        cause: str,
        now: datetime,
        limits: Limits,
        **about: object,
    ) -> Accountability:
        """`ground`: what happens once; the record's key comes from it, so that nobody is held to account twice."""
        _require_permitted(by, Permission.HOLD_ACCOUNTABLE, unit, area)
        tenant, key = by.tenant, derived(cause, *ground)
        record = cls(id=cls.identity(tenant, key), tenant=tenant, unit=unit, area=area, cause=cause, **about)
        record.open(now, limits)
        return record


def _require_permitted(by: Principal, permission: Permission, unit: str, area: str) -> None:
    """Raises `WrongRole` or `NotYours` without the right, and `OwnWork` if it is about the caller's own unit."""
    require_permission(by, permission, on=Resource(area=area))
    require_other_unit(by, permission, unit)
