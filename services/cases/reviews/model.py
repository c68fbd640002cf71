"""Reviews of departments, accountability (问责) and appeals (申诉剔除).

A proceeding is about a department, never about a person. It stands beside the case and never blocks its
closing. The department is heard first; the centre concludes; the department may appeal once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, NamedTuple

import msgspec
from mongoengine import BooleanField, DateTimeField, IntField, ListField, StringField

from chassis.errors import Refused
from chassis.messaging.envelope import STAFF, Event
from chassis.security.principal import Principal, codes_of
from chassis.usecases.visibility import Visible
from services.cases.access_rules import require_other_unit, require_role, require_unit
from services.cases.api.reviews import ProceedingState
from services.cases.case.model.limits import Limits
from services.cases.case.texts_zh import NO_GROUNDS, PROCEEDING_STATES
from services.cases.reviews import events
from vocabulary.roles import Role

LOW_SCORE = 2


class NotHeardYet(Refused):
    code = "review.department_not_heard"
    en = "{unit} has not been heard; wait for its statement or until {hearing_until}."
    zh = "尚未听取 {unit} 的陈述;请等待其陈述,或等到 {hearing_until}。"


class WrongProceedingState(Refused):
    code = "review.wrong_state"
    en = "The proceeding is {state}; this step is possible in {possible}."
    zh = "该程序处于 {state} 状态;此步骤仅在 {possible} 状态下可行。"
    chinese = {"state": PROCEEDING_STATES, "possible": PROCEEDING_STATES}


class AppealTooLate(Refused):
    code = "review.appeal_too_late"
    en = "The time to appeal ended at {appeal_until}; the conclusion stands."
    zh = "申诉期限已于 {appeal_until} 届满,结论维持不变。"


class NothingToReview(Refused):
    code = "review.nothing_to_review"
    en = "A review opens from a rating of 1 or 2; this one is {score}."
    zh = "评分为1或2分才启动核查,本次评分为 {score}。"


class NoGrounds(Refused):
    """`grounds`: not_founded, not_breached or not_low."""

    code = "accountability.no_grounds"
    en = "There are no grounds for accountability ({grounds}); it needs a founded review, a breach or low satisfaction."
    zh = "不具备问责依据({grounds});须有成立的核查、超期或低满意率。"
    chinese = {"grounds": NO_GROUNDS}


class Happened(NamedTuple):
    """The events of one kind of proceeding."""

    opened: type[Event]
    heard: type[Event]
    concluded: type[Event]
    appealed: type[Event]
    appeal_ruled: type[Event]


class Proceeding(Visible):
    """What a review and an accountability record have in common. `statement`, `finding`, `grounds`: sealed."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("codes", "state", "-opened_at"),
        ("unit", "-opened_at"),
        ("case",),
    ]
    happened: ClassVar[Happened]
    visible_to = STAFF

    unit: str = StringField(required=True)
    area: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    case: str = StringField(default="")
    cause: str = StringField(required=True)
    state: str = StringField(default=ProceedingState.OPEN)
    opened_at: datetime = DateTimeField(required=True)
    hearing_until: datetime = DateTimeField(required=True)
    statement: str = StringField(default="")
    heard_at: datetime | None = DateTimeField()
    finding: str = StringField(default="")
    concluded_at: datetime | None = DateTimeField()
    appeal_until: datetime = DateTimeField()
    grounds: str = StringField(default="")
    ruling: str = StringField(default="")
    granted: bool | None = BooleanField()

    def open(self, now: datetime, limits: Limits) -> None:
        """A department has as long to be heard as it has to appeal."""
        self.codes = codes_of(self.area)
        self.opened_at = now
        self.hearing_until = limits.appeal_until(now)
        self._emit(self.happened.opened, cause=self.cause, hearing_until=self.hearing_until)

    def hear(self, by: Principal, statement: str, now: datetime) -> None:
        require_unit(by, self.unit)
        self._require(ProceedingState.OPEN)
        self.statement = statement
        self.heard_at = now
        self.state = ProceedingState.HEARD
        self._emit(self.happened.heard)

    def conclude(self, by: Principal, founded: bool, finding: str, now: datetime, limits: Limits) -> None:
        """By the centre, once the department was heard or let its time to be heard pass."""
        self._require_centre(by, "conclude")
        self._require(ProceedingState.OPEN, ProceedingState.HEARD)
        if self.state == ProceedingState.OPEN and now < self.hearing_until:
            raise NotHeardYet(unit=self.unit, hearing_until=self.hearing_until.isoformat())
        self.finding = finding
        self.concluded_at = now
        self.appeal_until = limits.appeal_until(now)
        self.state = ProceedingState.FOUNDED if founded else ProceedingState.UNFOUNDED
        self._emit(self.happened.concluded, founded=founded, appeal_until=self.appeal_until)

    def appeal(self, by: Principal, grounds: str, now: datetime) -> None:
        """Once: an appeal that was ruled on leads to no state from which another is possible."""
        require_unit(by, self.unit)
        self._require(ProceedingState.FOUNDED)
        if now > self.appeal_until:
            raise AppealTooLate(appeal_until=self.appeal_until.isoformat())
        self.grounds = grounds
        self.state = ProceedingState.APPEALED
        self._emit(self.happened.appealed)

    def rule_on_appeal(self, by: Principal, granted: bool, ruling: str) -> None:
        self._require_centre(by, "rule_on_appeal")
        self._require(ProceedingState.APPEALED)
        self.ruling = ruling
        self.granted = granted
        self.state = ProceedingState.STRUCK if granted else ProceedingState.UPHELD
        self._emit(self.happened.appeal_ruled, granted=granted)

    def seen_by(self, by: Principal) -> bool:
        """The department itself, and centre and supervisor of the area."""
        if self.unit == by.unit:
            return True
        return by.has(Role.CENTRE, Role.SUPERVISOR) and by.covers(self.area)

    def event_area(self) -> str:
        return self.area

    def event_units(self) -> list[str]:
        return [self.unit]

    def _require_centre(self, by: Principal, act: str) -> None:
        require_role(by, act, Role.CENTRE)
        require_other_unit(by, act, self.unit)

    def _require(self, *states: ProceedingState) -> None:
        if self.state not in states:
            raise WrongProceedingState(state=self.state, possible=[str(state) for state in states])

    def _emit(self, kind: type[Event], **data: object) -> None:
        self.emit(kind(unit=self.unit, area=self.area, case=self.case, **data))


class Review(Proceeding):
    """A department's handling looked at again because the party rated it 1 or 2."""

    meta: ClassVar[dict[str, Any]] = {"collection": "reviews"}
    happened = Happened(
        events.ReviewOpened,
        events.ReviewHeard,
        events.ReviewConcluded,
        events.ReviewAppealed,
        events.ReviewAppealRuled,
    )
    score: int = IntField(required=True)

    @classmethod
    def of_rating(
        cls, tenant: str, key: str, *, case: str, unit: str, area: str, score: int, now: datetime, limits: Limits
    ) -> Review:
        if not 1 <= score <= LOW_SCORE:
            raise NothingToReview(score=score)
        review = cls(
            id=cls.identity(tenant, key), tenant=tenant, case=case, unit=unit, area=area, cause="rating", score=score
        )
        review.open(now, limits)
        return review


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A department's satisfaction in a period. `floor`: the tenant's share below which it is low."""

    since: datetime
    until: datetime
    answered: int
    satisfied: int
    floor: float = 0.6

    @property
    def low(self) -> bool:
        return bool(self.answered) and self.satisfied / self.answered < self.floor


class Accountability(Proceeding):
    """问责: a record that a department answers for something. The sanction itself stays offline."""

    meta: ClassVar[dict[str, Any]] = {"collection": "accountabilities"}
    happened = Happened(
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
    def of_review(cls, key: str, review: Review, by: Principal, now: datetime, limits: Limits) -> Accountability:
        if review.state not in (ProceedingState.FOUNDED, ProceedingState.UPHELD):
            raise NoGrounds(grounds="not_founded")
        return cls._open(key, by, review.unit, review.area, "review", now, limits, case=review.case, review=review.key)

    @classmethod
    def of_breach(
        cls,
        key: str,
        by: Principal,
        *,
        case: str,
        unit: str,
        area: str,
        due: datetime,
        resolved: datetime | None,
        now: datetime,
        limits: Limits,
    ) -> Accountability:
        """From a case that was resolved after its due moment, or is not resolved though that has passed."""
        if (resolved or now) <= due:
            raise NoGrounds(grounds="not_breached")
        return cls._open(key, by, unit, area, "breach", now, limits, case=case)

    @classmethod
    def of_period(
        cls, key: str, by: Principal, *, unit: str, area: str, period: Period, now: datetime, limits: Limits
    ) -> Accountability:
        if not period.low:
            raise NoGrounds(grounds="not_low")
        told = {name: getattr(period, name) for name in ("since", "until", "answered", "satisfied")}
        return cls._open(key, by, unit, area, "satisfaction", now, limits, **told)

    @classmethod
    def _open(
        cls,
        key: str,
        by: Principal,
        unit: str,
        area: str,
        cause: str,
        now: datetime,
        limits: Limits,
        **about: object,
    ) -> Accountability:
        require_role(by, "hold_accountable", Role.CENTRE)
        require_other_unit(by, "hold_accountable", unit)
        tenant = by.tenant
        record = cls(id=cls.identity(tenant, key), tenant=tenant, unit=unit, area=area, cause=cause, **about)
        record.open(now, limits)
        return record
