"""The deadline of a request, by the tenant's settings and its calendar of working days."""

from __future__ import annotations

from datetime import datetime

from chassis.persistence.tenant_data import TenantData
from services.residents.directory.care import section_of, settings_of
from vocabulary.rights_requests import RightsRequests
from vocabulary.working_time import BusinessCalendar, Span


def deadline(data: TenantData) -> datetime:
    """Returns until when a request of this moment must be decided; by the defaults before the tenant's first event."""
    settings = settings_of(data)
    calendar = BusinessCalendar.from_settings(dict(settings.calendar) if settings else {})
    rules = section_of(data, "rights_requests", RightsRequests)
    return calendar.add(data.context.now, Span.parse(rules.answer_within))
