"""Versioned limits: a case keeps the limits it was registered under, whatever is set later.

Each change of a tenant's settings is stored under its event sequence. A version names that sequence and the
emergencies that were in force: `12` or `12+E1`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, NamedTuple

import msgspec
from mongoengine import DictField
from prometheus_client import Gauge

from chassis.context import Received
from chassis.entrypoints.consumer import handles
from chassis.errors import NotFound
from chassis.persistence.aggregate import Replica
from chassis.persistence.tenant_data import TenantData
from chassis.replicas import replica_fields
from chassis.usecases.service import Documents, UseCases
from chassis.usecases.tenant_cache import TenantCache
from services.cases.case.model.case import Case
from services.cases.case.model.limits import Limits
from services.cases.directory.replicas import (
    EmergencyReplica,
    Spans,
    TenantSettings,
    WorkingTime,
    emergencies_in_force,
    limits_of,
)
from vocabulary.reasons import Reasons
from vocabulary.working_time import ANNOUNCED_UNTIL

_MOST_CACHED = 500
Gauge(
    "linli_calendar_announced_until", "The last year whose public holidays in China are known here; see decision 0014."
).set(ANNOUNCED_UNTIL)


class KeptLimits(Replica):
    """Replica of limits and calendar after one change of the settings; its key is that event's sequence."""

    meta: ClassVar[dict[str, Any]] = {"collection": "kept_limits"}
    limits: Spans = DictField()
    calendar: WorkingTime = DictField()


class InForce(NamedTuple):
    """The settings that steps need. `categories`: by code; `emergencies`: of all areas.

    `reasons`: the names of each listed reason, by list and code.
    """

    sequence: int
    categories: Mapping[str, Mapping[str, Any]]
    emergencies: list[EmergencyReplica]
    reasons: Mapping[str, Mapping[str, dict[str, str]]]


class LimitVersions(UseCases):
    """Use cases: event handlers that keep the versions."""

    documents: Documents = (KeptLimits,)

    @handles("org.tenant.changed.v1")
    def keep_limits(self, event: Received) -> None:
        fields = replica_fields(KeptLimits, event)
        self.data.of(event).apply_replica(KeptLimits, str(event.envelope.sequence), event, fields)
        _settings.forget(event.tenant)

    @handles("org.emergency.changed.v1")
    def forget_settings(self, event: Received) -> None:
        _settings.forget(event.tenant)


def in_force(data: TenantData) -> InForce:
    """Returns the current settings, cached for a second per tenant: they are long, and every report needs them."""

    def read() -> InForce:
        tenant = data.context.tenant
        rows = data.rows(TenantSettings, {"_id": f"{tenant}:{tenant}"}, ["sequence", "categories", "reasons"], limit=1)
        settings = rows[0] if rows else {}
        categories = {category["code"]: category for category in settings.get("categories", [])}
        reasons = _STANDARD_REASONS | settings.get("reasons", {})
        names = {step: {each["code"]: _names(each) for each in listed} for step, listed in reasons.items()}
        return InForce(settings.get("sequence", 0), categories, emergencies_in_force(data), names)

    return _settings.of(data, "", read)


def _names(reason: Mapping[str, str]) -> dict[str, str]:
    return {"en": reason["en"], "zh-CN": reason["zh"]}


_STANDARD_REASONS: dict[str, Any] = msgspec.to_builtins(Reasons())
_settings: TenantCache[InForce] = TenantCache(timedelta(seconds=1))


def limits_now(data: TenantData, area: str) -> tuple[Limits, str]:
    """Returns the limits for a case reported in the area now, and their version."""
    settings = in_force(data)
    emergencies = [emergency.key for emergency in settings.emergencies if area.startswith(emergency.area)]
    version = "+".join([str(settings.sequence), *emergencies])
    return _cached(data, version) or limits_of(data, area), version


def limits_of_case(data: TenantData, case: Case) -> Limits:
    """Returns the limits the case was registered under; the current ones if that version is not replicated."""
    version = case.limits_version
    return (_cached(data, version) if version else None) or limits_of(data, case.area)


# Versions are immutable, so cached entries never expire.
_cache: OrderedDict[tuple[str, str], Limits] = OrderedDict()


def _cached(data: TenantData, version: str) -> Limits | None:
    name = (data.context.tenant, version)
    if name not in _cache:
        found = _read(data, version)
        if found is None:
            return None
        _cache[name] = found
        if len(_cache) > _MOST_CACHED:
            _cache.popitem(last=False)
    return _cache[name]


def _read(data: TenantData, version: str) -> Limits | None:
    sequence, *emergencies = version.split("+")
    try:
        kept = data.get(KeptLimits, sequence)
        limits = Limits.from_settings({"calendar": dict(kept.calendar), "limits": dict(kept.limits)})
        for emergency in emergencies:
            limits = limits.changed(dict(data.get(EmergencyReplica, emergency).limits))
    except NotFound:
        return None
    return limits
