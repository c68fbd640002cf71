"""Replicas of org's records, kept by its events: settings, places, units, lists, whistle table, posts, emergencies."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, ClassVar, Required, TypeAlias, TypedDict
from zoneinfo import ZoneInfo

from mongoengine import BooleanField, DateTimeField, DictField, ListField, StringField

from chassis.errors import NotFound
from chassis.persistence.aggregate import Replica
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.replicas import Replicated
from chassis.usecases.service import Documents
from chassis.usecases.tenant_cache import TenantCache
from services.cases.case.model.limits import Limits
from services.cases.directory.list_entries import Entry
from vocabulary import places
from vocabulary.calendars import Calendar

Spans: TypeAlias = dict[str, str | dict[str, str]]
"""Limits by name, each a single span or one span per priority."""


class WorkingTime(TypedDict, total=False):
    """A calendar; dates and times as text."""

    zone: str
    opens: str
    closes: str
    holidays: str
    days_off: list[str]
    working_days: list[str]


class Category(TypedDict, total=False):
    """The fields of a category that cases use."""

    code: Required[str]
    zh: str
    en: str
    priority: str
    on_site: bool
    personal: bool
    retired: bool


class ListedReason(TypedDict):
    code: str
    zh: str
    en: str


class Absence(TypedDict):
    start: datetime
    end: datetime


class TenantSettings(Replica):
    """One per tenant, with the tenant as its key."""

    meta: ClassVar[dict[str, Any]] = {"collection": "tenant_settings"}
    sources = ("org.tenant.changed.v1",)
    root: str = StringField()
    path: str = StringField()
    limits: Spans = DictField()
    calendar: WorkingTime = DictField()
    categories: list[Category] = ListField(DictField())
    # Optional, since an org of an earlier version does not send it.
    reasons: dict[str, list[ListedReason]] = DictField(default={})


class PlaceReplica(places.Place):
    """`rough_outline`: see `outlines`."""

    meta: ClassVar[dict[str, Any]] = {"collection": "places"}
    rough_outline: list[list[list[float]]] = ListField(default=[])


class UnitReplica(Replica):
    meta: ClassVar[dict[str, Any]] = {"collection": "units"}
    sources = ("org.unit.changed.v1",)
    name: str = StringField()
    kind: str = StringField()
    path: str = StringField()
    active: bool = BooleanField(default=True)


class ListEntryReplica(Replica):
    meta: ClassVar[dict[str, Any]] = {"collection": "list_entries"}
    sources = ("org.list_entry.changed.v1",)
    indexes: ClassVar[list[tuple[str, ...]]] = [("category", "valid_from")]
    kind: str = StringField()
    category: str = StringField()
    tier: str = StringField()
    lead: str = StringField()
    supporting: list[str] = ListField(StringField())
    legal_basis: str = StringField(default="")
    valid_from: datetime = DateTimeField()
    valid_until: datetime | None = DateTimeField()

    @classmethod
    def kept(cls, tenant: str) -> None:
        _entries.forget(tenant)


class WhistleRuleReplica(Replica):
    meta: ClassVar[dict[str, Any]] = {"collection": "whistle_rules"}
    sources = ("org.whistle_rule.changed.v1",)
    indexes: ClassVar[list[tuple[str, ...]]] = [("caller",)]
    caller: str = StringField()
    units: list[str] = ListField(StringField())
    categories: list[str] = ListField(StringField())
    area: str = StringField()
    active: bool = BooleanField(default=True)

    @classmethod
    def kept(cls, tenant: str) -> None:
        _whistle_rules.forget(tenant)


class AssignmentReplica(Replica):
    meta: ClassVar[dict[str, Any]] = {"collection": "assignments"}
    sources = ("org.assignment.changed.v1",)
    indexes: ClassVar[list[tuple[str, ...]]] = [("subject",), ("backup_of",), ("unit",)]
    subject: str = StringField()
    post: str = StringField()
    unit: str = StringField()
    area: str = StringField()
    roles: list[str] = ListField(StringField())
    valid_from: datetime = DateTimeField()
    valid_until: datetime | None = DateTimeField()
    backup_of: str = StringField(default="")
    absences: list[Absence] = ListField(DictField())
    ended: bool = BooleanField(default=False)

    def in_force(self, now: datetime) -> bool:
        return not self.ended and self.valid_from <= now and (self.valid_until is None or now < self.valid_until)


class EmergencyReplica(Replica):
    meta: ClassVar[dict[str, Any]] = {"collection": "emergencies"}
    sources = ("org.emergency.changed.v1",)
    indexes: ClassVar[list[tuple[str, ...]]] = [("state", "until")]
    area: str = StringField()
    state: str = StringField()
    since: datetime = DateTimeField()
    until: datetime = DateTimeField()
    limits: Spans = DictField()


class OrgReplicas(Replicated):
    """Use cases: keeps the replicas up to date."""

    documents: Documents = (
        TenantSettings,
        PlaceReplica,
        UnitReplica,
        ListEntryReplica,
        WhistleRuleReplica,
        AssignmentReplica,
        EmergencyReplica,
    )


def require_city(data: TenantData) -> None:
    """Raises `NotFound` for a tenant that does not exist: callers without a sign-in name the tenant themselves."""
    data.get(TenantSettings, data.context.tenant)


def settings_of(data: TenantData) -> TenantSettings:
    """Returns the tenant's settings; the defaults before its first event has arrived."""
    try:
        return data.get(TenantSettings, data.context.tenant)
    except NotFound:
        return TenantSettings(id=f"{data.context.tenant}:{data.context.tenant}", tenant=data.context.tenant)


def zone_of(data: TenantData) -> ZoneInfo:
    """Returns the tenant's time zone, cached for a minute."""

    def read() -> ZoneInfo:
        tenant = data.context.tenant
        rows = data.rows(TenantSettings, {"_id": f"{tenant}:{tenant}"}, ["calendar.zone"], limit=1)
        return ZoneInfo((rows[0].get("calendar", {}).get("zone") if rows else None) or Calendar().zone)

    return _zones.of(data, "", read)


_zones: TenantCache[ZoneInfo] = TenantCache(timedelta(minutes=1))


def limits_of(data: TenantData, area: str = "") -> Limits:
    """Returns the tenant's current limits, with those of emergencies in force over `area` applied on top."""
    settings = settings_of(data)
    limits = Limits.from_settings({"calendar": dict(settings.calendar), "limits": dict(settings.limits)})
    for emergency in emergencies_in_force(data, area) if area else []:
        limits = limits.changed(dict(emergency.limits))
    return limits


def emergencies_in_force(data: TenantData, area: str = "") -> list[EmergencyReplica]:
    """Returns the emergencies in force over `area`, or over any area."""
    now = data.context.now
    declared = data.find(EmergencyReplica, {"state": "active", "until": {"$gt": now}}, [("until", 1)], ALL)
    since = [emergency for emergency in declared if emergency.since <= now]
    return [emergency for emergency in since if not area or area.startswith(emergency.area)]


def entries_for(data: TenantData, *categories: str) -> list[Entry]:
    """Returns all list entries for these categories, in force or not; cached for a second."""
    return _entries.of(data, " ".join(categories), lambda: _read_entries(data, categories))


_entries: TenantCache[list[Entry]] = TenantCache(timedelta(seconds=1))


def whistle_rules_for(data: TenantData, callers: Collection[str]) -> list[WhistleRuleReplica]:
    """Returns the rows of the whistle table for these roles, of all areas; cached for a second."""
    where = {"caller": {"$in": sorted(callers)}, "active": {"$ne": False}}
    return _whistle_rules.of(data, " ".join(sorted(callers)), lambda: data.find(WhistleRuleReplica, where, limit=ALL))


_whistle_rules: TenantCache[list[WhistleRuleReplica]] = TenantCache(timedelta(seconds=1))


def _read_entries(data: TenantData, categories: tuple[str, ...]) -> list[Entry]:
    found = data.find(ListEntryReplica, {"category": {"$in": categories}}, [("valid_from", 1)], ALL)
    return [
        Entry(
            id=replica.key,
            kind=replica.kind,
            category=replica.category,
            tier=replica.tier,
            lead=replica.lead,
            supporting=tuple(replica.supporting),
            legal_basis=replica.legal_basis,
            valid_from=replica.valid_from,
            valid_until=replica.valid_until,
        )
        for replica in found
    ]
