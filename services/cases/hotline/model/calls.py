"""Aggregates of the hotline (96118): call records, callbacks and the night roster.

A caller is identified by the blind index of the number, so open cases can be found without opening the number.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from mongoengine import BooleanField, DateTimeField, EmbeddedDocumentListField, IntField, ListField, StringField

from chassis.envelope import NOBODY
from chassis.errors import Fault, Invalid, Refused, spoken_fault
from chassis.persistence.aggregate import Embedded
from chassis.security.principal import Principal
from chassis.usecases.visibility import Visible, VisibleToNobody
from services.cases.api.hotline import CallOutcome
from services.cases.case.model.permissions import require_permission
from services.cases.hotline import events
from vocabulary.rights import may
from vocabulary.roles import Permission

ATTEMPTS = 3
BETWEEN_ATTEMPTS = timedelta(hours=4)
PROMISED_WITHIN = timedelta(hours=24)
WEEK = timedelta(days=7)


class CallbackEnded(Refused):
    code = "callback.ended"
    en = "This callback has ended; there is no need to call again."
    zh = "该回访已结束，无需再次致电。"


class CallRecord(VisibleToNobody):
    """Aggregate: one call. `caller`: the blind index of the number; `note`: sealed. Case details go into the case."""

    meta: ClassVar[dict[str, Any]] = {"collection": "calls"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("caller", "-at"), ("-at",)]
    visible_to = NOBODY

    caller: str = StringField(default="")
    at: datetime = DateTimeField(required=True)
    agent: str = StringField(required=True)
    post: str = StringField(default="")
    outcome: str = StringField(required=True)
    article: str = StringField(default="")
    case: str = StringField(default="")
    note: str = StringField(default="")

    @classmethod
    def take(
        cls,
        key: str,
        by: Principal,
        *,
        caller: str,
        outcome: CallOutcome,
        now: datetime,
        article: str = "",
        case: str = "",
        note: str = "",
    ) -> CallRecord:
        """Raises `Invalid` without the article or note of an answer, the id of a case, or the number to call back."""
        require_permission(by, Permission.TAKE_CALL)
        if outcome is CallOutcome.ANSWERED and not (article or note):
            raise Invalid(
                (
                    "article",
                    "name the article used, or note the answer given",
                    "请填写所用知识条目或答复内容",
                )
            )
        if outcome is CallOutcome.CASE and not case:
            raise Invalid(("case", "name the case that the call created or belongs to", "请填写来电形成或关联的案件"))
        if outcome is CallOutcome.CALLBACK and not caller:
            raise Invalid(("caller", "a callback needs the phone number", "登记回访须填写电话号码"))
        call = cls(id=cls.identity(by.tenant, key), tenant=by.tenant)
        call.caller, call.at, call.agent, call.post = caller, now, by.subject, by.post
        call.outcome, call.article, call.case, call.note = outcome, article, case, note
        call.emit(events.CallTaken(outcome=outcome, article=article, case=case))
        return call


class Callback(Visible):
    """Aggregate: a promised call. `phone` is sealed.

    Ends when the caller is reached, or after three attempts; each further one is due four hours after the last.
    """

    meta: ClassVar[dict[str, Any]] = {"collection": "callbacks"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("open", "due"), ("caller", "-due"), ("case",)]
    visible_to = NOBODY

    case: str = StringField(default="")
    caller: str = StringField(default="")
    phone: str = StringField(required=True)
    due: datetime = DateTimeField(required=True)
    attempts: int = IntField(default=0)
    open: bool = BooleanField(default=True)
    reached: bool = BooleanField(default=False)
    note: str = StringField(default="")

    @classmethod
    def ask(cls, by: Principal, key: str, *, phone: str, caller: str, now: datetime, case: str = "") -> Callback:
        """Creates a callback, due within a day."""
        require_permission(by, Permission.PROMISE_CALLBACK)
        if not phone:
            raise Invalid(("phone", "a callback needs the phone number", "登记回访须填写电话号码"))
        callback = cls(id=cls.identity(by.tenant, key), tenant=by.tenant)
        callback.phone, callback.caller, callback.case = phone, caller, case
        callback.due = now + PROMISED_WITHIN
        callback.emit(events.CallbackAsked(case=case, due=callback.due))
        return callback

    def seen_by(self, by: Principal) -> bool:
        return may(by, Permission.CALL_BACK)

    def attempt(self, by: Principal, reached: bool, note: str, now: datetime) -> None:
        require_permission(by, Permission.CALL_BACK)
        if not self.open:
            raise CallbackEnded()
        self.attempts += 1
        self.reached = reached
        self.note = note
        if reached or self.attempts == ATTEMPTS:
            self.open = False
            self.emit(events.CallbackEnded(case=self.case, reached=reached))
        else:
            self.due = now + BETWEEN_ATTEMPTS


class Shift(Embedded):
    starts: datetime = DateTimeField(required=True)
    ends: datetime = DateTimeField(required=True)
    person: str = StringField(required=True)
    post: str = StringField(default="")


class Roster(Visible):
    """Aggregate: the duty roster of one week. The key is the week's first day; `starts` is its local midnight."""

    meta: ClassVar[dict[str, Any]] = {"collection": "rosters"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("starts",)]
    visible_to = NOBODY
    has_natural_key = True

    starts: datetime = DateTimeField(required=True)
    shifts: list[Shift] = EmbeddedDocumentListField(Shift)
    people: list[str] = ListField(StringField())

    @property
    def ends(self) -> datetime:
        return self.starts + WEEK

    @classmethod
    def blank(cls, tenant: str, key: str, starts: datetime) -> Roster:
        return cls(id=cls.identity(tenant, key), tenant=tenant, starts=starts)

    def plan(self, by: Principal, shifts: list[Shift]) -> None:
        """Replaces the shifts. Gaps are allowed and reported, because a partial roster is better than none."""
        require_permission(by, Permission.PLAN_ROSTER)
        _require_shifts(shifts, self.starts, self.ends)
        self.shifts = sorted(shifts, key=lambda shift: (shift.starts, shift.person))
        self.people = sorted({shift.person for shift in shifts})
        minutes = sum(int((end - start).total_seconds()) // 60 for start, end in self.gaps())
        self.emit(events.RosterChanged(week=self.key, gaps=minutes))

    def seen_by(self, by: Principal) -> bool:
        return may(by, Permission.READ_ROSTER)

    def on_duty(self, now: datetime) -> list[Shift]:
        return [shift for shift in self.shifts if shift.starts <= now < shift.ends]

    def gaps(self) -> list[tuple[datetime, datetime]]:
        """Returns the periods of the week without anyone on duty; the hotline is staffed 24 h."""
        gaps, covered = [], self.starts
        for shift in self.shifts:
            if shift.starts > covered:
                gaps.append((covered, shift.starts))
            covered = max(covered, shift.ends)
        if covered < self.ends:
            gaps.append((covered, self.ends))
        return gaps


def _require_shifts(shifts: list[Shift], starts: datetime, ends: datetime) -> None:
    faults: list[Fault] = []
    last: dict[str, datetime] = {}
    for shift in sorted(shifts, key=lambda shift: shift.starts):
        if shift.ends <= shift.starts:
            faults.append(("shifts", "a shift must end after it starts", "班次结束时间须晚于开始时间"))
        if shift.starts < starts or shift.ends > ends:
            told = "must be within the week from {week:time}", "班次须在自{week:time}起的一周内"
            faults.append(spoken_fault("shifts", *told, week=starts))
        if shift.starts < last.get(shift.person, starts):
            told = "{person:verbatim} has overlapping shifts", "{person:verbatim}的班次时间重叠"
            faults.append(spoken_fault("shifts", *told, person=shift.person))
        last[shift.person] = max(shift.ends, last.get(shift.person, starts))
    if faults:
        raise Invalid(*faults)
