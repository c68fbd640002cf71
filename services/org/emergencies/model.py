"""Aggregate of emergency mode (平战结合) for the five hazards and two supplies (五防两保).

A centre declares it on a written order, for an area and a period. While it is in force, other limits apply and
another roster is on duty; a timer ends it. The plan for each hazard (tasks by post, households to check, places
to open) belongs to a later issue and will refer to the hazard's code.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

import msgspec
from mongoengine import DateTimeField, DictField, ListField, StringField

from chassis.envelope import ADMINISTRATORS
from chassis.errors import Fault, Forbidden, Invalid, NotFound, Refused, one_of
from chassis.security.principal import Principal
from chassis.usecases.visibility import VisibleToTenant
from services.org.api.emergencies import Declaration, EmergencyStatus
from services.org.api.settings import EmergencyRules, Limits
from services.org.emergencies.events import EmergencyChanged
from services.org.tenants.model.stored_settings import read_stored
from vocabulary.rights import Resource, holds, may
from vocabulary.roles import Permission


class NotCentre(Forbidden):
    code = "emergency.not_centre"
    en = "Only the centre of this area may declare or end an emergency; contact the centre."
    zh = "仅本区域网格中心可以启动或结束应急状态，请联系网格中心。"


class EmergencyEnded(Refused):
    code = "emergency.ended"
    en = "This emergency ended at {ended:time}; declare a new one if it goes on."
    zh = "该应急状态已于{ended:time}结束，如需继续请重新启动。"


class Emergency(VisibleToTenant):
    """A declared emergency, in force from `since` to `until` unless the centre ends it earlier."""

    meta: ClassVar[dict[str, Any]] = {"collection": "emergencies"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("state", "_id")]
    visible_to = ADMINISTRATORS

    hazard: str = StringField(required=True)
    area: str = StringField(required=True)
    order: str = StringField(required=True)
    state: EmergencyStatus = StringField(default="active")
    since: datetime = DateTimeField(required=True)
    until: datetime = DateTimeField(required=True)
    ended: datetime | None = DateTimeField()
    limits: dict[str, Any] = DictField()
    roster: list[str] = ListField(StringField())
    next_due_at: datetime | None = DateTimeField()

    @classmethod
    def declare(
        cls, by: Principal, key: str, declaration: Declaration, rules: EmergencyRules, now: datetime
    ) -> Emergency:
        """Declares an emergency. Raises `NotFound` outside the caller's area, `NotCentre`, `Invalid` (hazard, time)."""
        _require_centre(by, declaration.area)
        _check_declaration(declaration, rules, now)
        emergency = cls(id=cls.identity(by.tenant, key), tenant=by.tenant, since=now)
        for field in ("hazard", "area", "order", "until", "roster"):
            setattr(emergency, field, getattr(declaration, field))
        emergency.limits = msgspec.to_builtins(rules.limits)
        emergency.emit(emergency.state_event())
        return emergency

    def end(self, by: Principal, now: datetime) -> None:
        """Ends it early, on behalf of the centre. Raises `NotFound`, `NotCentre`, `EmergencyEnded`."""
        self.require_centre(by)
        if self.state == "ended":
            raise EmergencyEnded(ended=self.ended)
        self._end(now)

    def require_centre(self, by: Principal) -> None:
        _require_centre(by, self.area)

    def expire(self, now: datetime) -> None:
        """Ends it when its timer fires at `until`; does nothing earlier or a second time."""
        if self.state == "active" and now >= self.until:
            self._end(self.until)

    def due_at(self) -> datetime | None:
        return self.until if self.state == "active" else None

    def event_area(self) -> str:
        return self.area

    def state_event(self) -> EmergencyChanged:
        return EmergencyChanged(
            id=self.key,
            hazard=self.hazard,
            area=self.area,
            state=self.state,
            order=self.order,
            since=self.since,
            until=self.until,
            limits=read_stored(self.limits, Limits),
            roster=list(self.roster),
            ended=self.ended,
        )

    def _end(self, at: datetime) -> None:
        self.state, self.ended = "ended", at
        self.emit(self.state_event())


def require_centres_role(by: Principal) -> None:
    """Raises `NotCentre` for who is no centre at all, before any record is looked up."""
    if not holds(by, Permission.DECLARE_EMERGENCY):
        raise NotCentre


def _require_centre(by: Principal, area: str) -> None:
    require_centres_role(by)
    if not may(by, Permission.DECLARE_EMERGENCY, Resource(area=area)):
        raise NotFound


def _check_declaration(declaration: Declaration, rules: EmergencyRules, now: datetime) -> None:
    faults: list[Fault] = []
    hazards = [hazard.code for hazard in rules.hazards]
    if declaration.hazard not in hazards:
        faults.append(one_of("hazard", hazards))
    if declaration.until.tzinfo is None:
        faults.append(("until", "must have an offset from UTC, such as +08:00", "须带时区，如 +08:00"))
    elif not now < declaration.until <= now + timedelta(days=rules.max_days):
        faults.append(
            (
                "until",
                f"must be after now, and at most {rules.max_days} days ahead",
                f"须晚于当前时间，且不超过 {rules.max_days} 天",
            )
        )
    if faults:
        raise Invalid(*faults)
