"""Lookups for the rules of unusual reading: the tenant's limits, the reader's posts, and where records lie."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.persistence.tenant_data import ALL, TenantData
from services.residents.directory.care import section_of, settings_of
from services.residents.directory.replicas import AssignmentReplica, zone_of
from services.residents.dwellings.model import Dwelling
from services.residents.households.model import Household
from services.residents.needs.model import Need
from services.residents.people.model import Resident
from services.residents.placed import Placed
from services.residents.readings.rules import Judge, Post
from services.residents.visits.model import Visit
from vocabulary.reading import UnusualReading

_OPENED: tuple[type[Placed], ...] = (Resident, Household, Need, Visit, Dwelling)


def limits_of(data: TenantData) -> UnusualReading:
    return section_of(data, "unusual_reading", UnusualReading)


def judge_of(data: TenantData, reader: str) -> Judge:
    return Judge(limits_of(data), zone_of(data), posts_of(data, reader))


def posts_of(data: TenantData, reader: str) -> list[Post]:
    return [
        Post(each.area, each.valid_from, each.valid_until, bool(each.backup_of))
        for each in data.find(AssignmentReplica, {"subject": reader}, limit=ALL)
    ]


def root_of(data: TenantData) -> str:
    """Returns the place of the tenant itself; "" before its first event."""
    settings = settings_of(data)
    return settings.path if settings else ""


def areas_of(data: TenantData, opened: Iterable[str]) -> dict[str, str]:
    """Returns the area of each record, "" for what is no record, or none any more."""
    areas = dict.fromkeys(opened, "")
    for model in _OPENED:
        ids = [model.identity(data.context.tenant, key) for key, area in areas.items() if not area]
        if ids:
            areas |= {row["key"]: row["area"] for row in data.rows(model, {"_id": {"$in": ids}}, ["area"], limit=ALL)}
    return areas
