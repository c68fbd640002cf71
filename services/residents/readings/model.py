"""Aggregate of an alert of unusual reading: one for each reader, rule and day, which counts on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from mongoengine import DateTimeField, EmbeddedDocumentListField, IntField, ListField, StringField

from chassis.envelope import SUPERVISORS, Event, Visibility
from chassis.errors import Refused
from chassis.ids import derived
from chassis.persistence.aggregate import Embedded
from chassis.security.principal import Principal, codes_of, path_of
from chassis.usecases.visibility import Visible
from services.residents.readings.events import ReadingAlertChanged
from vocabulary.reading import MOST_RECORDS, ReadingRule
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission

#: Below the threshold: nobody sees it.
COUNTING = "COUNTING"
OPEN, EXPLAINED, CONFIRMED, DISMISSED = "OPEN", "EXPLAINED", "CONFIRMED", "DISMISSED"
WAITING, DECIDED = (OPEN, EXPLAINED), (CONFIRMED, DISMISSED)
_MOST_AREAS = 50
_ZH = {OPEN: "待核查", EXPLAINED: "已说明", CONFIRMED: "已确认", DISMISSED: "已排除"}
_EN = {OPEN: "open", EXPLAINED: "explained", CONFIRMED: "confirmed", DISMISSED: "dismissed"}


class WrongAlertState(Refused):
    code = "reading_alert.wrong_state"
    en = "The alert is {state}; this is possible only while it is {possible}."
    zh = "该提醒当前为“{state}”，此操作仅适用于“{possible}”状态。"
    chinese = {"state": _ZH, "possible": _ZH}
    english = {"state": _EN, "possible": _EN}


class Position(Embedded):
    """The last entry of a writer's chain that is counted: one that comes again counts once."""

    writer: str = StringField(required=True)
    number: int = IntField(required=True)


class Step(Embedded):
    """`note` is sealed."""

    state: str = StringField(required=True)
    by: str = StringField(required=True)
    at: datetime = DateTimeField(required=True)
    note: str = StringField(required=True)


class ReadingAlert(Visible):
    """`day`: of the city; `area`: where the reader works, or the first record lies; `listed`: every place from the root
    down to an area that it is about, empty before it is raised.

    `records`: at most `MOST_RECORDS` ids; `different`: how many records, with those beyond; `decided`: how many of them
    the last decision was about; `readings`: entries of the audit log.
    """

    meta: ClassVar[dict[str, Any]] = {"collection": "reading_alerts"}
    has_natural_key = True
    indexes: ClassVar[list[tuple[str, ...]]] = [("listed", "-raised_at", "-_id"), ("state", "day")]

    reader: str = StringField(required=True)
    rule: str = StringField(required=True)
    day: str = StringField(required=True)
    state: str = StringField(default=COUNTING)
    area: str = StringField(default="")
    areas: list[str] = ListField(StringField())
    listed: list[str] = ListField(StringField())
    records: list[str] = ListField(StringField())
    different: int = IntField(default=0)
    decided: int = IntField(default=0)
    readings: int = IntField(default=0)
    counted: list[Position] = EmbeddedDocumentListField(Position)
    raised_at: datetime | None = DateTimeField()
    steps: list[Step] = EmbeddedDocumentListField(Step)

    @classmethod
    def of(cls, tenant: str, reader: str, rule: ReadingRule, day: str) -> ReadingAlert:
        """Returns one that has counted nothing yet."""
        key = derived("reading_alert", tenant, reader, rule, day)
        return cls(id=cls.identity(tenant, key), tenant=tenant, reader=reader, rule=str(rule), day=day)

    def count(
        self, writer: str, unusual: Mapping[int, Mapping[str, str]], areas: Iterable[str], threshold: int, now: datetime
    ) -> None:
        """Counts entries of one writer's chain. `unusual`: their records with the areas, by the entries' numbers, in
        order; `areas`: where the reader works, then the tenant's own for records that are gone."""
        position = self._position_of(writer)
        new = {number: records for number, records in unusual.items() if number > position.number}
        if not new:
            return
        position.number = max(new)
        self.readings += len(new)
        found = {key: area for records in new.values() for key, area in records.items()}
        unknown = [key for key in found if key not in self.records]
        self.different += len(unknown)
        self.records = [*self.records, *unknown][:MOST_RECORDS]
        self._lie_in([*areas, *found.values()])
        if self.state not in WAITING and self.different - self.decided >= threshold:
            self._raise(now)
        elif self.state != COUNTING:
            self._list()

    def explain(self, by: Principal, note: str, now: datetime) -> None:
        """Somebody gave a reason, which is still to be weighed. `note` is sealed, here and below."""
        self._step(EXPLAINED, by, note, now, OPEN)

    def confirm(self, by: Principal, note: str, now: datetime) -> None:
        """The reading had no good reason."""
        self._step(CONFIRMED, by, note, now, *WAITING)

    def dismiss(self, by: Principal, note: str, now: datetime) -> None:
        """The reading was in order. As many more on that day raise it again."""
        self._step(DISMISSED, by, note, now, *WAITING)

    def seen_by(self, by: Principal) -> bool:
        """Nobody sees an alert about themselves, in whatever role they ask."""
        about = Resource(area=self.area, spans=self.areas)
        return self.state != COUNTING and by.subject != self.reader and may(by, Permission.FOLLOW_UP_READING, about)

    def event_area(self) -> str:
        return self.area

    def event_visibility(self, event: Event) -> Visibility:
        return msgspec.structs.replace(SUPERVISORS, hidden_from=self.reader)

    def _position_of(self, writer: str) -> Position:
        for position in self.counted:
            if position.writer == writer:
                return position
        self.counted.append(Position(writer=writer, number=0))
        return self.counted[-1]

    def _lie_in(self, areas: Iterable[str]) -> None:
        self.areas = [*dict.fromkeys([*self.areas, *filter(None, areas)])][:_MOST_AREAS]
        self.area = self.area or next(iter(self.areas), "")

    def _raise(self, now: datetime) -> None:
        self.state, self.raised_at = OPEN, now
        self._list()
        self._tell()

    def _list(self) -> None:
        self.listed = sorted({place for area in self.areas for place in _places(area)})

    def _step(self, state: str, by: Principal, note: str, now: datetime, *possible: str) -> None:
        if self.state not in possible:
            raise WrongAlertState(state=self.state, possible=list(possible))
        self.steps.append(Step(state=state, by=by.subject, at=now, note=note))
        self.state, self.decided = state, self.different
        self._tell()

    def _tell(self) -> None:
        self.emit(ReadingAlertChanged(id=self.key, reader=self.reader, rule=self.rule, state=self.state))


def _places(area: str) -> Iterator[str]:
    codes = codes_of(area)
    yield from (path_of(*codes[:depth]) for depth in range(1, len(codes) + 1))
