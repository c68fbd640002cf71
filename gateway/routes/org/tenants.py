"""Routes of tenants."""

from __future__ import annotations

from gateway.api.table import ADMIN, ANYBODY, RouteBuilder
from services.org.api import settings
from services.org.api import tenants as api

org = RouteBuilder("org", answer=api.ShownTenant)

OPERATIONS = [
    org.reads("/v1/tenant", "get_tenant", "Get the city and its settings", ANYBODY),
    org.sets("/v1/tenant/settings", "change_settings", "Change the settings of the city", ADMIN, settings.Settings),
    org.creates(
        "/v1/tenant",
        "open_tenant",
        "Open the city that the token names",
        "the operator",
        api.TenantOpening,
        batched=False,
    ),
]
