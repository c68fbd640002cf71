"""Read model: the countable facts of one case, and the day, place and unit they count for.

Built from the case's events, tolerating any order and repetition. The first result is kept: its due moments, lead and
answers stay, whatever follows a reopening. Moments are the case's own: a timer that fired late still closed it in time.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Self
from zoneinfo import ZoneInfo

from mongoengine import BooleanField, DateTimeField, DictField, IntField, ListField, StringField

from chassis.security.principal import codes_of
from chassis.usecases.visibility import VisibleToNobody
from services.cases.analytics.model.indicators import SATISFIED
from services.cases.api.states import State
from services.cases.case.events import (
    CaseEvent,
    CaseState,
    ChildReleased,
    Closed,
    Dispatched,
    Inspected,
    Rated,
    RatingAsked,
    Resolved,
    Returned,
    Whistled,
)
from services.cases.case.model.states import OPEN
from vocabulary.tiers import Tier, at_tier

#: Cases that are not counted: a merged case counts with its parent, a voided one not at all.
_UNCOUNTED = (State.MERGED, State.VOIDED)
#: Dispatches that take the case from one unit to another.
_CORRECTIONS = ("redirect", "transfer")
#: States that a first dispatch leads to. A later whistle finds the case at work.
_FIRST_STATES = (State.DISPATCHED, State.WHISTLED)


class Bucket(NamedTuple):
    """Key of a rollup: local day (`2026-11-19`), path of the community, and unit ("": not of a department).

    Complaints about a unit have rollups of their own (`about`), which are left out of the figures for that unit (回避).
    """

    day: str
    area: str
    unit: str
    about: str = ""

    @property
    def key(self) -> str:
        return "|".join(self if self.about else self[:3])

    @classmethod
    def of(cls, key: str) -> Bucket:
        return cls(*key.split("|"))

    @classmethod
    def is_key(cls, key: str) -> bool:
        """Returns whether `of` can read this."""
        return len(key.split("|")) in (3, 4)


class CaseFacts(VisibleToNobody):
    """Facts of one case, without personal data. `sketch`: see `duplicates`; `stale`: its rollups need recomputing."""

    meta: ClassVar[dict[str, Any]] = {"collection": "case_facts"}
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("buckets",),
        ("stale",),
        ("cell", "open"),
        ("codes", "reported_at"),
        ("lead", "reported_at"),
        ("dispatched_to", "category", "dispatched_at"),
    ]

    seen: int = IntField(default=0)
    state: str = StringField(default="")
    open: bool = BooleanField(default=True)
    category: str = StringField(default="")
    area: str = StringField(default="")
    codes: list[str] = ListField(StringField())
    about_unit: str = StringField(default="")
    cell: str = StringField(default="")
    sketch: list[int] = ListField(IntField())
    lead: str = StringField(default="")
    reported_at: datetime | None = DateTimeField()
    registered: bool = BooleanField(default=False)
    reworked: bool = BooleanField(default=False)
    due: datetime | None = DateTimeField()
    closing_due: datetime | None = DateTimeField()
    handled_at: datetime | None = DateTimeField()
    on_time: bool = BooleanField(default=False)
    first_lead: str = StringField(default="")
    first_due: datetime | None = DateTimeField()
    first_closing_due: datetime | None = DateTimeField()
    last_measure: int = IntField(default=0)
    closed_at: datetime | None = DateTimeField()
    dispatched_at: datetime | None = DateTimeField()
    dispatched_to: str = StringField(default="")
    last_verdict: int = IntField(default=0)
    rightful_unit: str = StringField(default="")
    misdirected: bool = BooleanField(default=False)
    last_result: int = IntField(default=0)
    asked_at: datetime | None = DateTimeField()
    contacted: bool | None = BooleanField()
    solved: bool | None = BooleanField()
    satisfied: int | None = IntField()
    struck: bool = BooleanField(default=False)
    entries: list[dict[str, Any]] = ListField(DictField())
    buckets: list[str] = ListField(StringField())
    stale: bool = BooleanField(default=False)

    @classmethod
    def about(cls, tenant: str, case: str) -> Self:
        return cls(id=cls.identity(tenant, case), tenant=tenant)

    def learn(self, event: CaseEvent, sequence: int, at: datetime, zone: ZoneInfo) -> None:
        """Applies an event, with its `sequence` and time `at`. A merged case's rating counts for its parent."""
        if not (isinstance(event, Rated) and event.of):
            self._copy_state(event.case, sequence)
        self._keep_first(event, at)
        self._keep_measure(event, sequence)
        if event.case.round == 1:
            self._judge_dispatch(event, sequence)
            self._judge_result(event, sequence, at)
        self._count(zone)

    def strike(self, unit: str) -> None:
        """Strikes the case from the adjusted figures after a granted appeal (申诉剔除) of its unit."""
        if unit == self.unit and not self.struck:
            self.struck = self.stale = True

    @property
    def unit(self) -> str:
        return self.first_lead or self.lead

    def _copy_state(self, state: CaseState, sequence: int) -> None:
        if sequence <= self.seen:
            return
        self.seen = sequence
        self.state, self.category, self.lead = state.state, state.category, state.lead
        self.area, self.codes, self.about_unit = state.area, codes_of(state.area), state.about
        self.open = State(state.state) in OPEN
        self.reported_at, self.registered = state.reported_at, state.registered_at is not None
        self.reworked = state.reworks > 0
        self.due, self.closing_due = state.counted_due or state.due, state.closing_due

    def _keep_first(self, event: CaseEvent, at: datetime) -> None:
        state = event.case
        match event:
            case Resolved(first=True):
                self.handled_at, self.first_lead = at, state.lead
            case Closed():
                closed = state.closed_at or at
                self.closed_at = min(closed, self.closed_at or closed)
            case Dispatched(how="dispatch") | Whistled() if state.state in _FIRST_STATES:
                if self.dispatched_at is None or at < self.dispatched_at:
                    self.dispatched_at, self.dispatched_to = at, state.lead
            case RatingAsked():
                self.asked_at = min(at, self.asked_at or at)
            case Rated(round=1):
                self._take_answer(event)

    def _keep_measure(self, event: CaseEvent, sequence: int) -> None:
        """Keeps what the first result is measured by: a merged case that leaves takes its hurry with it."""
        match event:
            case Resolved(first=True) | ChildReleased(on_time=bool(), case=CaseState(round=1)):
                if sequence > self.last_measure:
                    self.last_measure, state = sequence, event.case
                    self.first_due, self.first_closing_due = state.counted_due or state.due, state.closing_due

    def _judge_dispatch(self, event: CaseEvent, sequence: int) -> None:
        """Keeps the newest verdict on the first dispatch: for one unit by a ruling, for none after any other change."""
        match event:
            case Dispatched(how="ruling"):
                rightful = event.case.lead
            case Dispatched() if event.how in _CORRECTIONS and event.from_unit != event.case.lead:
                rightful = ""
            case Returned():
                rightful = ""
            case _:
                return
        if sequence > self.last_verdict:
            self.last_verdict, self.rightful_unit = sequence, rightful

    def _judge_result(self, event: CaseEvent, sequence: int, at: datetime) -> None:
        """Keeps whether the newest result is in time; one that fails inspection is not."""
        if sequence <= self.last_result:
            return
        match event:
            case Resolved():
                due = event.case.counted_due
                self.last_result, self.on_time = sequence, event.on_time and (due is None or at <= due)
            case Inspected(passed=False):
                self.last_result, self.on_time = sequence, False
            case ChildReleased(on_time=bool(on_time)):
                self.last_result, self.on_time = sequence, on_time

    def _take_answer(self, rated: Rated) -> None:
        """Keeps the worst answer of several parties."""
        for name in ("contacted", "solved", "satisfied"):
            given, worst = getattr(rated, name), getattr(self, name)
            if given is not None:
                setattr(self, name, given if worst is None else min(given, worst))

    def _count(self, zone: ZoneInfo) -> None:
        self.misdirected = bool(self.last_verdict) and self.rightful_unit != self.dispatched_to
        entries = [{"bucket": bucket.key, **counts} for bucket, counts in sorted(self.counts(zone).items())]
        if entries != self.entries:
            self.entries = entries
            # Buckets the case has left must be recomputed too.
            self.buckets = sorted({*self.buckets, *(str(entry["bucket"]) for entry in entries)})
            self.stale = True

    def counts(self, zone: ZoneInfo) -> dict[Bucket, Counter[str]]:
        """Returns the case's counts per bucket, on the day that belongs to each indicator's denominator."""
        counts: dict[Bucket, Counter[str]] = {}
        area = at_tier(self.area, Tier.COMMUNITY)

        def count(moment: datetime | None, unit: str, **names: bool) -> None:
            if moment is not None:
                day = moment.astimezone(zone).date().isoformat()
                counts.setdefault(Bucket(day, area, unit, self.about_unit), Counter()).update(
                    n for n, holds in names.items() if holds
                )

        if not self.area or self.state in _UNCOUNTED:
            return counts
        if self.state == State.SELF_RESOLVED:
            count(self.reported_at, "", on_the_spot=True)
            return counts
        count(self.reported_at, "", reported=True, registered=self.registered)
        count(self.dispatched_at, self.dispatched_to, dispatched=True, dispatched_right=not self.misdirected)
        handled = self.handled_at is not None
        if handled or self.state != State.WITHDRAWN:
            self._count_due(count, handled)
        count(self.handled_at, self.unit, finished=True, reworked=self.reworked)
        count(self.asked_at, self.unit, **self._answers())
        return counts

    def _count_due(self, count: Any, handled: bool) -> None:
        closing_due = self.first_closing_due or self.closing_due
        in_time = self.closed_at is not None and closing_due is not None and self.closed_at <= closing_due
        on_time = handled and self.on_time
        count(self.first_due or self.due, self.unit, due=True, handled=handled, handled_on_time=on_time)
        count(closing_due, self.unit, closing_due=True, closed=self.closed_at is not None, closed_on_time=in_time)

    def _answers(self) -> dict[str, bool]:
        return {
            "asked": True,
            "contact_answered": self.contacted is not None,
            "contacted": self.contacted is True,
            "solved_answered": self.solved is not None,
            "solved": self.solved is True,
            "satisfied_answered": self.satisfied is not None,
            "satisfied": self.satisfied is not None and self.satisfied >= SATISFIED,
        }


class Rollup(VisibleToNobody):
    """Rollup: the counts of one bucket. A period of an area sums a few thousand of these, however many cases."""

    meta: ClassVar[dict[str, Any]] = {"collection": "rollups"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("codes", "day"), ("unit", "day")]

    day: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    unit: str = StringField(default="")
    about: str = StringField(default="")
    counts: dict[str, int] = DictField()
    struck: dict[str, int] = DictField()

    @classmethod
    def empty(cls, tenant: str, bucket: Bucket) -> Self:
        return cls(
            id=cls.identity(tenant, bucket.key),
            tenant=tenant,
            day=bucket.day,
            codes=codes_of(bucket.area),
            unit=bucket.unit,
            about=bucket.about,
        )

    def recompute(self, groups: list[dict[str, Any]]) -> None:
        """Recomputes the counts from all cases of the bucket; idempotent.

        `groups`: `{_id: {entries, struck}, cases}`, the number of cases with identical facts.
        """
        counts: Counter[str] = Counter()
        struck: Counter[str] = Counter()
        for group in groups:
            for entry in group["_id"]["entries"]:
                if entry["bucket"] == self.key:
                    added = {name: number * group["cases"] for name, number in entry.items() if name != "bucket"}
                    counts.update(added)
                    if group["_id"]["struck"]:
                        struck.update(added)
        self.counts, self.struck = dict(counts), dict(struck)
