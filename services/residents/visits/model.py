"""Aggregate of a visit (家访、排查、座谈): planned and then paid, or missed and passed up; or paid without a plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from mongoengine import BooleanField, DateTimeField, EmbeddedDocumentField, IntField, ListField, StringField

from chassis.envelope import STAFF
from chassis.errors import Invalid, Refused
from chassis.persistence.aggregate import Embedded
from chassis.security.principal import Principal, codes_of
from services.residents.dwellings.model import Dwelling
from services.residents.households.model import ACTIVE, Household
from services.residents.placed import Placed
from services.residents.visits import events
from services.residents.visits.rhythm import Day
from vocabulary.access import require_in_area
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission
from vocabulary.tiers import TIERS, Tier, at_tier, tier_of

PLANNED, MISSED, DONE, CANCELLED = "PLANNED", "MISSED", "DONE", "CANCELLED"
#: A visit that still has to be paid.
WAITING = (PLANNED, MISSED)
_ZH = {PLANNED: "已安排", MISSED: "逾期未走访", DONE: "已走访", CANCELLED: "已取消"}


class WrongVisitState(Refused):
    code = "visit.wrong_state"
    en = "The visit is {state}; this is possible only while it is {possible}."
    zh = "该走访当前为“{state}”，此操作仅适用于“{possible}”状态。"
    chinese = {"state": _ZH, "possible": _ZH}


class Home(NamedTuple):
    """A household with the dwelling where it lives."""

    household: Household
    dwelling: Dwelling


class Following(Embedded):
    """The case made of what was found, as its last event told. `sequence`: of that event."""

    id: str = StringField(required=True)
    number: str = StringField(default="")
    state: str = StringField(required=True)
    area: str = StringField(required=True)
    sequence: int = IntField(required=True)


class Visit(Placed):
    """`in_rhythm`: planned from the household's needs and card; a household has at most one that waits.

    `due`: the day, as midnight UTC; `tier`: to which a missed visit was passed up; `moved`: somebody chose the day;
    `counts_from`: when it was paid or called off, from which the rhythm goes on. `members`: of the household when it
    was paid, so that somebody who sees their own record reads no findings about others.
    `findings` and `why` are sealed. The key of a visit in rhythm is derived from the household and a number, so that
    two events plan it once.
    """

    meta: ClassVar[dict[str, Any]] = {"collection": "visits"}
    has_natural_key = True
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("codes", "-due", "-_id"),
        ("codes", "state", "-due", "-_id"),
        ("household", "-due", "-_id"),
        ("household", "-counts_from"),
    ]
    visible_to = STAFF

    area: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    household: str = StringField(required=True)
    dwelling: str = StringField(required=True)
    estate: str = StringField(default="")
    building: str = StringField(default="")
    kind: str = StringField(required=True)
    planned: bool = BooleanField(required=True)
    in_rhythm: bool = BooleanField(default=False)
    planned_at: datetime = DateTimeField(required=True)
    due: datetime = DateTimeField(required=True)
    remind_at: datetime = DateTimeField(required=True)
    ends_at: datetime = DateTimeField(required=True)
    moved: bool = BooleanField(default=False)
    worker: str = StringField(default="")
    state: str = StringField(required=True)
    reminded: bool = BooleanField(default=False)
    raise_at: datetime | None = DateTimeField()
    tier: str = StringField(default="")
    done_at: datetime | None = DateTimeField()
    done_by: str = StringField(default="")
    members: list[str] = ListField(StringField())
    counts_from: datetime | None = DateTimeField()
    findings: str = StringField(default="")
    why: str = StringField(default="")
    matter: str = StringField(default="")
    case: Following | None = EmbeddedDocumentField(Following)
    next_due_at: datetime | None = DateTimeField()

    # -- planning --------------------------------------------------------------------------------------

    @classmethod
    def plan(cls, by: Principal, key: str, home: Home, kind: str, day: Day, worker: str, now: datetime) -> Visit:
        require_in_area(by, Permission.KEEP_NEEDS, home.household.area)
        home.household.require_active()
        _require_ahead(day, now)
        visit = cls._new(by.tenant, key, home, kind, day, now)
        visit.worker, visit.moved = worker, True
        visit._tell_plan()
        return visit

    @classmethod
    def in_turn(cls, key: str, home: Home, day: Day, now: datetime) -> Visit:
        """Plans the next visit of a household's rhythm."""
        visit = cls._new(home.household.tenant, key, home, "home", day, now)
        visit.in_rhythm = True
        visit._tell_plan()
        return visit

    @classmethod
    def unplanned(
        cls, by: Principal, key: str, home: Home, kind: str, today: Day, findings: str, matter: str, now: datetime,
        members: Sequence[str] = (),
    ) -> Visit:  # fmt: skip
        """Records a visit that nobody planned. `findings`: sealed."""
        home.household.require_active()
        visit = cls._new(by.tenant, key, home, kind, today, now)
        visit.planned = False
        visit.finish(by, findings, matter, now, members)
        return visit

    def move(self, by: Principal, day: Day, worker: str, now: datetime) -> None:
        """To another day, or to somebody else. A missed visit stays missed until it is paid."""
        self._require(by, PLANNED)
        _require_ahead(day, now)
        self.worker, self.moved = worker, True
        self._set_day(day)
        self._tell_plan()

    def settle(self, home: Home, day: Day | None) -> None:
        """The household moved, or what it is visited for changed. `day`: on which its rhythm puts the visit, None for
        no more visits. What somebody chose, or missed, stays on its day; what is over goes along only if the dwelling
        itself lies in another grid now."""
        if self.state not in WAITING:
            if self.dwelling == home.dwelling.key:
                self._lie_at(home)
            return
        if home.household.state != ACTIVE or (self.in_rhythm and day is None):
            self._cancel()
            return
        self._lie_at(home)
        if day and self.in_rhythm and not self.moved and self.state == PLANNED and day.due != self.due:
            self._set_day(day)
            self._tell_plan()

    # -- what becomes of it ----------------------------------------------------------------------------

    def finish(self, by: Principal, findings: str, matter: str, now: datetime, members: Sequence[str] = ()) -> None:
        """Records what was found. `findings`: sealed; `matter`: the category of what needs the city, or ""."""
        self._require(by, *WAITING)
        self.state, self.done_at, self.done_by, self.counts_from = DONE, now, by.subject, now
        self.findings, self.matter, self.members = findings, matter, list(members)
        self.emit(events.VisitDone(area=self.area, kind=self.kind, planned=self.planned))
        if matter:
            self.emit(events.VisitFound(visit=self.key, area=self.area, category=matter, unit=by.unit, post=by.post))

    def cancel(self, by: Principal, why: str, now: datetime) -> None:
        """`why`: sealed."""
        self._require(by, *WAITING)
        self.why = why
        if self.in_rhythm:
            self.counts_from = now
        self._cancel()

    def tick(self, now: datetime, raise_after: int) -> None:
        """Timer: reminds on the day, notes after it that the visit was missed, and passes it up every so many days."""
        if self.state == PLANNED and not self.reminded and self.remind_at <= now:
            self.reminded = True
            self.emit(events.VisitReminded(area=self.area, kind=self.kind, due=self.day, worker=self.worker))
        if self.state == PLANNED and self.ends_at <= now:
            self.state, self.raise_at = MISSED, self.ends_at + timedelta(days=raise_after)
            self.emit(events.VisitMissed(area=self.area, kind=self.kind, due=self.day, worker=self.worker))
        if self.state == MISSED and self.raise_at and self.raise_at <= now:
            self._raise(now, raise_after)

    def due_at(self) -> datetime | None:
        if self.state == PLANNED:
            return self.ends_at if self.reminded else self.remind_at
        return self.raise_at if self.state == MISSED else None

    # -- the case of it --------------------------------------------------------------------------------

    def follow_case(self, case: Following) -> None:
        """Links the case that was made of it, and keeps the case's last state."""
        if self.case is None:
            self.emit(events.VisitFollowed(case=case.id))
        if self.case is None or (self.case.id == case.id and self.case.sequence < case.sequence):
            self.case = case

    def case_for(self, by: Principal) -> Following | None:
        """Returns the case if the caller may read it."""
        seen = self.case is not None and may(by, Permission.READ_CASE, Resource(area=self.case.area))
        return self.case if seen else None

    @property
    def day(self) -> date:
        return self.due.date()

    # -- internals -------------------------------------------------------------------------------------

    @classmethod
    def _new(cls, tenant: str, key: str, home: Home, kind: str, day: Day, now: datetime) -> Visit:
        visit = cls(id=cls.identity(tenant, key), tenant=tenant, household=home.household.key, kind=kind)
        visit.planned, visit.state, visit.planned_at = True, PLANNED, now
        visit._lie_at(home)
        visit._set_day(day)
        return visit

    def _lie_at(self, home: Home) -> None:
        self.area, self.codes = home.household.area, codes_of(home.household.area)
        self.dwelling, self.estate, self.building = home.dwelling.key, home.dwelling.estate, home.dwelling.building

    def _set_day(self, day: Day) -> None:
        self.due, self.remind_at, self.ends_at = day
        self.reminded = False

    def _cancel(self) -> None:
        self.state = CANCELLED
        self.emit(events.VisitCancelled(area=self.area, kind=self.kind))

    def _raise(self, now: datetime, raise_after: int) -> None:
        held = TIERS.index(Tier(self.tier or tier_of(self.area)))
        if held <= TIERS.index(Tier.STREET):
            self.raise_at = None
            return
        self.tier, self.raise_at = str(TIERS[held - 1]), now + timedelta(days=raise_after)
        self.emit(events.VisitRaised(area=self.area, tier=self.tier, to=at_tier(self.area, self.tier)))
        if self.tier == Tier.STREET:
            self.raise_at = None

    def _require(self, by: Principal, *states: str) -> None:
        require_in_area(by, Permission.KEEP_NEEDS, self.area)
        if self.state not in states:
            raise WrongVisitState(state=self.state, possible=list(states))

    def _tell_plan(self) -> None:
        self.emit(events.VisitPlanned(area=self.area, kind=self.kind, due=self.day, worker=self.worker))


def _require_ahead(day: Day, now: datetime) -> None:
    if day.ends_at <= now:
        raise Invalid(("due", "it lies in the past", "不得早于今天"))
    if day.ends_at - now > timedelta(days=400):
        raise Invalid(("due", "it lies more than a year ahead", "不得晚于一年之后"))
