"""Aggregate of an entry of what a resident can give (资源型) or needs (服务型)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from mongoengine import DateTimeField, ListField, StringField

from chassis.envelope import STAFF
from chassis.errors import Invalid
from chassis.security.principal import Principal
from services.residents.categories.events import CategoryChanged
from services.residents.categories.model.entry import ENDED, EXPIRED, IN_FORCE, Entry, Given
from services.residents.categories.model.term import Term
from services.residents.people.model import Resident
from vocabulary.access import require_in_area
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission

_KEEP = Permission.KEEP_CATEGORIES


class CategoryEntry(Entry):
    """`listed`: the divisions under which lists show it, alone and with its kind; empty unless it is in force."""

    meta: ClassVar[dict[str, Any]] = {"collection": "category_entries"}
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("listed", "_id", "review_at"), ("resident", "_id"), ("recorded_for",), ("reviewed_at",),
    ]  # fmt: skip
    visible_to = STAFF

    kind: str = StringField(required=True)
    valid_from: datetime = DateTimeField(required=True)
    listed: list[str] = ListField(StringField())

    @classmethod
    def record(
        cls, by: Principal, key: str, resident: Resident, kind: str, given: Given, valid_from: datetime | None,
        term: Term, now: datetime,
    ) -> CategoryEntry:  # fmt: skip
        require_in_area(by, _KEEP, resident.area)
        since = valid_from or now
        if since > now:
            raise Invalid(("valid_from", "it lies in the future", "不得晚于当前时间"))
        rest = {"kind": kind, "valid_from": since, "state": IN_FORCE}
        entry = cls.about(resident, key, by, given, term, now, rest)
        entry._tell()
        return entry

    def review(self, by: Principal, term: Term, now: datetime) -> None:
        """It still holds: the tenant's retention counts from now."""
        require_in_area(by, _KEEP, self.area)
        self.expire(now)
        self.require(IN_FORCE)
        self.valid_until, self.review_at = term
        self.reviewed_at = now
        self._tell()

    def end(self, by: Principal, why: str) -> None:
        """`why` is sealed."""
        require_in_area(by, _KEEP, self.area)
        self.require(IN_FORCE)
        self.state, self.why = ENDED, why
        self._tell()

    def expire(self, now: datetime) -> None:
        if self.state == IN_FORCE and self.valid_until <= now:
            self.lapse()

    def lapse(self) -> None:
        """Its time is over, or the retention that the tenant has set by now."""
        if self.state == IN_FORCE:
            self.state = EXPIRED
            self._tell()

    def follow(self, resident: Resident) -> None:
        before = self.area, self.state
        super().follow(resident)
        if before != (self.area, self.state):
            self._tell()

    def due_at(self) -> datetime | None:
        return self.valid_until if self.state == IN_FORCE else None

    def seen_by(self, by: Principal) -> bool:
        return may(by, _KEEP, Resource(area=self.area))

    def state_event(self) -> CategoryChanged:
        return CategoryChanged(id=self.key, area=self.area, kind=self.kind, state=self.state)

    def _tell(self) -> None:
        here = self.codes if self.state == IN_FORCE else []
        self.listed = [code + mark for code in here for mark in ("", "/" + self.kind)]
        self.emit(self.state_event())
