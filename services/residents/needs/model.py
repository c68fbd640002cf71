"""Aggregate of a need (服务型台账): what a resident needs, how much, and since when. It follows the resident."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any, ClassVar, NamedTuple

from mongoengine import DateTimeField, IntField, ListField, StringField

from chassis.envelope import NOBODY
from chassis.errors import Invalid, Refused
from chassis.security.principal import Principal, codes_of
from services.residents.needs.events import NeedChanged
from services.residents.people.model import DECEASED, LIVING_HERE, Resident
from services.residents.placed import Placed
from vocabulary.access import require_in_area
from vocabulary.roles import Permission

OPEN, MET, ENDED = "OPEN", "MET", "ENDED"
_ZH = {OPEN: "待满足", MET: "已满足", ENDED: "已终止"}
_EN = {OPEN: "open", MET: "met", ENDED: "ended"}


class WrongNeedState(Refused):
    code = "need.wrong_state"
    en = "The need is {state}; this is possible only while it is {possible}."
    zh = "该需求当前为“{state}”，此操作仅适用于“{possible}”状态。"
    chinese = {"state": _ZH, "possible": _ZH}
    english = {"state": _EN, "possible": _EN}


class NeedKnown(Refused):
    code = "need.known"
    en = "This need of the resident is already recorded. Revise it instead."
    zh = "该居民的此项需求已登记，请直接修改。"


class Facts(NamedTuple):
    """What a need says. `note` is sealed."""

    need: str
    level: int
    since: date
    source: str = ""
    note: str = ""


class Need(Placed):
    """`resident`: whose it is; `recorded_for`: the record for which it was recorded, which may be merged into that one.

    `household`, `area`: where the resident lives; the household is empty while they live nowhere here.

    `note` and `why` are sealed.
    """

    meta: ClassVar[dict[str, Any]] = {"collection": "needs"}
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("codes", "_id"),
        ("resident", "_id"),
        ("recorded_for", "_id"),
        ("household", "state"),
    ]
    #: A resident with a need is nobody's live event.
    visible_to = NOBODY

    area: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    resident: str = StringField(required=True)
    recorded_for: str = StringField(required=True)
    household: str = StringField(default="")
    need: str = StringField(required=True)
    level: int = IntField(required=True)
    since: str = StringField(required=True)
    source: str = StringField(default="")
    note: str = StringField(default="")
    why: str = StringField(default="")
    state: str = StringField(default=OPEN)
    recorded_at: datetime = DateTimeField(required=True)
    recorded_by: str = StringField(required=True)

    @classmethod
    def record(
        cls, by: Principal, key: str, resident: Resident, facts: Facts, known: Collection[str], now: datetime
    ) -> Need:
        """`known`: the classes of the resident's needs that have not ended."""
        require_in_area(by, Permission.KEEP_NEEDS, resident.area)
        resident.require_living_here()
        if facts.need in known:
            raise NeedKnown()
        need = cls(id=cls.identity(by.tenant, key), tenant=by.tenant, need=facts.need, recorded_for=resident.key)
        need.recorded_at, need.recorded_by = now, by.subject
        need._set(facts, now)
        need._lie_with(resident)
        need._tell()
        return need

    def revise(self, by: Principal, facts: Facts, now: datetime) -> None:
        self._require(by, OPEN, MET)
        self._set(facts, now)

    def meet(self, by: Principal, why: str) -> None:
        """What is needed is there now; no visits follow from it while it is."""
        self._require(by, OPEN)
        self._move(MET, why)

    def reopen(self, by: Principal, why: str) -> None:
        self._require(by, MET)
        self._move(OPEN, why)

    def end(self, by: Principal, why: str) -> None:
        """It exists no more, or was recorded by mistake."""
        self._require(by, OPEN, MET)
        self._move(ENDED, why)

    def follow(self, resident: Resident) -> None:
        """The resident moved, left or died, or is another record now (`Resident.merge_into`)."""
        before = (self.resident, self.household, self.area, self.state)
        self._lie_with(resident)
        if resident.state == DECEASED:
            self.state = ENDED
        if before != (self.resident, self.household, self.area, self.state):
            self._tell(before[0], before[1])

    @property
    def facts(self) -> Facts:
        return Facts(self.need, self.level, date.fromisoformat(self.since), self.source, self.note)

    def _set(self, facts: Facts, now: datetime) -> None:
        # One day of grace: it is today somewhere already.
        if (facts.since - now.date()).days > 1:
            raise Invalid(("since", "it lies in the future", "不得晚于今天"))
        self.level, self.since, self.source, self.note = facts.level, facts.since.isoformat(), facts.source, facts.note

    def _lie_with(self, resident: Resident) -> None:
        self.resident = resident.key
        self.area, self.codes = resident.area, codes_of(resident.area)
        self.household = resident.household if resident.state == LIVING_HERE else ""

    def _require(self, by: Principal, *states: str) -> None:
        require_in_area(by, Permission.KEEP_NEEDS, self.area)
        if self.state not in states:
            raise WrongNeedState(state=self.state, possible=list(states))

    def _move(self, state: str, why: str) -> None:
        self.state, self.why = state, why
        self._tell()

    def _tell(self, resident: str = "", household: str = "") -> None:
        """`resident`, `household`: whose it was."""
        residents, households = (self.resident, resident), (self.household, household)
        self.emit(
            NeedChanged(
                id=self.key, residents=_each(residents), households=_each(households), area=self.area,
                state=self.state,
            )
        )  # fmt: skip


def _each(keys: Iterable[str]) -> list[str]:
    return [key for key in dict.fromkeys(keys) if key]
