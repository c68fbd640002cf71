"""Replicas of what others own: settings, places, estates, buildings and posts of org."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, ClassVar, TypedDict
from zoneinfo import ZoneInfo

from mongoengine import BooleanField, DateTimeField, DictField, ListField, StringField

from chassis.persistence.aggregate import Replica
from chassis.persistence.tenant_data import TenantData
from chassis.replicas import Replicated
from chassis.usecases.service import Documents
from chassis.usecases.tenant_cache import TenantCache
from vocabulary import places
from vocabulary.calendars import Calendar


class WorkingTime(TypedDict, total=False):
    """A calendar; dates and times as text."""

    zone: str
    opens: str
    closes: str
    holidays: str
    days_off: list[str]
    working_days: list[str]


class Visited(TypedDict, total=False):
    """A class of needs or a colour of cards."""

    code: str
    zh: str
    en: str
    visit_every: int


class Care(TypedDict, total=False):
    needs: list[Visited]
    colours: list[Visited]
    raise_after: int


class UnusualReading(TypedDict, total=False):
    many: int
    outside: int
    at_night: int
    leaving: int
    day_from: str
    day_until: str
    leaving_days: int
    keep_months: int


class Category(TypedDict, total=False):
    """What residents uses of a category of cases."""

    code: str
    retired: bool


class Features(TypedDict, total=False):
    managed_residents: bool
    managed_residents_statute: str


class Retention(TypedDict, total=False):
    resident_category_months: int


class RightsRequests(TypedDict, total=False):
    answer_within: str


class TenantSettings(Replica):
    """One per tenant, with the tenant as its key."""

    meta: ClassVar[dict[str, Any]] = {"collection": "tenant_settings"}
    sources = ("org.tenant.changed.v1",)
    path: str = StringField()
    calendar: WorkingTime = DictField()
    categories: list[Category] = ListField(DictField())
    # Optional, since an org of an earlier version does not send them.
    care: Care = DictField(default={})
    rights_requests: RightsRequests = DictField(default={})
    unusual_reading: UnusualReading = DictField(default={})
    features: Features = DictField()
    retention: Retention = DictField()


class PlaceReplica(places.Place):
    """`rough_outline`: rings around the place, with a margin; empty without one."""

    meta: ClassVar[dict[str, Any]] = {"collection": "places"}
    rough_outline: list[list[list[float]]] = ListField(default=[])
    indexes: ClassVar[list[tuple[str, ...]]] = [("parent",), ("merged_into",), ("tier", "path")]


class EstateReplica(Replica):
    """A residential estate 小区 with the grids that it lies in."""

    meta: ClassVar[dict[str, Any]] = {"collection": "estates"}
    sources = ("org.estate.changed.v1",)
    name: str = StringField()
    path: str = StringField()
    grids: list[str] = ListField(StringField())


class BuildingReplica(Replica):
    """A building 楼栋 of an estate with the grids that it lies in."""

    meta: ClassVar[dict[str, Any]] = {"collection": "buildings"}
    sources = ("org.building.changed.v1",)
    estate: str = StringField()
    name: str = StringField()
    path: str = StringField()
    grids: list[str] = ListField(StringField())


class AssignmentReplica(Replica):
    """Who holds which post: whom a due visit waits for, and where somebody may well read. `backup_of`: the assignment
    of the colleague for whom they stand in."""

    meta: ClassVar[dict[str, Any]] = {"collection": "assignments"}
    sources = ("org.assignment.changed.v1",)
    indexes: ClassVar[list[tuple[str, ...]]] = [("area",), ("subject",)]
    subject: str = StringField()
    area: str = StringField()
    roles: list[str] = ListField(StringField())
    valid_from: datetime = DateTimeField()
    valid_until: datetime | None = DateTimeField()
    ended: bool = BooleanField(default=False)
    backup_of: str = StringField(default="")


class OrgReplicas(Replicated):
    """Use cases: keeps the replicas up to date."""

    documents: Documents = (TenantSettings, PlaceReplica, EstateReplica, BuildingReplica, AssignmentReplica)


def zone_of(data: TenantData) -> ZoneInfo:
    """Returns the tenant's time zone, cached for a minute."""

    def read() -> ZoneInfo:
        tenant = data.context.tenant
        rows = data.rows(TenantSettings, {"_id": f"{tenant}:{tenant}"}, ["calendar.zone"], limit=1)
        return ZoneInfo((rows[0].get("calendar", {}).get("zone") if rows else None) or Calendar().zone)

    return _zones.of(data, "", read)


def today(data: TenantData) -> date:
    """Returns the day that it is in the city."""
    return data.context.now.astimezone(zone_of(data)).date()


_zones: TenantCache[ZoneInfo] = TenantCache(timedelta(minutes=1))
