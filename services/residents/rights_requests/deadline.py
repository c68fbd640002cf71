"""The deadline of a request, by the tenant's settings and its calendar of working days."""

from __future__ import annotations

from datetime import datetime

import msgspec

from chassis.persistence.tenant_data import TenantData
from services.residents.directory.replicas import TenantSettings
from vocabulary.rights_requests import RightsRequests
from vocabulary.working_time import BusinessCalendar, Span


def deadline(data: TenantData) -> datetime:
    """Returns until when a request of this moment must be decided; by the defaults before the tenant's first event."""
    tenant = data.context.tenant
    rows = data.rows(TenantSettings, {"_id": f"{tenant}:{tenant}"}, ["calendar", "rights_requests"], limit=1)
    settings = rows[0] if rows else {}
    calendar = BusinessCalendar.from_settings(settings.get("calendar") or {})
    rules = msgspec.convert(dict(settings.get("rights_requests") or {}), RightsRequests)
    return calendar.add(data.context.now, Span.parse(rules.answer_within))
